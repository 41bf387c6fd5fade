"""The command `instantly-sandbox`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from instantly_client import Instantly, errors
from instantly_sandbox import Sandbox, cli
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.engine.messages import Answer, Request
from tests.sandbox.raw import target_of

COMMAND = [sys.executable, "-m", "instantly_sandbox"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
ENOUGH = 120
STOPS = [signal.SIGINT, signal.SIGTERM] if os.name == "posix" else []


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    command = [*COMMAND, "--port", "0", *options]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout
    found: dict[str, Any] = json.loads(process.stdout.readline())
    return found


def client(told: dict[str, Any]) -> Instantly:
    return Instantly(api_key=told["key"], base_url=told["url"])


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
def test_it_serves_until_it_is_stopped_and_logs_each_request(stop: signal.Signals) -> None:
    with running("--json") as process:
        with client(told(process)) as instantly:
            assert instantly.workspace.get_current().name == "Sandbox"
        process.send_signal(stop)
        rest, log = process.communicate(timeout=20)
    assert (process.returncode, rest) == (0, "")
    time, method, path, status, milliseconds, operation = log.split()
    assert (method, path, status, operation) == ("GET", target_of("getWorkspace"), "200", "getWorkspace")
    assert (len(time), milliseconds[-2:]) == (8, "ms")


@pytest.mark.slow
@pytest.mark.skipif(not STOPS, reason="needs signals")
def test_the_state_outlives_it(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    names = []
    for _ in range(2):
        with running("--json", "--state", str(path), "--seed", "5") as process:
            with client(told(process)) as instantly:
                names.append(instantly.workspace.get_current().name)
                instantly.workspace.update(name="Kept")
            process.terminate()
            process.communicate(timeout=20)
        assert process.returncode == 0
    assert names == ["Sandbox", "Kept"]


@pytest.mark.slow
@pytest.mark.skipif(not STOPS, reason="needs signals")
def test_a_kill_in_the_middle_of_writes_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    answered: list[tuple[str, str]] = []
    enough = Event()

    def write(url: str, key: str, worker: int) -> None:
        with Instantly(api_key=key, base_url=url, max_retries=0, limiter=None) as instantly:
            for number in count():
                label = f"{worker}-{number}"
                try:
                    instantly.custom_tags.create(label=label)
                except errors.InstantlyError:
                    return  # It was killed.
                answered.append((key, label))
                if len(answered) >= ENOUGH:
                    enough.set()

    with running("--json", "--state", str(path), "--no-rate-limits") as process:
        here = told(process)
        with client(here) as instantly:
            tenant = instantly.request("POST", "/sandbox/tenants", json={"name": "worker"})
        keys = [here["key"], tenant["key"]] * 2
        threads = [Thread(target=write, args=(here["url"], key, worker)) for worker, key in enumerate(keys)]
        for thread in threads:
            thread.start()
        assert enough.wait(30)
        process.send_signal(signal.SIGKILL)
        for thread in threads:
            thread.join()
    with running("--json", "--state", str(path), "--no-rate-limits") as process:
        url = told(process)["url"]
        for key in set(keys):
            with Instantly(api_key=key, base_url=url) as instantly:
                kept = {tag.label for tag in instantly.custom_tags.list(limit=100)}
            assert kept >= {label for of, label in answered if of == key}


@pytest.mark.slow
@pytest.mark.skipif(not STOPS, reason="needs signals")
def test_a_second_process_on_one_state_is_refused_and_the_first_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    with running("--json", "--state", str(path)) as process, client(told(process)) as instantly:
        message = (
            f"instantly-sandbox: {path}: another sandbox that runs keeps its state there; stop it, or take another file"
        )
        assert failed("--port", "0", "--state", str(path)) == f"{message}\n"
        instantly.workspace.update(name="Kept")
        assert instantly.workspace.get_current().name == "Kept"


@pytest.mark.slow
@pytest.mark.skipif(not STOPS, reason="needs signals")
def test_it_says_in_plain_words_where_it_is() -> None:
    with running("--host", "0.0.0.0", "--latency", "0.01", "--no-rate-limits") as process:
        assert process.stdout
        lines = [process.stdout.readline().split() for _ in range(3)]
        process.terminate()
        _, log = process.communicate(timeout=20)
    assert [line[0] for line in lines] == ["URL", "key", "workspace"]
    assert lines[0][1].startswith("http://0.0.0.0:")
    assert "warning: 0.0.0.0 is reached from other machines" in log
    assert "\x1b" not in log


def failed(*arguments: str) -> str:
    done = subprocess.run([*COMMAND, *arguments], env=ENVIRONMENT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.slow
def test_a_port_in_use_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert f"instantly-sandbox: cannot listen on 127.0.0.1:{port}" in failed("--port", port)


def test_a_state_that_is_none_is_told(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    path.write_text("{}")
    assert failed("--state", str(path)) == f"instantly-sandbox: {path}: this is not the state of a sandbox\n"
    assert path.read_text() == "{}"


@pytest.mark.parametrize("content", [b"", b"no JSON", b"\xff\xfe", b"[" * 100_000])
def test_a_state_that_is_no_json_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes) -> None:
    path = tmp_path / "state.json"
    path.write_bytes(content)
    assert cli.main(["--state", str(path)]) == 2
    out, told = capsys.readouterr()
    assert out == ""
    assert told == f"instantly-sandbox: {path}: this is not JSON, so it is not the state of a sandbox\n"
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ([], ""),
        (["--world", "demo"], "--world"),
        (["--seed", "0"], "--seed"),
        (["--world", "demo", "--seed", "5"], "--world and --seed"),
    ],
)
def test_how_to_begin_has_no_effect_where_there_is_a_state(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], named: str
) -> None:
    path = tmp_path / "state.json"
    saved = Sandbox(seed=7)
    saved.save(path)
    loaded = cli._sandbox(cli._parser().parse_args(["--state", str(path), *options]))
    assert loaded.snapshot()["state"] == saved.snapshot()["state"]
    told = f"instantly-sandbox: warning: {path} exists, so it decides instead of {named}\n"
    assert capsys.readouterr().err == (told if named else "")


@pytest.mark.slow
def test_a_state_that_cannot_be_written_is_told_by_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "state.json"
    assert failed("--state", str(path)) == f"instantly-sandbox: {path}: No such file or directory\n"
    folder = tmp_path / "state.json"
    folder.mkdir()
    with pytest.raises(OSError, match="directory") as caught:
        Sandbox().save(folder)
    assert caught.value.filename == str(folder)
    assert [entry.name for entry in tmp_path.iterdir()] == ["state.json"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "many"], "argument --port: invalid int value: 'many'"),
        (["--port", "70000"], "there is no port 70000"),
        (["--host", "256.1.1.1", "--port", "0"], "cannot listen on 256.1.1.1:0"),
        (["--world", "flat"], "there is no world 'flat'"),
        (["--latency", "-1"], "instantly-sandbox: a latency of -1.0 seconds cannot be"),
        (["--state", "no-such-folder/state.json"], "no-such-folder"),
        (["surplus"], "unrecognized arguments: surplus"),
        (["--sta", "state.json"], "unrecognized arguments: --sta"),
    ],
)
def test_wrong_arguments_are_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, arguments: list[str], message: str
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    try:
        status: object = cli.main(arguments)
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("terminal", "no_color", "coloured"), [(True, "", True), (True, "1", False), (False, "", False)]
)
def test_colours_are_for_terminals(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,
    no_color: str,
    coloured: bool,
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    cli.RequestLog(pinned())(Request("GET", "/x"), Answer(404), 0.001)
    assert ("\x1b[31m404\x1b[0m" in capsys.readouterr().err) is coloured
