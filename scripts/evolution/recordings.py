"""Check the recorded answers with a client that is not installed: what it breaks on or loses stops the run."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from pathlib import Path

from scripts.lib.process import end, execute, tool
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
    folders = [root / "core", generated, root / "sandbox", root / "contract"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders)), "PYTHONDONTWRITEBYTECODE": "1"}
    command = tool("instantly_contract", "--recordings", FOLDER, "--lenient", "--json")
    done = execute(command, folder=root, variables=environment)
    try:
        report = json.loads(done.stdout)
    except ValueError:
        raise Failed(STEP, f"the contract tests could not run:\n{end(done.stderr)}") from None
    problems = [
        f"{finding['recording']}: {finding['pointer']}: expected {finding['expected']} ({finding['check']})"
        for finding in report["findings"]
        if finding["operation"] in operations
    ]
    if problems:
        raise Failed(STEP, f"{counted(problems, 'problem')} with recorded answers:\n" + "\n".join(problems[:40]))
