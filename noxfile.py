"""The project's verbs, one session each: `nox --list` shows them, `python3 scripts/dev.py nox -s NAME` runs one.

All share one environment, .venv, which scripts/dev.py makes from requirements/. Only the sessions that test on other
Pythons, with other versions of our dependencies or with mutants have environments of their own, under .nox.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nox

from scripts.lib.pythons import PYTHONS, find_python, python_of

ROOT = Path(__file__).parent
PYTHON = python_of(ROOT / ".venv")
OURS = f"{sys.version_info.major}.{sys.version_info.minor}"
SOURCES = os.pathsep.join(["core", "generated", "sandbox", "cli", "contract"])
PYTEST = ["pytest", "--numprocesses=auto", "--dist=worksteal"]
# The pipeline runs on our Python, the client on that of its users.
CLIENT_TESTS = ["-m", "not slow", "tests/core", "tests/sandbox"]
# CPython 3.14 for node, and the tests that it can run: it has no threads, sockets and native modules.
PYODIDE = "pyodide@314.0.7"
SOCKET_FREE = [
    f"tests/core/test_{name}.py"
    for name in (
        *("decode", "encode", "models", "mappings", "drift", "operation", "type_hints", "timestamps"),
        *("time_zones", "doctor"),
    )
]
# What draws examples.
FUZZED = [
    "tests/contract",
    "tests/pipeline/evolution",
    "tests/pipeline/test_fuzz.py",
    "tests/pipeline/test_order.py",
    "tests/sandbox/test_schemathesis.py",
]
# In percent, of what the session `coverage` runs. They rise, and fall only where tests of the same code become slow.
FLOORS = {"core": 97, "generated": 98, "sandbox": 95, "cli": 95, "contract": 78, "scripts": 79}

nox.needs_version = ">=2025.2"
nox.options.sessions = ["test", "check-generated", "lint", "types"]
nox.options.default_venv_backend = "uv|virtualenv"
nox.options.download_python = "never"
nox.options.reuse_existing_virtualenvs = True
# nox would make a missing Python an error in CI; the sessions below say why they skip.
nox.options.error_on_missing_interpreters = False
os.environ.setdefault("UV_SYSTEM_CERTS", "1")
# Hundreds of processes import the same modules: without bytecode each would compile them again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def run(session: nox.Session, *command: str | Path) -> None:
    """Run `python COMMAND` in .venv, made or refreshed first."""
    session.run(sys.executable, "scripts/dev.py", "setup", external=True, log=False)
    session.run(PYTHON, *command, external=True)


# --- the generated code ---


@nox.session(venv_backend="none")
def regenerate(session: nox.Session) -> None:
    """Turn openapi/ into generated/; with `-- --document FILE --output DIR`, any document into a new folder."""
    run(session, "-m", "scripts.regenerate", *session.posargs)


@nox.session(name="check-generated", venv_backend="none")
def check_generated(session: nox.Session) -> None:
    """Regenerate elsewhere and list where generated/ differs."""
    run(session, "-m", "scripts.check_generated", *session.posargs)


@nox.session(venv_backend="none", default=False)
def drift(session: nox.Session) -> None:
    """Do the same as check-generated, which was called so before."""
    check_generated(session)


@nox.session(venv_backend="none", default=False)
def pin(session: nox.Session) -> None:
    """Take up what the vendor has published, with a report of what changes: `-- [URL|FILE] [--date YYYY-MM-DD]`."""
    run(session, "-m", "scripts.pin", *session.posargs)


@nox.session(venv_backend="none", default=False)
def rehearse(session: nox.Session) -> None:
    """Pin documents in a copy of the project, and say what a person has to do after it: `-- FILE... [--fast]`."""
    run(session, "-m", "scripts.rehearse", *session.posargs)


@nox.session(venv_backend="none", default=False)
def diff(session: nox.Session) -> None:
    """Say what changed for users between two documents: `-- OLD NEW [--json]`."""
    run(session, "-m", "scripts.diff", *session.posargs)


@nox.session(venv_backend="none", default=False)
def history(session: nox.Session) -> None:
    """Print the API by date, or what happened to one part of the client: `-- [NAME] [--since YYYY-MM-DD]`."""
    run(session, "-m", "scripts.history", *session.posargs)


@nox.session(venv_backend="none", default=False)
def names(session: nox.Session) -> None:
    """List the provisional names of the client; `-- --accept NAME` accepts some of them, `-- --accept` all."""
    run(session, "-m", "scripts.names", *session.posargs)


@nox.session(venv_backend="none", default=False)
def surface(session: nox.Session) -> None:
    """Print what the package offers; `-- --write` records it, `-- --check` and `-- --against REF` say what changed."""
    run(session, "-m", "scripts.surface", *session.posargs)


# --- tests and checks ---


@nox.session(venv_backend="none")
def test(session: nox.Session) -> None:
    """Run all tests but the long ones; arguments after -- go to pytest: `-- -m "not slow"` takes a minute."""
    run(session, "-m", *PYTEST, *session.posargs)


@nox.session(venv_backend="none", default=False)
def long(session: nox.Session) -> None:
    """Run the long tests, then the cookbook; `-- --representatives` one test of each kind. The site needs Chromium."""
    session.env["NEED_CHROMIUM"] = "1"
    run(session, "-m", *PYTEST, "-m", "long", *session.posargs)
    if not session.posargs:
        session.notify("cookbook")


@nox.session(default=False)
def cookbook(session: nox.Session) -> None:
    """Run the recipes that use dlt, Celery and matplotlib, in an environment of their own; they need redis-server."""
    session.install("--require-hashes", "--requirement", "requirements/cookbook.txt")
    programs = ["analytics_chart", "celery_workers", "nightly_export"]
    session.run("ty", "check", *(f"examples/{program}.py" for program in programs), "tests/cookbook")
    session.run("python", "-m", "pytest", "tests/cookbook", *session.posargs)


@nox.session(venv_backend="none", default=False)
def coverage(session: nox.Session) -> None:
    """Measure what the fast tests and those with a Redis run of the code, by lines and branches, against the floors."""
    data = ROOT / "build" / "coverage"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    # It makes them take twice as long, so that the slow ones are left out.
    run(session, "-m", "coverage", "run", "-m", *PYTEST, "-m", "not slow or redis", *session.posargs)
    run(session, "-m", "coverage", "combine", "--quiet")
    run(session, "-m", "coverage", "report", "--show-missing", "--include=core/*")
    for package, floor in FLOORS.items():
        run(session, "-m", "coverage", "report", f"--include={package}/*", f"--fail-under={floor}", "--format=total")


@nox.session(venv_backend="none", default=False)
def fuzz(session: nox.Session) -> None:
    """Run what draws examples with many, new ones each time; FUZZ_EXAMPLES says how many, 200 without it."""
    session.env.setdefault("FUZZ_EXAMPLES", "200")
    run(session, "-m", *PYTEST, "-m", "slow or not slow", *FUZZED, *session.posargs)


@nox.session(venv_backend="none", default=False)
def record(session: nox.Session) -> None:
    """Record answers as cassettes: `-- --sandbox` all of them from the sandbox, `-- --live` from the service."""
    session.env["PYTHONPATH"] = SOURCES
    run(session, "-m", "scripts.record", *session.posargs)


@nox.session(venv_backend="none", default=False)
def contract(session: nox.Session) -> None:
    """Show what is recorded of the service and what does not fit it; `-- --recordings DIR` checks answers of yours."""
    session.env["PYTHONPATH"] = SOURCES
    ours = [] if "--recordings" in session.posargs else ["--recordings", "tests/contract/recordings", "--matrix"]
    run(session, "-m", "instantly_contract", *ours, *session.posargs)


@nox.session(venv_backend="none")
def lint(session: nox.Session) -> None:
    """Check style, spelling, which room imports which, and the workflows; `-- --fix` mends what can be mended."""
    fix = "--fix" in session.posargs
    session.env["PYTHONPATH"] = os.pathsep.join([SOURCES, "."])
    python, programs = str(PYTHON), PYTHON.parent
    checks: list[list[str]] = [
        [python, "-m", "ruff", "format", *([] if fix else ["--check"]), "."],
        [python, "-m", "ruff", "check", *(["--fix"] if fix else []), "."],
        [python, "-m", "codespell_lib"],
        [str(programs / "lint-imports"), "--no-logo", "--no-cache"],
        [str(programs / "zizmor"), "--offline", "--quiet", ".github"],
    ]
    session.run(sys.executable, "scripts/dev.py", "setup", external=True, log=False)
    # All of them, also after one has failed, so that one run shows everything.
    failed = 0
    for check in checks:
        try:
            session.run(*check, external=True)
        except nox.command.CommandFailed:
            failed += 1
    if failed:
        session.error(f"{failed} of {len(checks)} checks failed")


@nox.session(venv_backend="none")
def types(session: nox.Session) -> None:
    """Check types with mypy over everything, and with ty over the package, since users run either."""
    # The one tool of ours that does not know NO_COLOR.
    run(session, "-m", "mypy", *(["--no-color-output"] if os.environ.get("NO_COLOR") else []))
    run(session, "-m", "ty", "check", "core", "generated", "sandbox", "cli", "contract")


@nox.session(venv_backend="none", default=False)
def bench(session: nox.Session) -> None:
    """Measure speed, memory and size side by side with the alternatives."""
    run(session, "-m", "benchmarks", *session.posargs)


@nox.session(default=False)
def mutate(session: nox.Session) -> None:
    """Change modules of core one place at a time, and list the changes that no test notices: `-- MODULE...`."""
    session.install("--require-hashes", "--requirement", "requirements/mutation.txt")
    session.run("python", "-m", "scripts.mutate", *session.posargs)


# --- tests on other Pythons and other dependencies ---


def test_with(session: nox.Session, lock: str) -> None:
    """Run the client's fast tests in the session's own environment."""
    session.install("--require-hashes", "--requirement", f"requirements/{lock}.txt")
    session.run("python", "-m", *PYTEST, *(session.posargs or CLIENT_TESTS))


def add_test_session(version: str) -> None:
    python = find_python(version)
    backend = None if python else "none"

    @nox.session(name=f"test-{version}", python=python or False, venv_backend=backend, default=False, tags=["pythons"])
    def test_on(session: nox.Session) -> None:
        if not python:
            session.skip(f"no Python {version} on the PATH or under pyenv")
        if version == OURS and not session.posargs:
            session.skip("this is the Python that `nox -s test` runs on")
        test_with(session, "dev")

    test_on.__doc__ = f"Run the client's fast tests on Python {version}."


# The newest has a session of its own, below.
for _version in PYTHONS[:-1]:
    add_test_session(_version)


# On the Python farthest from ours, so that one run answers for that, too.
_FARTHEST = PYTHONS[-2] if PYTHONS[0] == OURS else PYTHONS[0]


@nox.session(name="test-lowest", python=find_python(_FARTHEST), default=False, tags=["pythons"])
def test_lowest(session: nox.Session) -> None:
    """Run the client's fast tests with the oldest httpx, attrs and python-dateutil that pyproject.toml admits."""
    test_with(session, "lowest")


@nox.session(name=f"test-{PYTHONS[-1]}", venv_backend="none", default=False, tags=["pythons"])
def test_newest(session: nox.Session) -> None:
    """Run the client's tests that need no socket on Python 3.14, as pyodide has it for node."""
    if not (shutil.which("node") and shutil.which("npm")):
        session.skip("no node and npm on the PATH")
    run(session, "-c", "pass")
    folder = ROOT / "build" / "pyodide"
    folder.mkdir(parents=True, exist_ok=True)
    session.run("npm", "install", "--silent", "--no-save", "--prefix", str(folder), PYODIDE, external=True)
    # It finds pyodide next to itself.
    shutil.copy(ROOT / "tests" / "pyodide" / "run.mjs", folder)
    (site,) = (ROOT / ".venv").glob("lib/python*/site-packages")
    options = [
        "-p",
        "no:cacheprovider",
        "--quiet",
        "-m",
        "not slow",
        "-k",
        "not zone and not certificates and not wherever_the_machine",
    ]
    session.run("node", str(folder / "run.mjs"), str(ROOT), str(site), *options, *SOCKET_FREE, external=True)


@nox.session(venv_backend="none", default=False, tags=["pythons"])
def pipelines(session: nox.Session) -> None:
    """Compare what the pipeline writes on this Python with what it writes on all others, byte for byte."""
    pythons = []
    for version in PYTHONS:
        found = find_python(version)
        if not found:
            session.warn(f"no Python {version} on the PATH or under pyenv: not compared")
            continue
        environment = ROOT / ".nox" / f"pipelines-{version}"
        run(session, "-m", "uv", "venv", "--quiet", "--allow-existing", "--python", found, environment)
        python = environment / PYTHON.relative_to(ROOT / ".venv")
        sync = ["-m", "uv", "pip", "sync", "--quiet", "--require-hashes"]
        run(session, *sync, "--python", python, "requirements/dev.txt")
        pythons.append(str(python))
    session.env["PIPELINE_PYTHONS"] = os.pathsep.join(pythons)
    run(session, "-m", "pytest", "tests/pipeline/codegen/test_determinism.py", *session.posargs)


# --- packages ---


@nox.session(venv_backend="none", default=False)
def build(session: nox.Session) -> None:
    """Build source archive, wheel, bill of materials and sums into dist/, and check them; all or nothing."""
    run(session, "-m", "scripts.release.build", *session.posargs)


@nox.session(venv_backend="none", default=False)
def smoke(session: nox.Session) -> None:
    """Use the wheel of dist/ in bare environments: on each Python, with our oldest and newest dependencies."""
    run(session, "-m", "scripts.release.environments", *session.posargs)


@nox.session(venv_backend="none", default=False)
def preflight(session: nox.Session) -> None:
    """Refuse what is not fit to be released, with all reasons; `-- --only CHECK` to work on one."""
    run(session, "-m", "scripts.preflight", *session.posargs)


@nox.session(venv_backend="none", default=False)
def release(session: nox.Session) -> None:
    """Make version, changelog, commit and tag of a release, here only: `-- VERSION`, or `-- auto`."""
    run(session, "-m", "scripts.release", *session.posargs)


@nox.session(venv_backend="none", default=False)
def publish(session: nox.Session) -> None:
    """Publish what a preflight has passed on to a private index, and install it from there: `-- --index NAME|URL`."""
    session.run(sys.executable, "scripts/dev.py", "setup", external=True, log=False)
    # Not by nox, which repeats the arguments: somebody may give a password, although none is taken there.
    done = subprocess.run([PYTHON, "-m", "scripts.publish", *session.posargs], cwd=ROOT, check=False)
    if done.returncode:
        session.error(f"publish: exit status {done.returncode}")


@nox.session(venv_backend="none", default=False)
def demo(session: nox.Session) -> None:
    """Regenerate, build, install into a clean environment, run the quickstart there, against the sandbox."""
    clean = ROOT / "build" / "demo"
    python = clean / PYTHON.relative_to(ROOT / ".venv")
    shutil.rmtree(clean, ignore_errors=True)
    session.log("1 of 4: regenerate")
    run(session, "-m", "scripts.regenerate")
    session.log("2 of 4: build the wheel")
    run(session, "-m", "hatchling", "build", "--target", "wheel", "--directory", clean / "dist")
    session.log("3 of 4: install it into a clean environment")
    run(session, "-m", "uv", "venv", "--quiet", "--allow-existing", clean)
    (wheel,) = (clean / "dist").glob("*.whl")
    by_uv: list[str | Path] = [PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", python, f"{wheel}[sandbox]"]
    # pip takes ten times as long, but has settings of its own.
    if subprocess.run(by_uv, capture_output=True, check=False).returncode:
        session.run(PYTHON, "-m", "pip", "--python", python, "install", "--quiet", f"{wheel}[sandbox]", external=True)
    session.log("4 of 4: run the quickstart there, against the sandbox")
    session.run(python, "examples/quickstart.py", external=True)


@nox.session(venv_backend="none", default=False)
def docs(session: nox.Session) -> None:
    """Build the site of the docs, strictly; `-- --serve` shows it, `-- --add-to DIR`, `--publish BRANCH` release it."""
    run(session, "-m", "scripts.site", *session.posargs)


# --- upkeep ---


@nox.session(venv_backend="none", default=False)
def lock(session: nox.Session) -> None:
    """Write requirements/ from pyproject.toml; `-- --upgrade` takes newer versions of what is not pinned there."""
    locks = {
        "bootstrap": ["--group", "bootstrap"],
        "dev": ["pyproject.toml", "--group", "dev"],
        "cookbook": ["pyproject.toml", "--group", "cookbook"],
        "lowest": ["pyproject.toml", "--group", "dev", "--resolution", "lowest-direct"],
        # After dev, whose versions they take.
        "mutation": ["pyproject.toml", "--group", "dev", "--group", "mutation", "--constraint", "requirements/dev.txt"],
        "publish": ["--group", "publish", "--constraint", "requirements/dev.txt"],
    }
    for name, what in locks.items():
        # No index in the files: everybody installs from whichever index is set up at their place.
        run(
            session,
            *["-m", "uv", "pip", "compile", "--quiet", *what, "--output-file", f"requirements/{name}.txt"],
            *["--universal", "--python-version", "3.11", "--generate-hashes", "--no-emit-index-url"],
            *["--custom-compile-command", "python3 scripts/dev.py nox -s lock", *session.posargs],
        )
