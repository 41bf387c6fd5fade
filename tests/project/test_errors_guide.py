"""The guide to errors has each of them, in the words of its class, and its table of what is repeated is so."""

from __future__ import annotations

import inspect
import pickle
import re
import shlex
import socket
import ssl
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from httpx import ConnectError, ConnectTimeout, PoolTimeout, ReadError, ReadTimeout

from instantly_core import errors
from instantly_core.call.options import DEFAULT_DEADLINE, DEFAULT_MAX_RETRIES
from instantly_core.call.retry import MAX_RETRY_AFTER, Failure, next_wait, of_exception, of_status
from instantly_core.commands import main
from scripts.codegen.markdown import heading

GUIDE = (Path(__file__).parents[2] / "docs" / "errors.md").read_text("utf-8")
ERRORS = {name: getattr(errors, name) for name in errors.__all__}


def section(title: str) -> str:
    """What the guide says of an error, without links."""
    (text,) = re.findall(rf"^### {title}\n(.*?)(?=^##|\Z)", GUIDE, re.MULTILINE | re.DOTALL)
    return re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", text)


@pytest.mark.parametrize("name", ERRORS)
def test_the_guide_says_of_an_error_what_its_class_says(name: str) -> None:
    prose, _, attributes = (inspect.getdoc(ERRORS[name]) or "").partition("\n\nAttributes:\n")
    said = section(name)
    assert " ".join(said.split()).startswith(" ".join(prose.split()))
    for attribute in re.findall(r"^    (\w+):", attributes, re.MULTILINE):
        assert f"`{attribute}`" in said or f"`{attribute}`" in GUIDE.partition("\n- [")[0]


@pytest.mark.parametrize("name", ERRORS)
def test_the_text_of_an_error_leads_to_its_explanation(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    error = ERRORS[name]("It failed.")
    for found in (error, pickle.loads(pickle.dumps(error))):
        *_, last = traceback.format_exception(found)
        package, command, *arguments = re.findall(r"^What to do: python -m (.+)$", last, re.MULTILINE)[0].split(" ")
        assert main(package, [command, *arguments]) == 0
        assert str(inspect.getdoc(ERRORS[name])) in capsys.readouterr().out
    assert str(error) == "It failed."
    assert heading(name) == name.lower()  # The anchor in the guide.


@pytest.mark.parametrize(
    ("given", "shown"),
    [("404", "NotFoundError"), ("503", "ServerError"), ("418", "StatusError"), ("DryRun", "DryRun")],
)
def test_a_status_and_what_is_no_error_of_the_service_are_explained(
    given: str, shown: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main("instantly_client", ["explain", given]) == 0
    assert capsys.readouterr().out.startswith(shown)


@pytest.mark.parametrize("given", ["200", "4040", "\u00b2"])
def test_what_is_no_error_is_not_explained(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main("instantly_client", ["explain", given]) == 2
    assert f"there is no error {given!r}" in capsys.readouterr().err


def test_without_an_error_all_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main("instantly_client", ["explain"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == list(ERRORS)


@pytest.mark.parametrize("name", ["NotFundError", "errors.notfound", ""])
def test_an_error_that_does_not_exist_is_refused_with_what_there_is(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main("instantly_client", ["explain", name]) == 2
    out, err = capsys.readouterr()
    assert (out, "NotFoundError" in err) == ("", True)


def test_the_example_is_what_the_command_prints(capsys: pytest.CaptureFixture[str]) -> None:
    (command, printed), *_ = re.findall(r"^\$ python -m (.+)\n((?:.*\n)*?)```$", GUIDE, re.MULTILINE)
    package, *arguments = shlex.split(command)
    assert main(package, arguments) == 0
    assert capsys.readouterr().out == printed


# --- what is repeated ---

UNTRUSTED = ssl.SSLCertVerificationError("not trusted")
NO_TLS = ssl.SSLError("wrong version")
NO_TLS.reason = "WRONG_VERSION_NUMBER"
NO_HOST = socket.gaierror(socket.EAI_NONAME, "no such host")


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


def failed(error: Exception, *, sent: bool) -> dict[str, Any]:
    return {"failure": of_exception(error, sent=sent)}


def status(code: int, **more: Any) -> dict[str, Any]:
    return {"failure": of_status(code), **more}


HAPPENED: dict[str, list[dict[str, Any]]] = {
    "429: refused for its rate": [status(429)],
    "the connection was never made, or no connection was free": [
        failed(kind("x"), sent=False) for kind in (ConnectError, ConnectTimeout, PoolTimeout)
    ],
    "408, 5xx": [status(code) for code in (408, *range(500, 600))],
    "a timeout, or a connection that broke after the request left": [
        failed(kind("x"), sent=True) for kind in (ReadTimeout, ReadError)
    ],
    "a certificate that is not trusted, an unknown host, a port without TLS": [
        failed(caused(ConnectError("x"), cause), sent=False) for cause in (UNTRUSTED, NO_HOST, NO_TLS)
    ],
    "any other status": [status(code) for code in range(300, 500) if code not in (408, 429)],
    "`Retry-After` of more than a minute": [
        status(code, retry_after=seconds) for code in (429, 503) for seconds in (61.0, 3600.0)
    ],
}


def test_what_is_repeated_is_what_the_table_says() -> None:
    table = re.findall(r"^\| ([^|]+) \| (repeated|raised)[^|]* \| (repeated|raised)[^|]* \|$", GUIDE, re.MULTILINE)
    assert [happened for happened, *_ in table] == list(HAPPENED)
    wait = partial(next_wait, attempt=1, max_retries=DEFAULT_MAX_RETRIES, jitter=0.5)
    for happened, reads, writes in table:
        for case in HAPPENED[happened]:
            for said, kinds in ((reads, [("GET", False), ("POST", True)]), (writes, [("POST", False)])):
                found = {wait(method=method, safe=safe, **case) is not None for method, safe in kinds}
                assert found == {said == "repeated"}, (happened, case)


def test_the_figures_of_the_guide_are_those_of_the_code() -> None:
    text = " ".join(GUIDE.split())
    assert f"`max_retries` times at most, {DEFAULT_MAX_RETRIES} without it" in text
    assert f"`deadline`, {DEFAULT_DEADLINE:.0f} seconds without it" in text
    assert MAX_RETRY_AFTER == 60
    first = partial(next_wait, method="GET", safe=True, attempt=1, max_retries=1, jitter=1.0)
    assert (first(Failure.UNCLEAR), first(Failure.REFUSED)) == (0.5, 2.0)
    assert "half a second, at two seconds after a 429" in text
