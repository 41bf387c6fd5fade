"""`python -m instantly_cli` is the command `instantly`."""

import sys

from instantly_cli.entry import main

if __name__ == "__main__":
    sys.exit(main())
