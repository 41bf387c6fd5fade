"""Archives of requests that other tools have recorded: HAR, and cassettes of VCR without metadata of ours."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from instantly_contract.cassettes import from_base64, interaction
from instantly_sandbox.recording.exchange import Exchange

# Of the answer on the wire, and no longer true of a body that was read from it.
ON_THE_WIRE = ("content-encoding", "content-length", "transfer-encoding")
MAX_UNPACKED = 64_000_000


def is_archive(raw: Any) -> bool:
    """Whether a parsed file is an archive."""
    return isinstance(raw, Mapping) and any(name in raw for name in ("log", "interactions", "http_interactions"))


def exchanges(raw: Mapping[str, Any]) -> Iterator[Exchange]:
    """The exchanges of a parsed archive that got an answer, in their order.

    Raises:
        KeyError, TypeError, AttributeError: it is not what its kind of archive is.
        ValueError: one of its requests is not, and which one.
    """
    read = _entry if "log" in raw else interaction
    found = raw["log"]["entries"] if "log" in raw else raw.get("interactions") or raw.get("http_interactions") or ()
    for number, each in enumerate(found, 1):
        try:
            exchange = read(each)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(f"request {number}: {type(error).__name__} {error}") from None
        if exchange and exchange.status:  # HAR has 0 for what got no answer.
            yield exchange


def _entry(raw: Mapping[str, Any]) -> Exchange | None:
    """The exchange of an entry of HAR; None of one that got no answer."""
    request, response = raw["request"], raw["response"]
    if response is None:
        return None
    content, posted = response.get("content") or {}, request.get("postData") or {}
    text = content.get("text") or ""
    return Exchange(
        str(request["method"]).upper(),
        str(request["url"]),
        _typed(_headers(request), posted if posted.get("text") else {}),
        _bytes(posted.get("text") or ""),
        int(response["status"]),
        _headers(response) or _typed({}, content),
        from_base64(text) if content.get("encoding") == "base64" else _bytes(text),
    )


def _typed(headers: dict[str, str], content: Mapping[str, Any]) -> dict[str, str]:
    """Headers with the type of the content, which some recorders have only there."""
    return {"content-type": str(content["mimeType"]), **headers} if content.get("mimeType") else headers


def _headers(raw: Mapping[str, Any]) -> dict[str, str]:
    return {str(each["name"]).lower(): str(each["value"]) for each in raw.get("headers") or ()}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def unpacked(exchange: Exchange) -> Exchange:
    """The exchange with the body of its answer unpacked, where the recorder did not unpack it.

    Raises:
        ValueError: the body is packed in another way than by gzip or deflate, too large, or not whole.
    """
    encoding = exchange.headers.get("content-encoding", "").strip().lower()
    headers = {name: value for name, value in exchange.headers.items() if name not in ON_THE_WIRE}
    packed = encoding not in ("", "identity") and not _is_text(exchange.body)
    return exchange._replace(body=_unpack(exchange.body, encoding) if packed else exchange.body, headers=headers)


def _is_text(body: bytes) -> bool:
    # No packed body is: its first bytes are no UTF-8.
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _unpack(body: bytes, encoding: str) -> bytes:
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise ValueError(f"the body is packed by {encoding}; let the recorder unpack it")
    unpacker = zlib.decompressobj(32 + zlib.MAX_WBITS)  # It knows gzip from deflate.
    try:
        found = unpacker.decompress(body, MAX_UNPACKED)
    except zlib.error as error:
        raise ValueError(f"the body is no {encoding}: {error}") from None
    if unpacker.unconsumed_tail:
        raise ValueError(f"the body has more than {MAX_UNPACKED:,} bytes")
    if not unpacker.eof:
        raise ValueError(f"the body is cut off: it is the beginning of a {encoding}")
    return found
