"""Runtime of a sandbox: the parts that the service, request contexts and the simulation share."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from threading import RLock

from ..state.clock import Clock, timestamp
from ..state.identity import following_uuid7, object_id
from ..state.workspaces import State
from .deliveries import Deliveries
from .document import Document
from .faults import Faults


class Runtime:
    """Document, clock, randomness and state of a sandbox.

    Args:
        document: decides what is valid and what is answered.
        clock: gives the time.
        seed: decides every random choice.

    Attributes:
        random: makes the random choices.
        faults: failures that wait for requests.
        deliveries: events on their way to webhooks.
        state: workspaces and keys.
        deliver_to: the names of hosts that events go to, apart from loopback addresses.
        lock: held while anything of these changes.
    """

    def __init__(self, document: Document, clock: Clock, seed: int) -> None:
        self.document = document
        self.clock = clock
        self.seed = seed
        self.random = Random()
        self.faults = Faults(Random(), document.operations)
        self.deliveries = Deliveries()
        self.deliver_to: frozenset[str] = frozenset()
        self.lock = RLock()
        self.reset()

    def reset(self) -> None:
        """Forget the state and all faults, and start the random choices again from the seed."""
        self.random.seed(self.seed)
        self.faults.clear()
        self.faults.random.seed(f"faults {self.seed}")
        self.state = State()

    def stamp(self) -> str:
        """The time as a timestamp that no other object has, so that lists sorted by it keep their order."""
        self.state.stamped = max(self.clock.time(), self.state.stamped + 0.001)
        return timestamp(datetime.fromtimestamp(self.state.stamped, UTC))

    def new_id(self, seconds: float) -> str:
        """A new UUID of a time; of one time, UUIDs sort as they were made."""
        id, self.state.last_id = following_uuid7(seconds, self.state.last_id, self.random)
        return id

    def new_job_id(self, seconds: float) -> str:
        """A new id of 24 hexadecimal digits."""
        self.state.last_job += 1
        return object_id(seconds, self.seed, self.state.last_job)
