"""The library's logger: silent until the application configures it.

At DEBUG it logs the method, the path template, the status, the seconds and the request id of each attempt; never
bodies, the values in a path, or the key. A long wait is a line at INFO, a very long one at WARNING.
"""

from __future__ import annotations

import logging

logger = logging.getLogger("instantly_client")
logger.addHandler(logging.NullHandler())

# At INFO the HTTP library logs the whole URL of each request, with the addresses of people that some contain.
_http_logger = logging.getLogger("httpx")
if _http_logger.level == logging.NOTSET:
    _http_logger.setLevel(logging.WARNING)
