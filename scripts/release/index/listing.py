"""The files of the package that an index has, by its simple API: HTML (PEP 503) or JSON (PEP 691)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Self
from urllib.parse import unquote

import httpx
from packaging.utils import canonicalize_name

from scripts.lib.report import Failed
from scripts.release.index.address import Index, check
from scripts.release.index.connection import again, connect, denied, explained
from scripts.release.index.credentials import Credentials

STEP = "compare"
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
DISTRIBUTIONS = (".whl", ".tar.gz", ".zip")
_NOT_SIMPLE = "open it in a browser, and give the URL of the simple API with --check-url"


@dataclass(frozen=True)
class Listed:
    """A file that an index lists; not every index gives the hash. `is_yanked`: installers pass it over."""

    url: str
    sha256: str | None
    is_yanked: bool = False


class Listing:
    """The simple API of an index, read with our credentials over one connection."""

    def __init__(self, index: Index, credentials: Credentials | None) -> None:
        self.index = index
        self._credentials = credentials
        self._client = connect(index, credentials)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def files(self, project: str) -> dict[str, Listed]:
        """All files of a project by name; none where the index does not know it."""
        url = self.index.page(canonicalize_name(project))
        with explained(STEP, url):
            response = self._client.get(url, headers={"Accept": ACCEPT})
        if response.status_code == httpx.codes.NOT_FOUND:
            return {}
        self._check_status(response)
        files = _of_json(response) if "json" in response.headers.get("content-type", "") else _of_html(response)
        for listed in files.values():
            # An index that hands on what a public one has would hand on a stranger's package of our name.
            check(str(httpx.URL(listed.url).copy_with(query=None, fragment=None)))
        return files

    def find(self, project: str, name: str) -> Listed | None:
        """The file of a project by its name, which an index may spell in another way; None where it is not listed."""
        files = self.files(project).items()
        return next((listed for file, listed in files if canonicalize_name(file) == canonicalize_name(name)), None)

    def sha256(self, listed: Listed) -> str:
        """The hash of a file: as listed, or of what the index hands out."""
        return (listed.sha256 or "").lower() or hashlib.sha256(self.content(listed)).hexdigest()

    def content(self, listed: Listed) -> bytes:
        """The bytes that the index hands out."""
        # As they are: many servers call a .tar.gz a file that is compressed for the way, and it would be unpacked.
        with (
            explained(STEP, listed.url),
            self._client.stream("GET", listed.url, headers={"Accept-Encoding": "identity"}) as response,
        ):
            self._check_status(response)
            return b"".join(response.iter_raw())

    def _check_status(self, response: httpx.Response) -> None:
        if response.is_success:
            return
        if response.status_code in (401, 403):
            raise denied(STEP, response.status_code, str(response.url), self._credentials)
        raise Failed(
            STEP, f"{response.url} answers {response.status_code}", f"look at the index's log, or {again(response)}"
        )


def _of_json(response: httpx.Response) -> dict[str, Listed]:
    try:
        return {
            entry["filename"]: Listed(
                str(response.url.join(entry["url"])),
                entry["hashes"].get("sha256"),
                entry.get("yanked", False) is not False,
            )
            for entry in response.json()["files"]
        }
    except (ValueError, LookupError, TypeError, AttributeError, httpx.InvalidURL):
        raise Failed(STEP, f"{response.url} answers JSON that is no list of files (PEP 691)", _NOT_SIMPLE) from None


def _of_html(response: httpx.Response) -> dict[str, Listed]:
    page = _Page()
    page.feed(response.text)
    files = {}
    for link, is_yanked in page.links:
        try:
            url = response.url.join(page.base).join(link)
        except httpx.InvalidURL:
            continue
        name = unquote(url.path.rpartition("/")[2])
        if name.endswith(DISTRIBUTIONS):
            sums = dict(part.partition("=")[::2] for part in url.fragment.split("&"))
            files[name] = Listed(str(url.copy_with(fragment=None)), sums.get("sha256"), is_yanked)
    if not files and not page.is_index:
        what = "answers a web page that lists no packages: a login, or not the simple API of an index"
        raise Failed(STEP, f"{response.url} {what}", _NOT_SIMPLE)
    return files


class _Page(HTMLParser):
    """The links of a page, each with whether it is yanked, their base, and whether it is a page of an index."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, bool]] = []
        self.base = ""
        self.is_index = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if tag == "a" and attributes.get("href"):
            self.links.append((attributes["href"] or "", "data-yanked" in attributes))
        if tag == "base":
            self.base = self.base or attributes.get("href") or ""
        if tag == "meta" and attributes.get("name") == "pypi:repository-version":
            self.is_index = True
