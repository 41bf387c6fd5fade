"""`python -m instantly_contract` is `instantly-contract`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
