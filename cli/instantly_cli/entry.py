"""Entry point of the command `instantly`. It looks for the extra first, so that a missing one is no traceback."""

from __future__ import annotations

import sys
from importlib.util import find_spec

EXTRA = ("click", "rich")
MISSING = 2


def main() -> int:
    """Run the command; returns its exit status."""
    missing = [name for name in EXTRA if find_spec(name) is None]
    if missing:
        print(
            f"instantly: the command line needs {' and '.join(missing)}\n"
            "  What to do: pip install 'instantly-client[cli]'",
            file=sys.stderr,
        )
        return MISSING
    # httpx imports a command line of its own, with rich and pygments, wherever these are installed.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # ty: ignore[no-matching-overload]
    from instantly_cli.run import run

    return run()
