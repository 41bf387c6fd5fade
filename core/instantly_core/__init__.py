"""The engine of the client: HTTP, retries, limits, pages, errors, decoding. It knows no operation of the API."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from . import errors as errors
    from .call.client import AsyncClient as AsyncClient
    from .call.client import SyncClient as SyncClient
    from .call.dry_run import DryRun as DryRun
    from .call.events import CallEnd as CallEnd
    from .call.events import Event as Event
    from .call.operation import FailureWhen as FailureWhen
    from .call.operation import Operation as Operation
    from .call.operation import Paging as Paging
    from .call.operation import as_bytes as as_bytes
    from .call.operation import as_text as as_text
    from .call.page import AsyncPage as AsyncPage
    from .call.page import Page as Page
    from .call.raw import RawResponse as RawResponse
    from .call.resource import AsyncResource as AsyncResource
    from .call.resource import Resource as Resource
    from .call.streamed import StreamedResponse as StreamedResponse
    from .error_tree import InstantlyError as InstantlyError
    from .helpers.bulk_add import BulkAddProgress as BulkAddProgress
    from .helpers.bulk_result import BulkAddResult as BulkAddResult
    from .helpers.many_verifications import VerifiedAddress as VerifiedAddress
    from .helpers.obstacles import Obstacle as Obstacle
    from .helpers.progress import progress_bar as progress_bar
    from .helpers.row_import import ImportedRow as ImportedRow
    from .helpers.row_import import ImportReport as ImportReport
    from .helpers.workspaces import SubWorkspace as SubWorkspace
    from .models.changes import changes as changes
    from .models.decode import Drift as Drift
    from .models.decode import Flag as Flag
    from .models.drift import DriftEvent as DriftEvent
    from .models.encode import jsonable as jsonable
    from .models.enumeration import IntEnumeration as IntEnumeration
    from .models.enumeration import StrEnumeration as StrEnumeration
    from .models.mapping import OpenModel as OpenModel
    from .models.model import Model as Model
    from .models.unset import UNSET as UNSET
    from .models.unset import Unset as Unset
    from .ratelimit.fallback import Fallback as Fallback
    from .ratelimit.limits import Canceller as Canceller
    from .ratelimit.limits import Limiter as Limiter
    from .ratelimit.limits import LocalLimiter as LocalLimiter
    from .ratelimit.limits import Watcher as Watcher
    from .ratelimit.redis_limiter import RedisLimiter as RedisLimiter
    from .ratelimit.window import Limit as Limit
else:
    from .lazy import lazy_exports

    __getattr__, __dir__ = lazy_exports(
        __name__,
        {
            "UNSET": ".models.unset",
            "AsyncClient": ".call.client",
            "AsyncPage": ".call.page",
            "AsyncResource": ".call.resource",
            "BulkAddProgress": ".helpers.bulk_add",
            "BulkAddResult": ".helpers.bulk_result",
            "CallEnd": ".call.events",
            "Canceller": ".ratelimit.limits",
            "Drift": ".models.decode",
            "DriftEvent": ".models.drift",
            "DryRun": ".call.dry_run",
            "Event": ".call.events",
            "FailureWhen": ".call.operation",
            "Fallback": ".ratelimit.fallback",
            "Flag": ".models.decode",
            "ImportReport": ".helpers.row_import",
            "ImportedRow": ".helpers.row_import",
            "InstantlyError": ".error_tree",
            "IntEnumeration": ".models.enumeration",
            "Limit": ".ratelimit.window",
            "Limiter": ".ratelimit.limits",
            "LocalLimiter": ".ratelimit.limits",
            "Model": ".models.model",
            "Obstacle": ".helpers.obstacles",
            "OpenModel": ".models.mapping",
            "Operation": ".call.operation",
            "Page": ".call.page",
            "Paging": ".call.operation",
            "RawResponse": ".call.raw",
            "RedisLimiter": ".ratelimit.redis_limiter",
            "Resource": ".call.resource",
            "StrEnumeration": ".models.enumeration",
            "StreamedResponse": ".call.streamed",
            "SubWorkspace": ".helpers.workspaces",
            "SyncClient": ".call.client",
            "Unset": ".models.unset",
            "VerifiedAddress": ".helpers.many_verifications",
            "Watcher": ".ratelimit.limits",
            "as_bytes": ".call.operation",
            "as_text": ".call.operation",
            "changes": ".models.changes",
            "errors": ".errors",
            "jsonable": ".models.encode",
            "progress_bar": ".helpers.progress",
        },
    )

__all__ = [
    "UNSET",
    "AsyncClient",
    "AsyncPage",
    "AsyncResource",
    "BulkAddProgress",
    "BulkAddResult",
    "CallEnd",
    "Canceller",
    "Drift",
    "DriftEvent",
    "DryRun",
    "Event",
    "FailureWhen",
    "Fallback",
    "Flag",
    "ImportReport",
    "ImportedRow",
    "InstantlyError",
    "IntEnumeration",
    "Limit",
    "Limiter",
    "LocalLimiter",
    "Model",
    "Obstacle",
    "OpenModel",
    "Operation",
    "Page",
    "Paging",
    "RawResponse",
    "RedisLimiter",
    "Resource",
    "StrEnumeration",
    "StreamedResponse",
    "SubWorkspace",
    "SyncClient",
    "Unset",
    "VerifiedAddress",
    "Watcher",
    "as_bytes",
    "as_text",
    "changes",
    "errors",
    "jsonable",
    "progress_bar",
]
