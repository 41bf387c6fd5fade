#!/usr/bin/env python3
"""From a fresh clone to a working project with nothing but Python and git.

Makes the environment .venv from the locked requirements, then hands over to nox. Standard library only.
"""

import sys

OLDEST_PYTHON = (3, 11)


# This part is in syntax that older Pythons can read: they are who it speaks to.
def too_old(version: "tuple[int, ...]") -> str:
    """The message for the user of a Python that is too old; empty when it is new enough."""
    if version[:2] >= OLDEST_PYTHON:
        return ""
    found, needed = (".".join(map(str, numbers[:2])) for numbers in (version, OLDEST_PYTHON))
    return (
        f"dev.py: this is Python {found} ({sys.executable}); the project needs {needed} or newer.\n"
        f"  What to do: call it with a newer one, for example: python{needed} scripts/dev.py test"
    )


if too_old(sys.version_info[:3]):
    sys.exit(too_old(sys.version_info[:3]))

import hashlib  # noqa: E402
import importlib.util  # noqa: E402
import os  # noqa: E402
import subprocess  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
LOCKS = (ROOT / "requirements" / "bootstrap.txt", ROOT / "requirements" / "dev.txt")
# What says where pip and uv put things: elsewhere than into .venv. What says where from stays.
PLACES = {
    *("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "PIP_DRY_RUN"),
    *("UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_BREAK_SYSTEM_PACKAGES", "UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV"),
}
VERBS = ("demo", "test", "nox", "setup")
HELP = """\
usage: python3 scripts/dev.py VERB [ARGUMENTS]

  demo              regenerate, build, install into a clean environment, run the quickstart against the sandbox
  test [ARGUMENTS]  run all tests but the long ones; arguments go to pytest, for example: test -x -k retries
  nox [ARGUMENTS]   run nox: `nox --list` names its sessions, `nox -s lint` runs one
  setup             only make or refresh .venv

Every verb makes .venv first, and refreshes it when requirements/ or the Python has changed.
"""


class DevError(Exception):
    """Something went wrong that the user can act on: what, where, and what to do."""


def main(arguments: list[str]) -> int:
    if arguments[:1] in (["-h"], ["--help"]):
        print(HELP, end="")
        return 0
    if not arguments or arguments[0] not in VERBS:
        problem = f"unknown verb {arguments[0]!r}" if arguments else "which verb?"
        print(f"dev.py: {problem}\n\n{HELP}", end="", file=sys.stderr)
        return 2
    verb, *rest = arguments
    try:
        prepare(ENVIRONMENT, LOCKS)
        if verb == "setup":
            return 0
        return subprocess.call([python_of(ENVIRONMENT), "-m", "nox", *nox_arguments(verb, rest)], cwd=ROOT)
    except DevError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def nox_arguments(verb: str, rest: list[str]) -> list[str]:
    if verb == "nox":
        return rest
    return ["--session", verb, *(["--", *rest] if rest else [])]


def prepare(environment: Path, locks: tuple[Path, Path]) -> None:
    """Make the environment hold what the locks say; do nothing when it does already."""
    wanted = state(locks)
    stamp = environment / "locked-state"
    if python_of(environment).exists() and stamp.exists():
        found = stamp.read_text(encoding="utf-8")
        if found == wanted:
            return
        same_python = found.splitlines()[0] == wanted.splitlines()[0]
    else:
        same_python = False

    started = time.monotonic()
    say(f"{'refreshing' if same_python else 'making'} {environment.name} ...")
    stamp.unlink(missing_ok=True)
    if not same_python:
        create(environment)
    install(environment, locks)
    check(environment)
    stamp.write_text(wanted, encoding="utf-8")
    say(f"{environment.name} is ready ({time.monotonic() - started:.0f} s)")


def state(locks: tuple[Path, Path]) -> str:
    """The stamp of an environment: the Python, and every byte of the locks."""
    try:
        sums = [f"{lock.name} {hashlib.sha256(lock.read_bytes()).hexdigest()}" for lock in locks]
    except FileNotFoundError as error:
        raise DevError(f"{error.filename} is missing\n  What to do: git checkout -- requirements") from None
    return "\n".join([f"python {sys.version.split()[0]} {sys.implementation.name} {sys.platform}", *sums, ""])


def create(environment: Path) -> None:
    if importlib.util.find_spec("ensurepip") is None:
        raise DevError(
            f"{sys.executable} cannot make virtual environments: its module ensurepip is not installed\n"
            f"  What to do on Debian or Ubuntu: apt-get install python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        )
    if Path(sys.prefix).resolve() == environment.resolve():
        raise DevError(
            f"{environment} is incomplete and cannot replace itself\n"
            "  What to do: leave it (deactivate), and call this script with another Python"
        )
    command = [sys.executable, "-m", "venv", "--clear", str(environment)]
    run(command, "making the environment", "remove it and look at whether its folder can be written")


def install(environment: Path, locks: tuple[Path, Path]) -> None:
    bootstrap, everything = locks
    python = python_of(environment)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
    hint = "look at the network connection, or at pip's settings (`pip config list`) if an index of your own is used"
    locked = ["--require-hashes", "--only-binary", ":all:", "--requirement"]
    run([*pip, *locked, str(bootstrap)], "installing uv with pip", hint)

    uv = [str(python), "-m", "uv", "pip", "sync", "--quiet", "--python", str(python)]
    try:
        run([*uv, *locked[:-1], str(everything)], "installing with uv", hint)
    except DevError as error:
        # uv reads neither pip's settings nor, in old certificate set-ups, what pip trusts. pip takes half a minute.
        say(f"{error}\n  Trying pip instead")
        run([*pip, *locked, str(everything)], "installing with pip", hint)


def check(environment: Path) -> None:
    """See that what was installed is there: settings of pip may have put it elsewhere."""
    hint = "look for `target`, `prefix` or `user` in pip's settings (`pip config list`), and remove it"
    run([str(python_of(environment)), "-c", "import nox, uv"], "looking for nox in the environment", hint)


def run(command: list[str], doing: str, hint: str) -> None:
    """Run a quiet step; when it fails, show the end of what it printed."""
    # Trust what the system trusts: behind a company's proxy uv's own list of certificates is not enough.
    given = {name: value for name, value in os.environ.items() if name not in PLACES}
    variables = {"UV_SYSTEM_CERTS": "1", **given}
    done = subprocess.run(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=variables, check=False
    )
    if done.returncode:
        lines = done.stdout.decode(errors="replace").strip().splitlines()[-12:]
        shown = "\n".join(f"    {line}" for line in lines)
        raise DevError(f"{doing} failed, exit status {done.returncode}\n{shown}\n  What to do: {hint}")


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def say(message: str) -> None:
    print(f"dev.py: {message}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
