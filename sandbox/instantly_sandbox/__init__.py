"""A double of the Instantly API: in the process or on a port, without mail, costs or consequences."""

from .clock import Clock
from .faults import Fault, Faults
from .sandbox import Sandbox
from .service import Recorded

__all__ = ["Clock", "Fault", "Faults", "Recorded", "Sandbox"]
