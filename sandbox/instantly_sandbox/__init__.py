"""Sandbox: a double of the Instantly API, in this process or on a port. It sends no mail and costs nothing."""

try:
    import h11  # noqa: F401
    import jsonschema_rs  # noqa: F401
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        f"the sandbox needs {error.name}, which is not installed: pip install 'instantly-client[sandbox]'",
        name=error.name,
    ) from None

from .engine.faults import Fault, Faults
from .engine.model_samples import sample
from .engine.service import Recorded
from .sandbox import Sandbox
from .state.clock import Clock

__all__ = ["Clock", "Fault", "Faults", "Recorded", "Sandbox", "sample"]
