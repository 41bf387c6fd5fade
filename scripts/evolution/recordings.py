"""Check the recorded answers with a client that is not installed: what it breaks on or loses stops the run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection
from pathlib import Path

from scripts.lib.report import Failed, counted

STEP = "test"
FOLDER = Path("tests") / "contract" / "recordings"


def check_recordings(generated: Path, root: Path, *, operations: Collection[str]) -> None:
    """Check the client in `generated` with the recordings of `operations` in the project `root`.

    Where an answer deviates from the document, but is understood in full, that is no failure: it may be the document
    that has changed. Raises `Failed` for the others.
    """
    if not (root / FOLDER).is_dir():
        return
    folders = [root / "core", generated, root / "contract"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "instantly_contract", "--recordings", str(FOLDER), "--lenient", "--json"]
    result = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    try:
        told = json.loads(result.stdout)
    except ValueError:
        raise Failed(STEP, f"the contract tests could not run:\n{result.stderr[-2000:]}") from None
    problems = [
        f"{finding['recording']}: {finding['pointer']}: expected {finding['expected']} ({finding['check']})"
        for finding in told["findings"]
        if finding["operation"] in operations
    ]
    if problems:
        raise Failed(STEP, f"{counted(problems, 'problem')} with recorded answers:\n" + "\n".join(problems[:40]))
