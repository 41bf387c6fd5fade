"""Compare the client with what a user would take instead, and check it against its limits.

"stock" is what openapi-python-client makes of the same document, "instantlyai" another package for the same service.
Times are those of the processor, and of batches that take turns with the reference the quickest counts, so that a busy
machine changes little; a ratio is the median over several fresh processes, and quartiles show its spread. Only where
waiting is the subject it is the time on the wall.

Exit status: 0 every limit is kept, 1 one is missed or a row cannot be measured, 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks import imports, limiting, losses, memory, regeneration, sandbox, sizes, speed, table
from benchmarks.setting import Setting

ROWS = {
    row.name: row
    for module in (imports, memory, sizes, regeneration, losses, speed, limiting, sandbox)
    for row in module.ROWS
}  # fmt: skip


def main() -> int:
    options = parse()
    progress = table.Progress()
    results: list[table.Result] = []
    failures: list[str] = []
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        setting = Setting(Path(folder), progress.on_step)
        for name in options.figures or ROWS:
            with progress.row(name):
                try:
                    results.append((ROWS[name], ROWS[name].measure(setting)))
                except RuntimeError as error:
                    failures.append(f"{name}: {error}")
    if options.json:
        print(table.as_json(results))
    else:
        table.show(results)
    for failure in failures:
        print(failure, file=sys.stderr)
    return int(bool(failures) or any(row.missed(measured) for row, measured in results))


def parse() -> argparse.Namespace:
    listed = "\n".join(f"  {row.name:<18} {row.title}" for row in ROWS.values())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"{__doc__}\nfigures:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("figures", nargs="*", metavar="FIGURE", help="measure only these; all without")
    parser.add_argument("--json", action="store_true", help="print the results as JSON")
    options = parser.parse_args()
    unknown = [name for name in options.figures if name not in ROWS]
    if unknown:
        parser.error(f"unknown figure: {', '.join(unknown)}")
    return options


if __name__ == "__main__":
    sys.exit(main())
