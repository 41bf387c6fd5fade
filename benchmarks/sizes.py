"""Sizes of what there is to install."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

from benchmarks.figure import STOCK, Measured, Row, Unavailable
from benchmarks.setting import ROOT, Setting

KILOBYTE = 1000
HEADERS = 30 + 46
"""Bytes that a wheel has for each file, apart from its name, twice."""

EXTRAS = ("instantly_sandbox/", "instantly_cli/", "instantly_contract/", "instantly_client/openapi.json")
"""What only the extras use."""


def files(setting: Setting) -> Measured:
    generated = len(list((ROOT / "generated").rglob("*.py")))
    output = setting.stock_output
    stock = str(output) if isinstance(output, Unavailable) else len(list(output[0].rglob("*.py")))
    return Measured(generated, None, {STOCK: stock}, "below generated/")


def wheel(setting: Setting) -> Measured:
    """The client's part: the same wheel holds the sandbox, the contract checker, and the document that both read."""
    output = setting.stock_output
    stock = str(output) if isinstance(output, Unavailable) else zipped(output[0]) / KILOBYTE
    whole = setting.wheel.stat().st_size
    with zipfile.ZipFile(setting.wheel) as archive:
        entries = archive.infolist()
    others = [entry for entry in entries if entry.filename.startswith(EXTRAS)]
    # The list of all files has a line of each, most of it a hash, which nothing makes shorter.
    lines = next(entry.compress_size for entry in entries if entry.filename.endswith("/RECORD")) / len(entries)
    size = whole - sum(entry.compress_size + HEADERS + 2 * len(entry.filename) + lines for entry in others)
    plainly = f"{size:,.0f} bytes; {whole:,} with the extras, {sum(entry.file_size for entry in entries):,} unpacked"
    return Measured(size / KILOBYTE, None, {STOCK: stock}, plainly)


def zipped(folder: Path) -> int:
    """The bytes that the Python files of a folder would take up in a wheel."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*.py")):
            archive.write(path, path.relative_to(folder))
    return len(buffer.getvalue())


ROWS = [
    Row("files", "generated .py files", 400, "", files),
    # Doctor, search, webhooks and telemetry take 40 of it, and files for single models instead of one for all 100.
    Row("wheel", "size of the wheel without the extras", 560, "KB", wheel),
]
