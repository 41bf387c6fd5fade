"""Try the wheel in bare environments: on each Python, with our oldest and our newest dependencies.

In each of them `smoke.py` runs, out of sight of the working tree: without extras, with `sandbox`, and with all, which
it uses. A Python that is not on this machine is skipped.

Exit status: 0 all that could be tried passed, 1 something did not, 2 there is no wheel.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from scripts.lib.layout import PROJECT
from scripts.lib.process import end, execute, run, tool
from scripts.lib.progress import Progress
from scripts.lib.pythons import PYTHONS, find_python, python_of
from scripts.lib.report import Failed, Refused, counted, refused, show_error, show_table
from scripts.lib.verb import Arguments
from scripts.release.dist import read_metadata
from scripts.spec import lock as locks

STEP = "environments"
SMOKE = Path(__file__).with_name("smoke.py")
EXTRA = "sandbox"

Dependencies = Literal["lowest", "newest"]


@dataclass(frozen=True)
class Trial:
    """Outcome on a Python with these dependencies: `passed`, `failed` or `skipped`, and what the command said."""

    python: str
    dependencies: Dependencies
    status: Literal["passed", "failed", "skipped"]
    seconds: float
    said: str


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        with Progress(quiet=options.json) as progress:
            trials = try_wheel(options.wheel or built_wheel(PROJECT.root / "dist"), on_step=progress.step)
    except (Refused, Failed) as error:
        return show_error(error, as_json=options.json)
    if options.json:
        print(json.dumps([asdict(trial) for trial in trials], indent=2))
    else:
        show_trials(trials)
    return 0 if passed(trials) else 1


def built_wheel(folder: Path) -> Path:
    """The wheel of the build in `folder`. Raises `Refused` unless there is just one."""
    wheels = list(folder.glob("*.whl"))
    if len(wheels) != 1:
        raise refused(STEP, f"{folder} has {counted(wheels, 'wheel')}", "run `nox -s build` first")
    return wheels[0]


def try_wheel(wheel: Path, *, on_step: Progress.OnStep, pythons: Iterable[str] = PYTHONS) -> list[Trial]:
    """Try the wheel on each of `pythons`, with the oldest and the newest dependencies that it admits."""
    cases: list[tuple[str, Dependencies]] = [(python, which) for python in pythons for which in ("lowest", "newest")]
    trials = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [pool.submit(_try, wheel.resolve(), python, which) for python, which in cases]
        on_step(f"1 of {len(cases)}")
        for number, future in enumerate(as_completed(running), 2):
            trials.append(future.result())
            if number <= len(cases):
                on_step(f"{number} of {len(cases)}")
    return sorted(trials, key=lambda trial: cases.index((trial.python, trial.dependencies)))


def passed(trials: Sequence[Trial]) -> bool:
    """Whether all that could be tried passed, and anything could."""
    return {trial.status for trial in trials} in ({"passed"}, {"passed", "skipped"})


def show_trials(trials: Sequence[Trial]) -> None:
    rows = [(t.python, t.dependencies, t.status, f"{t.seconds:.1f} s", t.said.rpartition("\n")[2]) for t in trials]
    show_table(("Python", "dependencies", "", "took", "said"), rows)
    for trial in trials:
        if trial.status == "failed":
            print(f"\nPython {trial.python}, {trial.dependencies}:\n{trial.said}")


def make_environment(folder: Path, python: str | Path) -> Path:
    """Make an environment in the new `folder` that has nothing installed. Returns its Python; raises `Failed`."""
    _uv("venv", "--quiet", "--no-project", "--python", python, folder, inside=folder.parent)
    return python_of(folder)


def install(python: Path, requirements: Iterable[str], *options: str | Path) -> None:
    """Install into the environment of `python`, with these options of `uv pip install`. Raises `Failed`."""
    _uv("pip", "install", "--quiet", "--python", python, *options, *requirements, inside=python.parent)


def smoke(python: Path, *arguments: str) -> str:
    """Run scripts/release/smoke.py with `python`, away from the working tree. Returns what it said; raises `Failed`."""
    # -I: neither variables nor the current folder add to what can be imported.
    done = execute([python, "-I", "-W", "error", SMOKE, *arguments], folder=python.parent)
    if done.returncode:
        raise Failed("smoke", end(done.stderr or f"exit status {done.returncode}"))
    return done.stdout.strip()


def requirements_of(wheel: Path, *extras: str) -> Iterator[str]:
    """The wheel, and what it requires for `extras`, each by itself: only so does uv count it among the direct ones."""
    metadata = read_metadata(wheel)
    named = f"[{','.join(extras)}]" if extras else ""
    yield f"{metadata.name}{named} @ {wheel.as_uri()}"
    for requirement in metadata.requires_dist or []:
        if requirement.marker is None or any(requirement.marker.evaluate({"extra": extra}) for extra in extras):
            yield f"{requirement.name}{requirement.specifier}"


def _try(wheel: Path, version: str, dependencies: Dependencies) -> Trial:
    began = time.monotonic()
    command = find_python(version)
    if not command:
        return Trial(version, dependencies, "skipped", 0, f"no Python {version} on the PATH or under pyenv")
    # A version without a build for this Python is none that its users could install without a compiler.
    options = ("--only-binary=:all:", "--resolution", "lowest-direct" if dependencies == "lowest" else "highest")
    metadata = read_metadata(wheel)
    expected = ("--version", str(metadata.version), "--document", locks.read(PROJECT.lock).sha256)
    try:
        with tempfile.TemporaryDirectory(prefix="environment-") as folder:
            python = make_environment(Path(folder, "bare"), command)
            install(python, requirements_of(wheel), *options)
            smoke(python, "--import-only", *expected)
            install(python, requirements_of(wheel, EXTRA), *options)
            smoke(python, *expected)
            install(python, requirements_of(wheel, *metadata.provides_extra or ()), *options)
            said = smoke(python, "--all-extras", *expected)
            # With `fast`, the one of the two that read JSON is hidden by the other.
            smoke(python, "--all-extras", "--hide", "msgspec", *expected)
    except Failed as error:
        return Trial(version, dependencies, "failed", time.monotonic() - began, str(error))
    return Trial(version, dependencies, "passed", time.monotonic() - began, said)


def _uv(*command: str | Path, inside: Path) -> None:
    # Not in the working tree, whose pyproject.toml uv would read; and trusting what the system trusts.
    variables = {"UV_SYSTEM_CERTS": "1", **os.environ}
    run(STEP, f"uv {command[0]}", tool("uv", *command), folder=inside, variables=variables)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = Arguments("python -m scripts.release.environments", __doc__)
    parser.add_argument("wheel", type=Path, nargs="?", metavar="WHEEL", help="another wheel than that in dist/")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
