"""The library's logger: silent until the application configures it.

At DEBUG it logs the method, the path template, the status, the seconds and the request id of each attempt; never
bodies, the values in a path, or the key. (The HTTP library logs the whole URL on a logger of its own, `httpx`.)
"""

from __future__ import annotations

import logging

logger = logging.getLogger("instantly_client")
logger.addHandler(logging.NullHandler())
