"""The clocks by which calls wait and give up.

Libraries that stop the clock for tests replace the functions of the module `time` wherever they find them.
By a clock that is stopped a wait would never end.
"""

from __future__ import annotations

from importlib.machinery import BuiltinImporter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from time import monotonic as monotonic
    from time import perf_counter as perf_counter
else:
    # Functions of its own, which are right even if this is imported while the clock is stopped.
    _time = BuiltinImporter.create_module(BuiltinImporter.find_spec("time"))
    monotonic, perf_counter = _time.monotonic, _time.perf_counter
