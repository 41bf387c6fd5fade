"""The common base of both clients: settings, requests and answers. The subclasses send."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import IO, TYPE_CHECKING, Any, ClassVar, Generic, Literal, NoReturn, Self, TypeVar, cast

from ..error_tree import ConfigurationError, DecodeError, OperationFailedError
from ..http import library as http
from ..http.codec import loads
from ..http.environment import check_certificates, proxy_for
from ..http.exchange import DEFAULT_MAX_RESPONSE_BYTES, Answer
from ..models.decode import Decoder, Drift, Nullable
from ..models.drift import DriftEvent, DriftLog
from ..models.encode import plain_text, query_string
from ..models.unset import UNSET, Unset
from ..ratelimit.limits import Limiter, Watcher, limiter_of, watcher_of
from ..version import __version__
from .arguments import explained
from .body import encoded, json_body
from .events import Event
from .failure import body_of, drift_error, request_id, summarise
from .observers import Observers
from .operation import JSON, Operation, as_bytes, as_text, by_request
from .options import (
    DEFAULT_DEADLINE,
    DEFAULT_MAX_RETRIES,
    WORKSPACE_HEADER,
    Options,
    checked_base_url,
    checked_client,
    checked_headers,
    checked_key,
    checked_kind,
    dry_run_of_environment,
    first_headers,
    header_value,
    hiding_key,
    is_loopback,
    refuse_async_hooks,
    timeout_of,
)
from .page import PageData, PageRequest, decode_page
from .raw import RawResponse
from .retry import is_safe

if TYPE_CHECKING:
    from ..clock import Clock
    from .routes import Routes
    from .streamed import StreamedResponse

T = TypeVar("T")
HTTPClient = TypeVar("HTTPClient", bound=http.Client | http.AsyncClient)
Transport = TypeVar("Transport", bound=http.BaseTransport | http.AsyncBaseTransport)

_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_NO_CONTENT = 204


_KNOWN_PATH = re.compile(r"/api/v2/[a-z-]+")


class BaseClient(Generic[HTTPClient, Transport]):
    """The settings and views of a client, the requests that it builds, and the answers that it decodes."""

    #: The name and version of the package, for the service.
    user_agent: ClassVar[str] = f"instantly-client/{__version__}"

    _http_client_class: ClassVar[type[Any]]
    _transport_class: ClassVar[type[Any]]
    _transports: ClassVar[tuple[str, ...]] = ()
    _awaits_hooks: ClassVar[bool]

    _pool: Any
    _owns_connections = True
    _raw = False
    _streams = False

    @hiding_key
    @explained
    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | Unset = UNSET,
        timeout: float | http.Timeout | Unset = UNSET,
        max_retries: int = DEFAULT_MAX_RETRIES,
        deadline: float = DEFAULT_DEADLINE,
        max_response_bytes: int = DEFAULT_MAX_RESPONSE_BYTES,
        retry_writes: bool = False,
        limiter: Limiter | Unset | None = UNSET,
        http_client: HTTPClient | None = None,
        transport: Transport | Literal["aiohttp"] | None = None,
        default_headers: Mapping[str, str] | None = None,
        on_drift: Callable[[DriftEvent], None] | None = None,
        on_event: Callable[[Event], None] | None = None,
        strict: bool = False,
        dry_run: bool | Unset = UNSET,
        allow_http: bool = False,
    ) -> None:
        """Make a client.

        Args:
            api_key: the key; by default that in the environment variable INSTANTLY_API_KEY.
            base_url: the URL of the API; by default that in the environment variable INSTANTLY_BASE_URL, or that of the
                service.
            timeout: seconds for each attempt, 60 by default, of which at most 5 are for the connection; or a Timeout of
                the HTTP library. By default that of `http_client`, if that has another than the library gives it.
            max_retries: the number of attempts that may follow a failed one, if it is safe to try again.
            deadline: seconds that a call may take with all its attempts and waits, up to the last byte of the answer.
            max_response_bytes: the size of the largest answer that is read, both as it arrives and unpacked; a
                DecodeError beyond. `with_streaming_response` has no such limit.
            retry_writes: whether writes are tried again too when it is unclear whether they were carried out. They may
                then be carried out more than once.
            limiter: keeps the rate limits. By default all clients of the key share one in this process; None keeps no
                limits.
            http_client: the httpx.Client that sends, for proxies and certificates; an httpx.AsyncClient for an async
                client. Its headers, params, cookies, event hooks and auth apply, too; an auth that writes the header
                Authorization replaces the key. It has no base_url. This client never closes it.
            transport: the httpx.BaseTransport that sends; an httpx.AsyncBaseTransport for an async client. This client
                never closes it. "aiohttp" lets an async client send by aiohttp, which takes less work; it needs the
                extra of that name.
            default_headers: headers of every request.
            on_drift: called once for each place where an answer deviates from the API's description.
            on_event: called before and after each attempt, and before each wait. Whatever it raises is logged and
                ignored, as for `on_drift`. An async client awaits them where they are `async def`.
            strict: whether an answer that deviates from the API's description raises a DriftError.
            dry_run: whether writes are built, checked and logged, and raise `DryRun` instead of being sent; reads are
                sent. By default what the environment variable INSTANTLY_DRY_RUN says, and False without it.
            allow_http: whether `base_url` may begin with http://, which sends the key for all to read. This machine may
                be reached so in any case, and never through a proxy.

        Raises:
            ConfigurationError: there is no key, or a setting is invalid.
        """
        checked_kind("http_client", http_client, self._http_client_class)
        if transport not in self._transports:
            checked_kind("transport", transport, self._transport_class)
        if http_client is not None and transport is not None:
            raise ConfigurationError("Give http_client or transport, not both: a client brings its own transport")
        if http_client is not None:
            checked_client(http_client)
            timeout = timeout_of(http_client) if isinstance(timeout, Unset) else timeout
        options = Options(
            secret=checked_key(api_key),
            base_url=checked_base_url(base_url, allow_http),
            timeout=timeout,
            max_retries=max_retries,
            deadline=deadline,
            max_response_bytes=max_response_bytes,
            retry_writes=retry_writes,
            limiter=limiter,
            headers={} if default_headers is None else default_headers,
            workspace=None,
            on_drift=on_drift,
            on_event=on_event,
            strict=strict,
            dry_run=dry_run_of_environment() if isinstance(dry_run, Unset) else dry_run,
        )
        proxy = None
        if http_client is None and (transport is None or transport in self._transports):
            url = http.URL(options.base_url)
            named = proxy_for(url)
            proxy = None if is_loopback(url.host) else named
            check_certificates()
        self._given_client = http_client
        self._client_headers = http.standard_headers() if http_client is None else http_client.headers
        self._drift_log = DriftLog()
        self._observers = Observers()
        self._address = http.addressing(options.base_url)
        self._configure(options)
        self._pool = self._make_pool(http_client, transport, proxy)

    def _make_pool(self, *settings: Any) -> Any:
        raise NotImplementedError

    def _configure(self, options: Options) -> None:
        if not self._awaits_hooks:
            refuse_async_hooks(options)
        self._options = options
        limiter = options.limiter
        self._limiter: Limiter | None = limiter_of(options.secret) if isinstance(limiter, Unset) else limiter
        self._watcher: Watcher | None = watcher_of(self._limiter)
        self._timeouts = options.timeouts(None)
        agent = f"{self.user_agent} python/{sys.version_info.major}.{sys.version_info.minor}"
        # Merged once, not for each request. The service refuses a content type without a body.
        self._bare_headers = first_headers(options, self._client_headers, agent)
        self._empty_headers = http.Headers([*self._bare_headers.raw, (b"content-length", b"0")])
        self._json_headers = http.Headers([*self._bare_headers.raw, (b"content-type", b"application/json")])

    @cached_property
    def _clock(self) -> Clock:
        # Clients of the sandbox have another clock.
        from ..clock import CLOCK

        return CLOCK

    @explained
    def with_options(
        self,
        *,
        timeout: float | http.Timeout | Unset = UNSET,
        max_retries: int | Unset = UNSET,
        deadline: float | Unset = UNSET,
        max_response_bytes: int | Unset = UNSET,
        retry_writes: bool | Unset = UNSET,
        limiter: Limiter | Unset | None = UNSET,
        default_headers: Mapping[str, str] | Unset = UNSET,
        on_drift: Callable[[DriftEvent], None] | Unset | None = UNSET,
        on_event: Callable[[Event], None] | Unset | None = UNSET,
        strict: bool | Unset = UNSET,
        dry_run: bool | Unset = UNSET,
    ) -> Self:
        """Return this client with other settings, on the same connections; it costs less than a call.

        The arguments are those of the class; `default_headers` are added to the present ones. Closing the
        result closes nothing: the connections belong to the client that was made first.

        Raises:
            ConfigurationError: a setting is invalid.
        """
        changes: dict[str, Any] = {
            "timeout": timeout,
            "max_retries": max_retries,
            "deadline": deadline,
            "max_response_bytes": max_response_bytes,
            "retry_writes": retry_writes,
            "limiter": limiter,
            "headers": {**self._options.headers, **checked_headers(default_headers or {}, "default_headers")},
            "on_drift": on_drift,
            "on_event": on_event,
            "strict": strict,
            "dry_run": dry_run,
        }
        view = self._view()
        view._configure(self._options.replace(**{key: value for key, value in changes.items() if value is not UNSET}))
        return view

    @explained
    def for_workspace(self, workspace_id: str, /) -> Self:
        """Return this client acting for a sub-workspace, which takes the key of an admin workspace.

        It wins over a default header that says otherwise. The rate limits of the key stay shared; pass another limiter
        to `with_options` to count separately.

        Raises:
            ConfigurationError: the id is not a str, or empty.
        """
        if not workspace_id:
            raise ConfigurationError("workspace_id must name a workspace")
        view = self._view()
        view._configure(self._options.replace(workspace=header_value(WORKSPACE_HEADER, workspace_id)))
        return view

    def _view(self) -> Self:
        view = object.__new__(type(self))
        # Private attributes are the engine's; the others are cached resources, which refer to their client.
        view.__dict__.update({name: value for name, value in self.__dict__.items() if name.startswith("_")})
        view._owns_connections = False
        return view

    @property
    def with_raw_response(self) -> Any:
        """This client with methods that return a `RawResponse` of their result."""
        return self._raw_view()

    @property
    def with_streaming_response(self) -> Any:
        """This client with methods that return a `StreamedResponse`, for answers that are too large for memory.

        The answer is kept in a temporary file, whole, before the method returns; `max_response_bytes` does not apply.
        """
        view = self._view()
        view._streams = True
        return view

    def _streamed_response(self, file: IO[bytes], answer: Answer) -> StreamedResponse:
        from .streamed import StreamedResponse

        return StreamedResponse(
            file,
            status_code=answer.status_code,
            headers=answer.headers,
            request_id=request_id(answer, self._options.secret),
        )

    def _raw_view(self) -> Self:
        """Return this client with `call`, `page` and `request` that return a `RawResponse` of their result."""
        view = self._view()
        view._raw = True
        return view

    def __repr__(self) -> str:
        options: Options | None = vars(self).get("_options")
        if options is None:  # In a traceback of the constructor.
            return f"<{type(self).__name__}>"
        timeout = self._timeouts["read"]
        shown = [options.base_url, f"timeout={timeout:g}", f"max_retries={options.max_retries}"]
        shown += [f"workspace={options.workspace}"] if options.workspace else []
        shown += ["dry_run=True"] if options.dry_run else []
        return f"<{type(self).__name__} {' '.join(shown)}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("A client has a key and connections: make one where it is used instead of copying it")

    @staticmethod
    def _routes() -> Routes | None:
        """Return all operations of the API; the engine knows none."""
        return None

    def _known(self, method: str, url: http.URL) -> Operation[Any] | None:
        """Return the operation of the API that a request by method and path is."""
        routes = self._routes()
        if routes is None:
            return None
        prefix = http.URL(self._options.base_url).raw_path.decode().rstrip("/")
        return routes.find(method, url.raw_path.decode().partition("?")[0].removeprefix(prefix))

    def _unnamed(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any] | None,
        headers: Mapping[str, str] | None,
        safe: bool,
    ) -> tuple[Operation[Any], str]:
        """Return an operation for a request by method and path, and its target; check the arguments for it."""
        checked_headers(headers or {})
        for name, value, kind in (("method", method, str), ("path", path, str), ("safe", safe, bool)):
            if not isinstance(value, kind):
                raise TypeError(f"{name} must be a {kind.__name__}, not {type(value).__name__}")
        if query is not None and not isinstance(query, Mapping):
            raise TypeError(f"query must be a mapping of names to values, not {type(query).__name__}")
        if not (method.isascii() and method.isalpha()):
            raise ValueError('method must be one of HTTP, such as "GET"')
        if not path.startswith("/") or path.startswith("//"):
            raise ValueError('path must begin with one slash, such as "/api/v2/campaigns"')
        # The rest may be ids, which do not belong in the log.
        first = _KNOWN_PATH.match(path)
        template = path if first and first[0] == path else f"{first[0] if first else ''}/…"
        if query and (pairs := query_string(query)):
            path += ("&" if "?" in path else "?") + pairs
        method = method.upper()
        known = self._known(method, self._url(path))
        return by_request("request", method, template, safe=safe, known=known), path

    def _request(
        self,
        operation: Operation[Any],
        target: str,
        body: Any,
        headers: Mapping[str, Any] | None,
        everything: bool = False,
        confirm: bool = False,
    ) -> http.Request:
        url = self._url(target)
        if body is not UNSET:
            if operation.content_type == JSON:
                content, first = json_body(operation.name, body), self._json_headers
            else:
                content, content_type = encoded(operation.content_type, body)
                first = http.Headers([*self._bare_headers.raw, (b"content-type", content_type.encode())])
        else:
            content = b""
            first = self._empty_headers if operation.method in _WITH_BODY else self._bare_headers
        timeouts = self._timeouts if operation.timeout is None else self._options.timeouts(operation.timeout)
        request = http.Request(
            operation.method, url, headers=first, stream=http.ByteStream(content), extensions={"timeout": timeouts}
        )
        request.read()  # Recorders and hooks of the HTTP library expect the content.
        if content:
            request.headers["content-length"] = str(len(content))
        if self._given_client is not None and self._given_client.cookies:
            http.Cookies(self._given_client.cookies).set_cookie_header(request)
        if operation.response is as_text:
            request.headers["accept"] = "text/csv, text/plain, */*"
        elif operation.response is as_bytes:
            request.headers["accept"] = "*/*"
        for name, value in (headers or {}).items():
            if value is not UNSET and value is not None:
                request.headers[name] = header_value(name, plain_text(name, value))
        if operation.mass is not None or operation.paid is not None or self._options.dry_run:
            # As it goes out, whatever it was given as.
            sent = loads(content) if content and operation.content_type == JSON else body
            self._guard(operation, url, None if sent is UNSET else sent, everything, confirm)
        return request

    def _guard(self, operation: Operation[Any], url: http.URL, body: Any, everything: bool, confirm: bool) -> None:
        query = {name: found[0] if len(found := url.params.get_list(name)) == 1 else found for name in url.params}
        sent = {**query, **(body if isinstance(body, Mapping) else {})}
        operation.check(sent, everything=everything, confirm=confirm)
        free = operation.paid is not None and operation.paid.is_free(sent)
        if self._options.dry_run and not (free or is_safe(operation.method, operation.safe)):
            from .dry_run import not_sent

            path = url.raw_path.decode().partition("?")[0]
            raise not_sent(operation.name, operation.method, operation.path, path, query, body)

    def _page_request(
        self,
        operation: Operation[Any],
        path: tuple[object, ...],
        page: PageRequest,
        headers: Mapping[str, Any] | None,
        cursor: str | None,
    ) -> http.Request:
        query, body = page.at(cursor)
        try:
            return self._request(operation, operation.target(path, query), body, headers)
        except ValueError:
            if cursor is None:
                raise
        # It came from the service, so that the caller cannot have made a mistake.
        raise DecodeError(
            f"{operation.name}: the cursor of the next page cannot be sent: it has {len(cursor)} characters",
            operation=operation.name,
            scopes=operation.scopes,
        )

    def _url(self, target: str) -> http.URL:
        given = self._given_client
        if given is not None and given.params:
            path, _, query = target.partition("?")
            named = http.QueryParams(query)
            # Of a name that both have, ours counts, as in the library.
            theirs = http.QueryParams(tuple(each for each in given.params.multi_items() if each[0] not in named))
            target = path + "?" + "&".join(filter(None, [query, str(theirs)]))
        try:
            return self._address(target)
        except http.InvalidURL as problem:
            raise ValueError(f"This cannot be the address of a request: {problem}") from None

    def _answer(self, operation: Operation[T], answer: Answer) -> T:
        if operation.response is None or answer.status_code == _NO_CONTENT:
            return cast("T", None)
        if operation.response is as_text:
            return cast("T", answer.text)
        if operation.response is as_bytes:
            return cast("T", answer.content)
        if not answer.content and isinstance(operation.decoder, Nullable):
            return cast("T", None)
        return self._decoded(operation, answer, operation.decoder)

    def _page_data(
        self, operation: Operation[T], answer: Answer, request: PageRequest, cursor: str | None
    ) -> PageData[T]:
        assert operation.paging is not None
        if answer.status_code == _NO_CONTENT:
            return request.counted(PageData([], None, {}), cursor)
        decoder = partial(decode_page, operation.paging, operation.decoder)
        return request.counted(self._decoded(operation, answer, decoder), cursor)

    def _parsed(self, operation: Operation[Any], answer: Answer) -> Any:
        try:
            value = loads(answer.content)
        except (ValueError, RecursionError):
            raise self._unreadable(operation, answer) from None
        if operation.failure is not None and operation.failure.matches(value):
            raise self._operation_failed(operation, answer, value)
        return value

    def _decoded(self, operation: Operation[Any], answer: Answer, decoder: Decoder[T]) -> T:
        from .fast_path import fast_path_of

        fast_path = None if self._options.strict else fast_path_of(operation)
        if fast_path is not None:
            found = fast_path.read(answer.content, self._drift_log)
            if found is not UNSET:
                return cast("T", found)
        value, drift = self._parsed(operation, answer), Drift()
        try:
            result = decoder(value, None, "", drift)
        except RecursionError:
            raise self._unreadable(operation, answer) from None
        if drift:
            self._record_drift(operation, answer, value, drift)
        if fast_path is not None:
            fast_path.learn(result)
        return result

    def _record_drift(self, operation: Operation[Any], answer: Answer, value: Any, drift: Drift) -> None:
        options = self._options
        on_drift = options.on_drift and partial(self._observers.notify, "on_drift", options.on_drift)
        for report in drift.reports(value):
            if options.strict and report.violation:
                raise drift_error(operation, report, answer.status_code, options.secret.scrub(value), options.secret)
            self._drift_log.record(operation.name, report, on_drift)

    def _unreadable(self, operation: Operation[Any], answer: Answer) -> DecodeError:
        return DecodeError(
            f"{operation.name}: {answer.status_code}, but the answer is no JSON",
            operation=operation.name,
            status_code=answer.status_code,
            body=body_of(answer, self._options.secret),
            request_id=request_id(answer, self._options.secret),
            scopes=operation.scopes,
        )

    def _operation_failed(self, operation: Operation[Any], answer: Answer, value: Any) -> OperationFailedError:
        body = self._options.secret.scrub(value)
        return OperationFailedError(
            f"{operation.name}: failed: {summarise(body, self._options.secret) or 'no reason given'}",
            operation=operation.name,
            status_code=answer.status_code,
            body=body,
            request_id=request_id(answer, self._options.secret),
            scopes=operation.scopes,
        )

    def _plain_answer(self, operation: Operation[Any], answer: Answer) -> Any:
        if not answer.content:
            return None
        kind = answer.headers.get("content-type", "application/json")
        return self._parsed(operation, answer) if "json" in kind else answer.text

    def _raw_response(self, parsed: T, answer: Answer) -> RawResponse[T]:
        return RawResponse(
            parsed,
            status_code=answer.status_code,
            headers=answer.headers,
            content=answer.content,
            request_id=request_id(answer, self._options.secret),
        )
