"""Entry point of `python -m instantly_sandbox`: the command `instantly-sandbox`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
