"""Files into an index, one at a time, by the upload API that twine and uv use: a form with the metadata and the file.

This process sends them itself: no other program gets to know the password.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
from packaging.metadata import RawMetadata, parse_email

from scripts.lib.report import Failed
from scripts.release.dist import metadata_file
from scripts.release.index.address import Index
from scripts.release.index.connection import again, connect, denied, explained
from scripts.release.index.credentials import Credentials

STEP = "upload"
DENIALS = (401, 403)
NO_UPLOADS = (404, 405, 501)
# An index may look through a file before it answers.
SECONDS = 300
_WHICH_URL = "give the URL for uploads: docs/publishing.md has those of the usual indexes"


class Unclear(Failed):
    """Nobody but the index knows whether it has the file now: it says no, something else, or the answer is lost.

    Another run may have brought the file, or a proxy have lost the answer.
    """


def ask(index: Index, credentials: Credentials | None) -> None:
    """Ask with an upload of nothing whether the index takes uploads from us; raises `Failed` if it does not."""
    with connect(index, credentials) as client, explained(STEP, index.upload):
        response = client.post(index.upload, data=_NOTHING, follow_redirects=False)
    _check_admission(response, index, credentials)
    if _is_page(response):
        what = f"{index.upload} answers a web page to an upload of nothing: a login, or not the URL for uploads"
        raise Failed(STEP, what, _WHICH_URL)
    if response.is_redirect or response.status_code in NO_UPLOADS:
        to = f", which leads to {response.headers['location']}" if response.is_redirect else ""
        what = f"{index.upload} takes no uploads: it answers {response.status_code}{to}"
        raise Failed(STEP, what, _WHICH_URL)


def upload(file: Path, wheel: Path, index: Index, credentials: Credentials | None) -> None:
    """Upload one file, with the metadata of `wheel`; raises `Failed`, or `Unclear` when the index has to be asked."""
    where = f"{index.upload}, {file.name}"
    with connect(index, credentials) as client, explained(STEP, where, Unclear), file.open("rb") as content:
        part = {"content": (file.name, content, "application/octet-stream")}
        try:
            data = _form(file, wheel)
            response = client.post(index.upload, data=data, files=part, timeout=SECONDS, follow_redirects=False)
        except (httpx.NetworkError, httpx.RemoteProtocolError):
            # Many refuse without reading what they are sent, and close while it is on its way: the answer is lost.
            with suppress(httpx.RequestError):
                answer = client.post(index.upload, data=_NOTHING, follow_redirects=False)
                _check_admission(answer, index, credentials)
            raise
    _check_admission(response, index, credentials)
    if not response.is_success or _is_page(response):
        raise Unclear(
            STEP,
            f"{index.upload} answers {response.status_code} to {file.name}: {_said(response, credentials)}",
            f"look at the index's log and its limits, then {again(response)}",
        )


def _check_admission(response: httpx.Response, index: Index, credentials: Credentials | None) -> None:
    if response.status_code in DENIALS:
        raise denied(STEP, response.status_code, index.upload, credentials)


def _is_page(response: httpx.Response) -> bool:
    """Whether an answer of success is a page for people: indexes have nothing to say then."""
    return response.is_success and "html" in response.headers.get("content-type", "") and "<" in response.text


def _said(response: httpx.Response, credentials: Credentials | None) -> str:
    """What the index says of a refusal: the text of its page, or the reason in its status line."""
    page = credentials.scrub(response.text) if credentials else response.text
    text = re.sub(r"<(style|script|title).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)
    said = html.unescape(re.sub(r"\s+", " ", text)).strip()[:300]
    return said or response.reason_phrase or "it does not say why"


# --- the form ---

_NOTHING = {":action": "file_upload"}


def _form(file: Path, wheel: Path) -> dict[str, str | list[str]]:
    """The fields of an upload next to the file: its kind, its hashes, and the core metadata."""
    metadata, _ = parse_email(metadata_file(wheel))
    content = file.read_bytes()
    is_wheel = file.suffix == ".whl"
    return {
        ":action": "file_upload",
        "protocol_version": "1",
        "filetype": "bdist_wheel" if is_wheel else "sdist",
        "pyversion": file.stem.split("-")[-3] if is_wheel else "source",
        "sha256_digest": hashlib.sha256(content).hexdigest(),
        "md5_digest": hashlib.md5(content, usedforsecurity=False).hexdigest(),
        **dict(_fields(metadata)),
    }


def _fields(metadata: RawMetadata) -> Iterator[tuple[str, str | list[str]]]:
    for key, value in metadata.items():
        match key, value:
            case "keywords", list():
                yield key, ",".join(value)
            case "project_urls", dict():
                yield key, [f"{name}, {url}" for name, url in value.items()]
            case "license_files", list():
                yield "license_file", value
            case _, str() | list():
                yield key, value
