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

import contextlib  # noqa: E402
import hashlib  # noqa: E402
import importlib.util  # noqa: E402
import os  # noqa: E402
import re  # noqa: E402
import subprocess  # noqa: E402
import time  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Iterator

try:
    import fcntl
except ImportError:  # Windows has none: there two runs at once get into each other's way.
    fcntl = None  # type: ignore[assignment]

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENT = ROOT / ".venv"
STAMP = "locked-state"
LOCKS = (ROOT / "requirements" / "bootstrap.txt", ROOT / "requirements" / "dev.txt")
# Of the settings of pip and uv that variables have: those that say from where packages come, and how they are reached.
# Others say where to, or what: a target, a constraint, another Python.
SOURCES = (
    r"PIP_(\w*INDEX\w*|FIND_LINKS|TRUSTED_HOST|\w*CERT|PROXY|\w*TIMEOUT|RETRIES|KEYRING\w*|CONFIG_FILE|\w*CACHE\w*)"
    r"|UV_(\w*INDEX\w*|FIND_LINKS|INSECURE_HOST|\w*CERTS|NATIVE_TLS|\w*TIMEOUT|HTTP_\w+|OFFLINE|KEYRING\w*"
    r"|CONFIG_FILE|NO_CONFIG|\w*CACHE\w*|LINK_MODE|CONCURRENT_\w+)"
)
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
        return subprocess.call(
            [python_of(ENVIRONMENT), "-m", "nox", *nox_arguments(verb, rest)], cwd=ROOT, env=variables()
        )
    except DevError as error:
        print(f"dev.py: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        hint = f"see that {ROOT} can be written and has room, or remove {ENVIRONMENT}"
        print(f"dev.py: {error}\n  What to do: {hint}", file=sys.stderr)
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
    if stamp_of(environment) == wanted:
        return
    with alone(environment):
        found = stamp_of(environment)
        if found == wanted:
            return  # Another run has made it meanwhile.
        same_python = found.partition("\n")[0] == wanted.partition("\n")[0]
        started = time.monotonic()
        say(f"{'refreshing' if same_python else 'making'} {environment.name} ...")
        stamp = environment / STAMP
        if same_python:
            stamp.unlink()
        else:
            create(environment)
        install(environment, locks)
        check(environment)
        # Whole or not at all.
        written = stamp.with_suffix(".new")
        written.write_text(wanted, encoding="utf-8")
        written.replace(stamp)
        say(f"{environment.name} is ready ({time.monotonic() - started:.0f} s)")


def stamp_of(environment: Path) -> str:
    """What the environment was made of; empty when it is not whole."""
    if not all(path.exists() for path in (python_of(environment), environment / "pyvenv.cfg", environment / STAMP)):
        return ""
    return (environment / STAMP).read_text(encoding="utf-8", errors="replace")


@contextlib.contextmanager
def alone(environment: Path) -> "Iterator[None]":
    """Wait until no other run makes an environment in this folder, and let no other one begin.

    What such a run has started counts as well: that may go on when the run itself is killed.
    """
    if fcntl is None:
        yield
        return
    folder = os.open(environment.parent, os.O_RDONLY)
    os.set_inheritable(folder, True)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"another run is making {environment.name}: waiting for it ...")
            fcntl.flock(folder, fcntl.LOCK_EX)
        except OSError:
            pass  # Some file systems have no locks.
        yield
    finally:
        os.close(folder)


def state(locks: tuple[Path, Path]) -> str:
    """The stamp of an environment: the Python, and every byte of the locks."""
    try:
        sums = [f"{lock.name} {hashlib.sha256(lock.read_bytes()).hexdigest()}" for lock in locks]
    except FileNotFoundError as error:
        raise DevError(f"{error.filename} is missing\n  What to do: git checkout -- requirements") from None
    return "\n".join([f"python {sys.version.split()[0]} {sys.implementation.name} {sys.platform}", *sums, ""])


def create(environment: Path) -> None:
    missing = [name for name in ("venv", "ensurepip") if importlib.util.find_spec(name) is None]
    if missing:
        raise DevError(
            f"{sys.executable} cannot make virtual environments: its module {missing[0]} is not installed\n"
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
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={"UV_SYSTEM_CERTS": "1", **variables(installing=True)},
        close_fds=False,
        check=False,
    )
    if done.returncode:
        lines = done.stdout.decode(errors="replace").strip().splitlines()[-12:]
        shown = "\n".join(f"    {line}" for line in lines)
        raise DevError(f"{doing} failed, exit status {done.returncode}\n{shown}\n  What to do: {hint}")


def variables(*, installing: bool = False) -> "dict[str, str]":
    """The environment of a program of .venv; when it installs, without settings that lead packages elsewhere."""
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTHONHOME", "__PYVENV_LAUNCHER__"}}
    if not installing:
        return kept
    elsewhere = re.compile(rf"(?!({SOURCES})$)((PIP|UV)_.*|PYTHONPATH|VIRTUAL_ENV)")
    return {name: value for name, value in kept.items() if not elsewhere.match(name)}


def python_of(environment: Path) -> Path:
    return environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def say(message: str) -> None:
    print(f"dev.py: {message}", flush=True)


if __name__ == "__main__":
    # A folder may have a name that a terminal cannot show.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    sys.exit(main(sys.argv[1:]))
