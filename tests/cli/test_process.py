"""The command as people have it: a process of its own, pipes, terminals, signals."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from select import select

import pytest

from instantly_sandbox import Sandbox

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
SOURCES = os.pathsep.join(str(ROOT / folder) for folder in ("core", "generated", "sandbox", "cli"))
SECONDS = 30
COMMAND = [sys.executable, "-m", "instantly_cli"]


@pytest.fixture
def environment(home: Path, served: tuple[Sandbox, str]) -> dict[str, str]:
    sandbox, url = served
    return {
        **os.environ,
        "PYTHONPATH": SOURCES,
        "HOME": str(home),
        "INSTANTLY_API_KEY": sandbox.key,
        "INSTANTLY_BASE_URL": url,
        "TERM": "xterm",
        "COLUMNS": "100",
    }


def done(environment: Mapping[str, str], *arguments: str, code: str | None = None) -> subprocess.CompletedProcess[str]:
    command = COMMAND if code is None else [sys.executable, "-c", code]
    return subprocess.run([*command, *arguments], env=environment, capture_output=True, text=True, check=False)


def on_terminal(
    environment: Mapping[str, str], *arguments: str, typed: str = "", out: Path | None = None
) -> tuple[int, str]:
    """The exit status of a command on a terminal, and what is on it at the end; with `out`, only the standard error."""
    leader, follower = pty.openpty()
    with open(out or os.devnull, "wb") as file:
        process = subprocess.Popen(
            [*COMMAND, *arguments], env=environment, stdin=follower, stdout=file if out else follower, stderr=follower
        )
    os.close(follower)
    screen = b""
    # Linux ends what a terminal says with an error, others with nothing.
    with suppress(OSError):
        while select([leader], [], [], SECONDS)[0] and (read := os.read(leader, 65536)):
            screen += read
            # What is typed before the question may be thrown away.
            if typed and screen.rstrip().endswith(b":"):
                os.write(leader, typed.encode())
                typed = ""
    os.close(leader)
    return process.wait(), screen.decode().replace("\r\n", "\n")


# --- what is imported ---

WATCHED = ("httpx", "rich", "instantly_client.models.campaign", "instantly_sandbox", "keyring", "http.server")


def imported(environment: Mapping[str, str], *arguments: str) -> set[str]:
    code = (
        "import json, sys\nfrom instantly_cli.entry import main\nmain()\n"
        f"print(json.dumps([name for name in {WATCHED} if name in sys.modules]))"
    )
    return {*json.loads(done(environment, *arguments, code=code).stdout.splitlines()[-1])}


def test_a_command_imports_what_it_needs_and_no_more(environment: dict[str, str]) -> None:
    assert imported(environment, "--version") == set()
    assert imported(environment, "campaigns", "--help") == {"httpx"}
    assert imported(environment, "campaigns", "list") == {"httpx", "instantly_client.models.campaign"}
    assert "instantly_sandbox" in imported(environment, "campaigns", "list", "--sandbox")


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra_a_message_says_what_to_install(environment: dict[str, str], missing: str) -> None:
    code = (
        "import sys\nfrom importlib.machinery import PathFinder\n"
        "find = PathFinder.find_spec\n"
        f"PathFinder.find_spec = lambda name, *rest: None if name == {missing!r} else find(name, *rest)\n"
        "from instantly_cli.entry import main\nsys.exit(main())"
    )
    ended = done(environment, code=code)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == (
        f"instantly: the command line needs {missing}\n  What to do: pip install 'instantly-client[cli]'\n"
    )


# --- pipes and signals ---


def test_a_reader_that_has_enough_ends_the_command_quietly(environment: dict[str, str]) -> None:
    read, write = os.pipe()
    process = subprocess.Popen(
        [*COMMAND, "emails", "list", "--jsonl"], env=environment, stdout=write, stderr=subprocess.PIPE, text=True
    )
    os.close(write)
    os.read(read, 10)
    os.close(read)
    _, err = process.communicate()
    assert (process.returncode, err) == (141, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_closed_streams_are_no_traceback(environment: dict[str, str], closed: str) -> None:
    line = f"{shlex.join(COMMAND)} campaigns list --fields name {closed}"
    ended = subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no disk that is always full")
def test_a_full_disk_is_one_line(environment: dict[str, str]) -> None:
    with open("/dev/full", "w") as full:
        ended = subprocess.run(
            [*COMMAND, "campaigns", "list"],
            env=environment,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (ended.returncode, ended.stderr) == (1, "instantly: No space left on device\n")


def test_ctrl_c_ends_the_command_with_one_line(environment: dict[str, str]) -> None:
    process = subprocess.Popen(
        [*COMMAND, "webhooks", "listen", "--port", "0"], env=environment, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    assert process.stderr.readline().startswith("listening on ")
    process.send_signal(signal.SIGINT)
    _, err = process.communicate()
    assert (process.returncode, err) == (130, "\ninterrupted\n")


def test_wrong_commands_are_no_traceback(environment: dict[str, str]) -> None:
    ended = done(environment, "campaigns", "get")
    assert ended.returncode == 2
    assert ended.stderr == ("instantly campaigns get: Missing argument 'ID'.\n  See: instantly campaigns get --help\n")


# --- terminals ---


def test_a_terminal_has_a_table_of_its_width(environment: dict[str, str]) -> None:
    status, screen = on_terminal(environment, "leads", "list", "--limit", "3")
    assert status == 0
    assert "\x1b[1m" in screen
    lines = re.sub(r"\x1b\[[\d;]*m", "", screen).splitlines()
    assert lines[0].split()[:2] == ["id", "email"]
    assert len(lines) == 4
    assert {len(line) for line in lines} <= {*range(90, 101)}


def test_no_color_leaves_the_colours_out(environment: dict[str, str]) -> None:
    _, screen = on_terminal({**environment, "NO_COLOR": "1"}, "campaigns", "list")
    assert not re.search(r"\x1b\[(3|4|9)\dm", screen)


def test_the_progress_of_a_walk_is_on_the_terminal_and_its_result_in_the_file(
    environment: dict[str, str], tmp_path: Path
) -> None:
    status, screen = on_terminal(environment, "emails", "list", "--csv", out=tmp_path / "emails.csv")
    assert status == 0
    assert re.search(r"emails: \d+", screen)
    header, *rows = (tmp_path / "emails.csv").read_text().splitlines()
    assert header.startswith("id,")
    assert len(rows) > 100


@pytest.mark.parametrize(("typed", "status"), [("y\n", 4), ("n\n", 9), ("\x04", 130)])
def test_a_person_at_a_terminal_is_asked(environment: dict[str, str], typed: str, status: int) -> None:
    id = "019cc043-aee6-7ae9-a545-d7de53430e37"
    ended, screen = on_terminal(environment, "campaigns", "delete", id, typed=typed)
    assert f"instantly campaigns delete {id} would delete for good. Go on? [y/N]:" in screen
    assert ended == status


def test_a_key_that_is_typed_is_not_shown(environment: dict[str, str], home: Path) -> None:
    status, screen = on_terminal(environment, "login", typed="a-key-to-keep\n")
    assert status == 0
    assert "API key:" in screen
    assert "a-key-to-keep" in (home / ".config" / "instantly-client" / "login.json").read_text()


@pytest.fixture
def shell(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The environment of a shell in which the command is on the path."""
    (tmp_path / "instantly").write_text(f'#!/bin/sh\nexec {" ".join(COMMAND)} "$@"\n')
    (tmp_path / "instantly").chmod(0o755)
    return {**environment, "PATH": f"{tmp_path}{os.pathsep}{environment['PATH']}", "HOME": str(tmp_path)}


@pytest.mark.parametrize(
    ("program", "script"),
    [
        (
            "bash",
            'eval "$(instantly completion bash)"; COMP_WORDS=(instantly campaigns pau); COMP_CWORD=2; '
            '_instantly_completion instantly; echo "${COMPREPLY[@]}"',
        ),
        ("fish", "instantly completion fish | source; complete --do-complete 'instantly campaigns pau' | cut -f 1"),
    ],
)
def test_bash_and_fish_complete_commands(shell: dict[str, str], program: str, script: str) -> None:
    if not shutil.which(program):
        pytest.skip(f"no {program} on the PATH")
    ended = subprocess.run([program, "-c", script], env=shell, capture_output=True, text=True, check=False)
    assert ended.stdout == "pause\n", ended.stderr


@pytest.mark.skipif(not shutil.which("zsh"), reason="no zsh on the PATH")
def test_zsh_completes_commands(shell: dict[str, str]) -> None:
    # Only a zsh that somebody types to completes.
    leader, follower = pty.openpty()
    command = ["zsh", "--no-rcs", "--interactive"]
    with subprocess.Popen(
        command, env={**shell, "TERM": "dumb"}, stdin=follower, stdout=follower, stderr=follower
    ) as zsh:
        try:
            for typed, shown in (
                (
                    'autoload -U compinit; compinit -u -D; eval "$(instantly completion zsh)"; echo re""ady\n',
                    "ready\r\n",
                ),
                ("instantly campaigns pau\t", "instantly campaigns pause "),
            ):
                os.write(leader, typed.encode())
                screen = b""
                while shown.encode() not in screen:
                    assert select([leader], [], [], SECONDS)[0], screen
                    screen += os.read(leader, 4096)
        finally:
            zsh.kill()
            os.close(leader)
            os.close(follower)
