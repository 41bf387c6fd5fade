"""The verbs of the project, and below them, room by room, what they are made of."""

import sys
from pathlib import Path

# The scripts are started without a PYTHONPATH, and what is given in one comes first.
sys.path += [str(Path(__file__).parents[1] / folder) for folder in ("core", "generated", "sandbox", "contract", "cli")]
