"""Setting of the measurements: the contestants, each as a user would have it, and fresh processes to run them in."""

from __future__ import annotations

import compileall
import json
import os
import subprocess
import sys
import venv
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from benchmarks import samples
from benchmarks.figure import PEER, STOCK, Unavailable

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "openapi" / "api_v2.json"
RECORDINGS = ROOT / "tests" / "contract" / "recordings"
PROBES = ROOT / "benchmarks" / "probes"
CACHE = ROOT / "benchmarks" / ".cache"
PEER_REQUIREMENT = "instantlyai==0.7.0"


@dataclass(frozen=True)
class Contestant:
    """A client and the Python that can import it; `probe` is its module in probes/."""

    probe: str
    python: Path
    folder: Path | None = None


class Setting:
    """Setting that the rows share: made when it is first needed, in a folder that goes away with the run."""

    def __init__(self, folder: Path, on_step: Callable[[str], None]) -> None:
        self.folder = folder
        self.on_step = on_step

    # Contestants

    @cached_property
    def wheel(self) -> Path:
        """The wheel of this checkout."""
        self.on_step("building the wheel")
        target = self.folder / "wheel"
        run([sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)])
        (wheel,) = target.glob("*.whl")
        return wheel

    @cached_property
    def ours(self) -> Contestant:
        """Our client as the wheel installs it."""
        target = self.folder / "ours"
        with zipfile.ZipFile(self.wheel) as wheel:
            wheel.extractall(target)
        compileall.compile_dir(target, quiet=2)
        return Contestant("ours", Path(sys.executable), target)

    @cached_property
    def stock_output(self) -> tuple[Path, str] | Unavailable:
        """The client that the stock generator makes of our document, and its warnings."""
        self.on_step("running the stock generator")
        target = self.folder / "stock" / "stock_client"
        target.parent.mkdir()
        said = run(stock_command(target), statuses=(0, 1))
        if not (target / "__init__.py").exists():
            return Unavailable(f"openapi-python-client made nothing: {said.strip()[-200:]}")
        compileall.compile_dir(target, quiet=2)
        return target, said

    @cached_property
    def stock(self) -> Contestant | Unavailable:
        output = self.stock_output
        if isinstance(output, Unavailable):
            return output
        return Contestant("stock", Path(sys.executable), output[0].parent)

    @cached_property
    def peer(self) -> Contestant | Unavailable:
        """The other package on the index, in an environment that is kept between runs."""
        environment = CACHE / PEER_REQUIREMENT.replace("==", "-")
        python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        if not (environment / "complete").exists():
            self.on_step(f"installing {PEER_REQUIREMENT}")
            try:
                CACHE.mkdir(exist_ok=True)
                (CACHE / ".gitignore").write_text("*\n")
                venv.create(environment, clear=True, with_pip=True)
                run([str(python), "-m", "pip", "install", "--quiet", "--only-binary", ":all:", PEER_REQUIREMENT])
            except (OSError, subprocess.SubprocessError, RuntimeError) as error:
                return Unavailable(f"not installable: {str(error).strip().splitlines()[-1]}")
            (environment / "complete").touch()
        return Contestant("peer", python)

    @property
    def others(self) -> dict[str, Contestant | Unavailable]:
        return {STOCK: self.stock, PEER: self.peer}

    # Data

    @cached_property
    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(DOCUMENT.read_text("utf-8-sig"))
        return document

    @cached_property
    def campaign(self) -> Path:
        return self._file("campaign.json", samples.one(self.document, "Campaign"))

    @cached_property
    def campaigns(self) -> Path:
        return self._file("campaigns.json", samples.page(self.document, "Campaign", 100))

    @cached_property
    def leads(self) -> Path:
        return self._file("leads.json", samples.page(self.document, "Lead", 100))

    @cached_property
    def live_leads(self) -> Path:
        return self._file("live_leads.json", samples.recorded_page(RECORDINGS, 100))

    @cached_property
    def new_leads(self) -> Path:
        return self._file("new_leads.json", samples.recorded_page(RECORDINGS, 100, a_field_of_tomorrow="new"))

    @cached_property
    def few_leads(self) -> Path:
        return self._file("few_leads.json", samples.page(self.document, "Lead", 5))

    @cached_property
    def answers(self) -> Path:
        answers = [sample._asdict() for sample in samples.success_samples(self.document)]
        return self._file("answers.json", json.dumps(answers).encode())

    def _file(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path

    # Processes

    def probe(self, contestant: Contestant, script: str, *arguments: str | Path) -> str:
        """The output of a script of probes/ in a fresh process that has the contestant.

        Raises:
            RuntimeError: it failed, and the contestant is ours.
            Unavailable: it failed with another.
        """
        folders = [ROOT, contestant.folder] if contestant.folder else [ROOT]
        variables = {"PYTHONPATH": os.pathsep.join(map(str, folders))}
        # By its path: `python -m` imports much of the standard library first.
        command = [str(contestant.python), str(PROBES / f"{script}.py"), *map(str, arguments)]
        try:
            return run(command, variables=variables)
        except RuntimeError as error:
            if contestant is self.ours:
                raise
            raise Unavailable(f"fails: {str(error).strip().splitlines()[-1].strip()}") from error

    def numbers(self, contestant: Contestant, mode: str, module: str, *arguments: str | Path) -> list[float]:
        return [float(number) for number in self.probe(contestant, "measure", mode, module, *arguments).split()]


def stock_command(target: Path) -> list[str]:
    options = ["--path", str(DOCUMENT), "--meta", "none", "--output-path", str(target)]
    return [sys.executable, "-m", "openapi_python_client", "generate", *options]


def our_command(target: Path) -> list[str]:
    return [sys.executable, "-m", "scripts.regenerate", "--document", str(DOCUMENT), "--output", str(target)]


def run(command: Sequence[str], *, statuses: Sequence[int] = (0,), variables: Mapping[str, str] | None = None) -> str:
    """The output of a command, run as a user would run it: without settings of Python, without a proxy.

    Raises:
        RuntimeError: it ended with a status that it should not have.
    """
    done = subprocess.run(
        command, cwd=ROOT, env=environment(variables or {}), capture_output=True, text=True, check=False
    )
    if done.returncode not in statuses:
        raise RuntimeError(f"{' '.join(command[1:4])} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout + done.stderr if statuses != (0,) else done.stdout


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The variables of a process as a user would run it, and these."""
    unwanted = [name for name in os.environ if name.startswith("PYTHON") or name.lower().endswith("_proxy")]
    found = {name: value for name, value in os.environ.items() if name not in unwanted}
    # The stock generator finds its formatter there.
    found["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), found.get("PATH", "")])
    return {**found, **variables}
