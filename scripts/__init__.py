"""The verbs of the project, and below them, room by room, what they are made of."""

import sys
from pathlib import Path

# The scripts are started without a PYTHONPATH; what the engine's helpers know is compared with the document.
sys.path.append(str(Path(__file__).parents[1] / "core"))
