"""The engine of the client: HTTP, retries, limits, pages, errors, decoding. It knows no operation of the API."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import errors as errors
    from .client import AsyncClient as AsyncClient
    from .client import SyncClient as SyncClient
    from .decode import Drift as Drift
    from .drift import DriftEvent as DriftEvent
    from .events import Event as Event
    from .helpers.bulk_add import BulkAddProgress as BulkAddProgress
    from .helpers.bulk_result import BulkAddResult as BulkAddResult
    from .limits import Limit as Limit
    from .limits import Limiter as Limiter
    from .limits import LocalLimiter as LocalLimiter
    from .limits import Watcher as Watcher
    from .model import IntEnumeration as IntEnumeration
    from .model import Model as Model
    from .model import StrEnumeration as StrEnumeration
    from .operation import FailureWhen as FailureWhen
    from .operation import Operation as Operation
    from .operation import text as text
    from .page import AsyncPage as AsyncPage
    from .page import Page as Page
    from .raw import RawResponse as RawResponse
    from .redis_limiter import RedisLimiter as RedisLimiter
    from .resource import AsyncResource as AsyncResource
    from .resource import Resource as Resource
    from .unset import UNSET as UNSET
    from .unset import Unset as Unset
else:
    from .lazy import lazy_exports

    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "UNSET": ".unset",
            "AsyncClient": ".client",
            "AsyncPage": ".page",
            "AsyncResource": ".resource",
            "BulkAddProgress": ".helpers.bulk_add",
            "BulkAddResult": ".helpers.bulk_result",
            "Drift": ".decode",
            "DriftEvent": ".drift",
            "Event": ".events",
            "FailureWhen": ".operation",
            "IntEnumeration": ".model",
            "Limit": ".limits",
            "Limiter": ".limits",
            "LocalLimiter": ".limits",
            "Model": ".model",
            "Operation": ".operation",
            "Page": ".page",
            "RawResponse": ".raw",
            "RedisLimiter": ".redis_limiter",
            "Resource": ".resource",
            "StrEnumeration": ".model",
            "SyncClient": ".client",
            "Unset": ".unset",
            "Watcher": ".limits",
            "errors": ".errors",
            "text": ".operation",
        },
    )

__all__ = [
    "UNSET",
    "AsyncClient",
    "AsyncPage",
    "AsyncResource",
    "BulkAddProgress",
    "BulkAddResult",
    "Drift",
    "DriftEvent",
    "Event",
    "FailureWhen",
    "IntEnumeration",
    "Limit",
    "Limiter",
    "LocalLimiter",
    "Model",
    "Operation",
    "Page",
    "RawResponse",
    "RedisLimiter",
    "Resource",
    "StrEnumeration",
    "SyncClient",
    "Unset",
    "Watcher",
    "errors",
    "text",
]
