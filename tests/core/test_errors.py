from __future__ import annotations

import copy
import pickle
import re
import subprocess
import sys
from typing import Any

import httpx
import pytest

from instantly_core import FailureWhen, Limit, LocalLimiter, Operation, errors
from tests.core.engine import COUNT, CREATE, EXPORT, GET, ID, KEY, LIST, SHARE, TEST, Engine, Script, json_value

STANDARD = {"statusCode": 404, "error": "Not Found", "message": "No robot of that name"}
PAGE = b"<!DOCTYPE html><html><head><title>\n Web server\n is down </title></head><body>long</body></html>"


def failure(engine: Engine, answer: Any, operation: Any = GET) -> errors.APIError:
    client = engine.client(Script(answer), max_retries=0)
    with pytest.raises(errors.APIError) as caught:
        engine.call(client, operation, (ID,) if "{id}" in operation.path else ())
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, errors.StatusError),
        (400, errors.ValidationError),
        (401, errors.AuthenticationError),
        (402, errors.PaymentRequiredError),
        (403, errors.PermissionDeniedError),
        (404, errors.NotFoundError),
        (408, errors.StatusError),
        (409, errors.ConflictError),
        (413, errors.PayloadTooLargeError),
        (418, errors.StatusError),
        (422, errors.ValidationError),
        (429, errors.RateLimitError),
        (500, errors.ServerError),
        (503, errors.ServerError),
        (520, errors.ServerError),
        (526, errors.ServerError),
        (599, errors.ServerError),
        (700, errors.ServerError),
    ],
)
def test_each_status_has_its_error(engine: Engine, status: int, kind: type[errors.StatusError]) -> None:
    error = failure(engine, httpx.Response(status, json=STANDARD))
    assert type(error) is kind
    assert error.status_code == status
    assert error.body == STANDARD
    assert error.operation == "getRobot"


@pytest.mark.parametrize(
    ("content", "body", "told"),
    [
        (b"", None, ""),
        (b"error code: 1234", "error code: 1234", "error code: 1234"),
        (PAGE, PAGE.decode(), "Web server is down"),
        (b'{"message": "cut o', '{"message": "cut o', '{"message": "cut o'),
        (b'{"error": "only this"}', {"error": "only this"}, "only this"),
        (b'{"message": "only that"}', {"message": "only that"}, "only that"),
        (b'{"errorCode": "E1"}', {"errorCode": "E1"}, "E1"),
        (b'{"message": ["first", "second"]}', {"message": ["first", "second"]}, "first"),
        (b'{"error": {"message": "deep"}}', {"error": {"message": "deep"}}, "deep"),
        (b'{"message": "m", "code": "FST_ERR"}', {"message": "m", "code": "FST_ERR"}, "m"),
        (b'["a list"]', ["a list"], "a list"),
        (b"[]", [], ""),
        (b"{}", {}, ""),
        (b"null", None, ""),
        (b"17", 17, "17"),
        (b"\xff\xfe broken", "�� broken", "�� broken"),
        (b"[" * 100_000, "[" * 2000, "[" * 199 + "…"),
    ],
)
def test_any_body_makes_an_error(engine: Engine, content: bytes, body: Any, told: str) -> None:
    error = failure(engine, httpx.Response(502, content=content))
    assert type(error) is errors.ServerError
    assert error.body == body
    assert str(error) == "getRobot: 502 Bad Gateway" + (f": {told}" if told else "") + " (attempt 1)"


def test_bodies_of_text_are_cut(engine: Engine) -> None:
    error = failure(engine, httpx.Response(500, text="x" * 100_000))
    assert len(error.body) == 2000
    assert len(str(error)) < 300


@pytest.mark.parametrize(
    "content",
    [
        b"error code: 1010",
        b"<html><head><title>Attention Required! | Cloudflare</title></head></html>",
        b'<html><div class="cf-error-details">Access denied</div></html>',
    ],
)
def test_a_block_at_the_edge_is_no_missing_scope(engine: Engine, content: bytes) -> None:
    error = failure(engine, httpx.Response(403, content=content))
    assert type(error) is errors.EdgeBlockedError
    assert "scopes" not in str(error)


def test_a_missing_scope_names_those_that_would_do(engine: Engine) -> None:
    error = failure(engine, httpx.Response(403, json={"message": "Forbidden"}), CREATE)
    assert error.scopes == ("robots:update", "all:all")
    assert str(error) == (
        "createRobot: 403 Forbidden: Forbidden (the key needs one of the scopes robots:update, all:all)"
    )


def test_scopes_that_the_service_names_are_not_named_again(engine: Engine) -> None:
    told = "The API key needs one of the scopes all:all, robots:update"
    assert str(failure(engine, httpx.Response(403, json={"message": told}), CREATE)) == (
        f"createRobot: 403 Forbidden: {told}"
    )
    some = failure(engine, httpx.Response(403, json={"message": "all:all is missing"}), CREATE)
    assert "(the key needs one of the scopes robots:update, all:all)" in str(some)


def test_a_workspace_that_may_be_closed_to_the_key_is_named(engine: Engine) -> None:
    client = engine.client(Script(httpx.Response(403, json={"message": "Forbidden"})))
    with pytest.raises(errors.PermissionDeniedError) as caught:
        engine.call(client.for_workspace("w-1"), CREATE)
    assert str(caught.value) == (
        "createRobot: 403 Forbidden: Forbidden "
        "(the key needs one of the scopes robots:update, all:all, or may not act for the workspace w-1)"
    )
    with pytest.raises(errors.PermissionDeniedError, match=r"Forbidden \(the key may not act for the workspace w-2\)"):
        engine.call(client.with_options(default_headers={"X-As-Workspace": "w-2"}), SHARE, (ID,))


@pytest.mark.parametrize("name", ["x-request-id", "request-id", "cf-ray"])
def test_the_request_id_is_told(engine: Engine, name: str) -> None:
    error = failure(engine, httpx.Response(404, headers={name: "r-17"}, json=STANDARD))
    assert error.request_id == "r-17"
    assert str(error) == "getRobot: 404 Not Found: No robot of that name (request r-17)"


def test_retry_after_is_at_hand(engine: Engine) -> None:
    assert failure(engine, httpx.Response(429, headers={"retry-after": "17"})).retry_after == 17
    assert failure(engine, httpx.Response(429)).retry_after is None


@pytest.mark.parametrize(
    ("status", "asked", "told"),
    [
        (429, "0.2", "429 Too Many Requests (attempt 2; it asks to wait 1 s)"),
        (429, "90", "429 Too Many Requests (attempt 1; it asks to wait 90 s)"),
        (503, None, "503 Service Unavailable (attempt 2)"),
        (404, None, "404 Not Found"),
    ],
)
def test_what_may_pass_says_how_often_it_was_tried_and_how_long_to_wait(
    engine: Engine, no_jitter: None, status: int, asked: str | None, told: str
) -> None:
    client = engine.client(Script(httpx.Response(status, headers={"retry-after": asked} if asked else {})))
    with pytest.raises(errors.StatusError) as caught:
        engine.call(client.with_options(max_retries=1), GET, (ID,))
    assert str(caught.value) == f"getRobot: {told}"


@pytest.mark.parametrize("content", [b"", b"<html>hello</html>", b'{"id": ', b"[" * 100_000])
def test_a_success_that_cannot_be_read(engine: Engine, content: bytes) -> None:
    client = engine.client(Script(httpx.Response(200, content=content)))
    with pytest.raises(errors.DecodeError, match="getRobot: 200, but the answer is no JSON") as caught:
        engine.call(client, GET, (ID,))
    assert caught.value.status_code == 200
    with pytest.raises(errors.DecodeError):
        engine.items(client.page(LIST))


def test_a_broken_encoding_is_a_decode_error(engine: Engine) -> None:
    client = engine.client(
        lambda request: httpx.Response(200, headers={"content-encoding": "gzip"}, content=b"no gzip")
    )
    with pytest.raises(errors.DecodeError):
        engine.call(client, CREATE, body={})


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(200, text="whatever"), httpx.Response(202)])
def test_an_operation_without_an_answer_takes_any(engine: Engine, answer: httpx.Response) -> None:
    assert engine.call(engine.client(Script(answer)), SHARE, (ID,)) is None


def test_no_content_needs_no_body(engine: Engine) -> None:
    client = engine.client(Script(httpx.Response(204)))
    assert engine.call(client, GET, (ID,)) is None
    assert engine.items(client.page(LIST)) == []


def test_text_is_no_json(engine: Engine) -> None:
    client = engine.client(
        Script(httpx.Response(200, content=b"a,b\r\n1,\xc3\xa9\r\n", headers={"content-type": "text/csv"}))
    )
    assert engine.call(client, EXPORT) == "a,b\r\n1,é\r\n"


def test_a_success_that_tells_of_a_failure(engine: Engine) -> None:
    error = failure(engine, {"success": False, "error": "no route to robot"}, TEST)
    assert type(error) is errors.OperationFailedError
    assert error.status_code == 200
    assert error.body == {"success": False, "error": "no route to robot"}
    assert str(error) == "testRobot: failed: no route to robot"
    assert engine.call(engine.client(Script({"success": True})), TEST) == {"success": True}


@pytest.mark.parametrize(
    ("problem", "kind", "sent"),
    [
        (httpx.ConnectError("refused"), errors.APIConnectionError, False),
        (httpx.ConnectTimeout("slow"), errors.APITimeoutError, False),
        (httpx.PoolTimeout("full"), errors.APITimeoutError, False),
        (httpx.ReadTimeout("slow"), errors.APITimeoutError, True),
        (httpx.WriteTimeout("slow"), errors.APITimeoutError, True),
        (httpx.ReadError("lost"), errors.APIConnectionError, True),
        (httpx.RemoteProtocolError("nonsense"), errors.APIConnectionError, True),
        (httpx.UnsupportedProtocol("what"), errors.APIConnectionError, False),
    ],
)
def test_no_answer(engine: Engine, problem: Exception, kind: type[errors.APIConnectionError], sent: bool) -> None:
    error = failure(engine, problem, CREATE)
    assert type(error) is kind
    assert isinstance(error, errors.APIConnectionError)
    assert error.sent is sent
    assert error.status_code is None
    assert ("it may have been carried out" in str(error)) is sent
    assert type(error.__cause__) is type(problem)
    assert error.__context__ is None


def test_no_answer_is_told_with_where_and_how_often_it_was_tried(engine: Engine) -> None:
    problem = httpx.ConnectError("Nobody listens.")
    client = engine.client(Script(problem), base_url="http://127.0.0.1:9", max_retries=0)
    with pytest.raises(errors.APIConnectionError) as caught:
        engine.call(client, GET, (ID,))
    assert str(caught.value) == "getRobot: ConnectError after 0.0 s (http://127.0.0.1:9, attempt 1): Nobody listens"


def test_what_may_have_been_carried_out_is_told_in_one_sentence(engine: Engine) -> None:
    error = failure(engine, httpx.RemoteProtocolError("Server disconnected without sending a response."), CREATE)
    assert str(error).endswith("): Server disconnected without sending a response; it may have been carried out")


def test_a_read_never_says_that_it_was_carried_out(engine: Engine) -> None:
    assert "carried out" not in str(failure(engine, httpx.ReadTimeout("slow")))


def test_an_exception_of_a_transport_of_its_own(engine: Engine) -> None:
    class Odd(httpx.ConnectError):
        def __init__(self, one: str, two: str) -> None:
            super().__init__(one + two)

    error = failure(engine, Odd("a", "b"))
    assert type(error) is errors.APIConnectionError
    assert "ab" in str(error)


def kinds(root: type[Exception] = errors.InstantlyError) -> list[type[Exception]]:
    return [root, *(kind for below in root.__subclasses__() for kind in kinds(below))]


ERRORS: list[type[Exception]] = [getattr(errors, name) for name in errors.__all__]


def test_the_module_of_errors_has_all_of_them() -> None:
    assert {kind for kind in kinds() if kind.__module__.startswith("instantly_core.")} == {*ERRORS}
    assert {*errors.__all__} <= {*dir(errors)}


@pytest.mark.slow
def test_the_module_of_errors_does_not_load_the_helpers() -> None:
    program = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from instantly_client import Instantly, errors\n"
        "errors.NotFoundError\n"
        "print([name for name in sys.modules if name.startswith('instantly_core.helpers')])\n"
        "print(errors.BulkAddError.__name__)\n"
    )
    result = subprocess.run([sys.executable, "-c", program, *sys.path], check=True, capture_output=True, text=True)
    assert result.stdout == "[]\nBulkAddError\n"


@pytest.mark.parametrize("kind", ERRORS)
def test_every_error_can_be_copied_and_pickled(kind: type[Exception]) -> None:
    details: dict[str, Any] = {}
    if issubclass(kind, errors.APIError):
        details = {"operation": "x", "status_code": 1, "body": {"a": 1}, "retry_after": 2.0, "scopes": ["s"]}
    if issubclass(kind, errors.APIConnectionError):
        details["sent"] = False
    if issubclass(kind, errors.DriftError):
        details |= {"pointer": "/a", "expected": "b"}
    error = kind("what", **details)
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(other) is kind
        assert other.args == error.args
        assert vars(other) == vars(error)


def test_the_tree_can_be_caught_at_the_right_height() -> None:
    assert issubclass(errors.APITimeoutError, errors.APIConnectionError)
    assert issubclass(errors.DriftError, errors.DecodeError)
    assert issubclass(errors.ConfigurationError, ValueError)
    assert {kind for kind in ERRORS if issubclass(kind, errors.StatusError)} >= {
        errors.ValidationError, errors.RateLimitError, errors.ServerError, errors.EdgeBlockedError
    }  # fmt: skip


def test_an_echoed_key_is_scrubbed(engine: Engine) -> None:
    for answer in (
        httpx.Response(401, json={"message": f"Bad key {KEY}", "given": [KEY], KEY: 1}),
        httpx.Response(401, text=f"Bad key {KEY}"),
    ):
        error = failure(engine, answer)
        assert KEY not in repr(error.body)
        assert str(error) == "getRobot: 401 Unauthorized: Bad key [api key]"


def test_a_strict_client_says_where_an_answer_deviates(engine: Engine) -> None:
    client = engine.client(Script({"legs": "two"}), strict=True)
    with pytest.raises(
        errors.DriftError, match=r"(?m)^getRobot: the answer deviates at /legs: expected integer$"
    ) as caught:
        engine.call(client, GET, (ID,))
    error = caught.value
    assert (error.operation, error.status_code, error.body) == ("getRobot", 200, {"legs": "two"})
    assert (error.pointer, error.expected, error.scopes) == ("/legs", "integer", GET.scopes)


def test_a_strict_client_says_so_where_the_whole_answer_deviates(engine: Engine) -> None:
    client = engine.client(Script(["no robot"]), strict=True)
    with pytest.raises(
        errors.DriftError, match=r"(?m)^getRobot: the answer deviates at its root: expected Robot$"
    ) as caught:
        engine.call(client, GET, (ID,))
    assert caught.value.pointer == ""


def test_a_status_without_a_phrase_leaves_no_gap(engine: Engine) -> None:
    assert (
        str(failure(engine, httpx.Response(599, json=STANDARD))) == "getRobot: 599: No robot of that name (attempt 1)"
    )


@pytest.mark.parametrize("name", ["message", "error", "detail", "errorCode", "code"])
def test_each_field_that_explains_a_failure_is_told(engine: Engine, name: str) -> None:
    assert str(failure(engine, httpx.Response(404, json={name: "why"}))) == "getRobot: 404 Not Found: why"


@pytest.mark.parametrize(("count", "told"), [(200, "x" * 200), (201, "x" * 199 + "…")])
def test_an_explanation_of_up_to_200_characters_is_told_whole(engine: Engine, count: int, told: str) -> None:
    assert str(failure(engine, httpx.Response(404, text="x" * count))) == f"getRobot: 404 Not Found: {told}"


def test_a_redirect_with_choices_is_no_success(engine: Engine) -> None:
    assert type(failure(engine, httpx.Response(300, json={}))) is errors.StatusError


@pytest.mark.parametrize(("said", "told"), [("No way to MAX.", "No way to MAX"), ("", "no reason given")])
def test_the_reason_of_a_broken_connection_is_told(engine: Engine, said: str, told: str) -> None:
    error = failure(engine, httpx.ConnectError(said))
    assert str(error).endswith(f", attempt 1): {told}")
    assert str(error.__cause__) == told


def test_the_reason_of_an_exception_of_a_transport_of_its_own_is_kept(engine: Engine) -> None:
    class Odd(httpx.ConnectError):
        def __init__(self, one: str, two: str) -> None:
            super().__init__(one + two)

    cause = failure(engine, Odd("a", "b")).__cause__
    assert (type(cause), str(cause)) == (httpx.RequestError, "ab")


@pytest.mark.parametrize(
    ("problem", "kind"),
    [(httpx.ConnectError("refused"), "ConnectError"), (httpx.DecodingError("no gzip"), "DecodingError")],
)
def test_a_failure_without_an_answer_names_the_call(engine: Engine, problem: Exception, kind: str) -> None:
    error = failure(engine, problem, CREATE)
    assert re.match(rf"createRobot: {kind} after \d+\.\d s \(https://", str(error))
    assert (error.operation, error.scopes) == ("createRobot", CREATE.scopes)


def test_a_safe_post_never_says_that_it_was_carried_out(engine: Engine) -> None:
    assert "carried out" not in str(failure(engine, httpx.ReadTimeout("slow"), COUNT))


def test_a_call_that_was_not_sent_names_its_operation_and_scopes(engine: Engine) -> None:
    limiter = LocalLimiter((Limit(1, 60),))
    client = engine.client(Script(), limiter=limiter, deadline=1)
    engine.call(client, CREATE, body={})
    with pytest.raises(errors.RateLimitError, match=r"^createRobot: not sent") as caught:
        engine.call(client, CREATE, body={})
    assert (caught.value.operation, caught.value.scopes) == ("createRobot", CREATE.scopes)


def test_an_answer_that_cannot_be_read_is_in_the_error(engine: Engine) -> None:
    answer = httpx.Response(200, headers={"x-request-id": "r-17"}, text=f"<html>{KEY}")
    error = failure(engine, answer)
    assert type(error) is errors.DecodeError
    assert (error.operation, error.scopes, error.request_id) == ("getRobot", GET.scopes, "r-17")
    assert error.body == "<html>[api key]"


@pytest.mark.parametrize(
    ("body", "told"), [({"success": False}, "no reason given"), ({"success": False, "message": "why"}, "why")]
)
def test_a_failure_in_a_success_names_call_and_reason(engine: Engine, body: Any, told: str) -> None:
    operation: Operation[Any] = Operation(
        "testRobot", "POST", "/test", scopes=("a", "b"), response=json_value, failure=FailureWhen("success", False)
    )
    error = failure(engine, httpx.Response(200, headers={"x-request-id": "r-17"}, json=body), operation)
    assert str(error) == f"testRobot: failed: {told}"
    assert (error.operation, error.scopes, error.request_id) == ("testRobot", ("a", "b"), "r-17")
