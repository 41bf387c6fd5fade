"""Archives of requests that other tools have recorded: HAR, and cassettes of VCR without metadata of ours."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

from instantly_contract.cassettes import interaction
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
        KeyError, TypeError, ValueError, AttributeError: it is not what its kind of archive is.
    """
    if "log" in raw:
        found = map(_entry, raw["log"]["entries"])
    else:
        found = map(interaction, raw.get("interactions") or raw.get("http_interactions") or ())
    for exchange in found:
        if exchange.status:  # HAR has 0 for what got no answer.
            yield _unpacked(exchange)


def _entry(raw: Mapping[str, Any]) -> Exchange:
    """The exchange of an entry of HAR."""
    request, response = raw["request"], raw["response"]
    content = response.get("content") or {}
    text = content.get("text") or ""
    body = base64.b64decode(text, validate=True) if content.get("encoding") == "base64" else _bytes(text)
    headers = _headers(response) or ({"content-type": content["mimeType"]} if content.get("mimeType") else {})
    # A body in HAR is unpacked already.
    headers.pop("content-encoding", None)
    sent = (request.get("postData") or {}).get("text") or ""
    return Exchange(
        str(request["method"]).upper(),
        str(request["url"]),
        _headers(request),
        _bytes(sent),
        int(response["status"]),
        headers,
        body,
    )


def _headers(raw: Mapping[str, Any]) -> dict[str, str]:
    return {str(each["name"]).lower(): str(each["value"]) for each in raw.get("headers") or ()}


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _unpacked(exchange: Exchange) -> Exchange:
    """The exchange with the body of its answer unpacked, as it is where the recorder did not."""
    body = exchange.body
    if exchange.headers.get("content-encoding") in ("gzip", "x-gzip") and body.startswith(b"\x1f\x8b"):
        unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
        try:
            body = unpacker.decompress(body, MAX_UNPACKED)
        except zlib.error as error:
            raise ValueError(f"a body is no gzip: {error}") from None
        if unpacker.unconsumed_tail:
            raise ValueError(f"a body has more than {MAX_UNPACKED:,} bytes")
    headers = {name: value for name, value in exchange.headers.items() if name not in ON_THE_WIRE}
    return exchange._replace(body=body, headers=headers)
