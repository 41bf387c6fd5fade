"""A service that requests are forwarded to, over real sockets: another sandbox, and servers that mean harm."""

from __future__ import annotations

import gzip
import json
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from instantly_client import Instantly, errors
from instantly_core.secret import key_forms
from instantly_sandbox import Sandbox, cli, upstream
from instantly_sandbox.engine.document import pinned
from instantly_sandbox.engine.messages import Request
from instantly_sandbox.entry.server import Server
from instantly_sandbox.upstream import Upstream
from tests.sandbox.raw import target_of

LEAD = "ada.lovelace@customer.test"


class Scene:
    """A sandbox in the place of the service, and a port that forwards to it."""

    def __init__(self, folder: Path, service: Sandbox, url: str, *, allow_writes: bool) -> None:
        self.folder, self.service, self.said = folder, service, list[str]()
        self.upstream = Upstream(url, pinned(), self.said.append, record=folder, allow_writes=allow_writes)

    @contextmanager
    def client(self) -> Iterator[Instantly]:
        server = Server(self.upstream.handle, "127.0.0.1", 0, waits=True)
        with server as url, Instantly(api_key=self.service.key, base_url=url, max_retries=0, limiter=None) as client:
            yield client
        self.upstream.close()

    @property
    def recorded(self) -> dict[str, Any]:
        return {path.name: json.loads(path.read_text("utf-8")) for path in sorted(self.folder.iterdir())}


@pytest.fixture
def open_scene(tmp_path: Path) -> Iterator[Callable[..., Scene]]:
    with Sandbox(world="demo") as service, service.serve() as url:
        yield lambda allow_writes=False: Scene(tmp_path / "recorded", service, url, allow_writes=allow_writes)


def test_reads_are_forwarded_and_recorded_without_key_and_people(open_scene: Callable[..., Scene]) -> None:
    scene = open_scene()
    campaign = next(iter(scene.service.client().campaigns.list()))
    made = scene.service.client().leads.create(campaign=campaign.id, email=LEAD, first_name="Ada")
    with scene.client() as client:
        assert client.campaigns.list().items[0].name == campaign.name
        assert client.leads.get(made.id).email == LEAD
        assert client.leads.list(campaign=campaign.id).items
        with pytest.raises(errors.NotFoundError):
            client.campaigns.get("019cc043-aee6-7ae9-a545-d7de53430e37")
    assert [*scene.recorded] == [
        "0001-listCampaign-200.json",
        "0002-getLead-200.json",
        "0003-listLeads-200.json",
        "0004-getCampaign-404.json",
    ]
    lead = scene.recorded["0002-getLead-200.json"]
    assert lead["request"]["method"] == "GET"
    assert lead["body"]["id"] == made.id
    assert scene.said == []
    text = "".join(path.read_text("utf-8") for path in scene.folder.iterdir())
    for secret in (*key_forms(scene.service.key), LEAD, "Ada", campaign.name, "authorization", "user-agent"):
        assert secret not in text


def test_a_write_is_refused_unless_it_is_allowed(open_scene: Callable[..., Scene]) -> None:
    scene = open_scene()
    with scene.client() as client, pytest.raises(errors.PermissionDeniedError, match="--allow-writes"):
        client.workspace.update(name="Spring")
    assert scene.recorded == {}
    assert not scene.service.arrived(operation="patchWorkspace")
    scene = open_scene(allow_writes=True)
    with scene.client() as client:
        assert client.workspace.update(name="Spring").name == "Spring"
    assert [each["operationId"] for each in scene.recorded.values()] == ["patchWorkspace"]


@pytest.mark.parametrize("id", sorted(each.id for each in pinned() if not each.is_safe))
def test_no_operation_that_changes_something_passes(id: str) -> None:
    operation = pinned().operations[id]
    service = Upstream("http://127.0.0.1:9", pinned(), lambda line: None)
    assert service.handle(Request(operation.method, target_of(id))).status == 403


def test_what_deviates_from_the_document_is_said_without_values(open_scene: Callable[..., Scene]) -> None:
    scene = open_scene()
    scene.service.faults.unknown_value("status", operation="getCampaign")
    campaign = next(iter(scene.service.client().campaigns.list()))
    with scene.client() as client:
        client.campaigns.get(campaign.id)
        with pytest.raises(errors.ValidationError):
            client.request("GET", target_of("listCampaign"), query={"limit": "many"})
    assert {line.partition(": ")[0] for line in scene.said} == {"getCampaign", "listCampaign"}
    assert any(line.startswith("getCampaign: the answer deviates from the document at status: ") for line in scene.said)
    assert any("listCampaign: the request does not fit the document: querystring/limit" in line for line in scene.said)


def test_numbers_of_recordings_go_on_where_those_before_them_ended(open_scene: Callable[..., Scene]) -> None:
    for _ in range(2):
        scene = open_scene()
        with scene.client() as client:
            client.workspace.get_current()
    assert [*scene.recorded] == ["0001-getWorkspace-200.json", "0002-getWorkspace-200.json"]


def test_a_folder_that_cannot_be_written_costs_no_answer(open_scene: Callable[..., Scene]) -> None:
    scene = open_scene()
    scene.folder.rmdir()
    with scene.client() as client:
        assert client.workspace.get_current().id == scene.service.workspace_id
    assert scene.said == ["getWorkspace is not recorded: No such file or directory"]


# --- services that mean harm ---


@contextmanager
def hostile(*pieces: bytes, pause: float = 0.0, endless: bytes = b"") -> Iterator[str]:
    """A server that answers each request with these pieces, and then with one of them for ever."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection = listener.accept()[0]
            except OSError:
                return
            with connection:
                try:
                    connection.recv(65536)
                    for piece in pieces:
                        connection.sendall(piece)
                    while endless:
                        time.sleep(pause)
                        connection.sendall(endless)
                except OSError:
                    pass

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
BOMB = gzip.compress(b"[" + b" " * 5_000_000 + b"]")


@pytest.mark.parametrize(
    ("pieces", "endless", "status"),
    [
        pytest.param([], b"", 502, id="nothing"),
        pytest.param([b"\0\xff\r\n\r\n"], b"", 502, id="no HTTP"),
        pytest.param([HEAD], b"x-more: 1\r\n", 502, id="headers without end"),
        pytest.param([HEAD + b"\r\n"], b"[" * 65536, 502, id="a body without end"),
        pytest.param([HEAD + b"content-length: 100\r\n\r\n{"], b"", 502, id="a body that is cut off"),
        pytest.param(
            [HEAD + b"content-encoding: gzip\r\ncontent-length: %d\r\n\r\n" % len(BOMB), BOMB], b"", 502, id="a bomb"
        ),
        pytest.param([HEAD + b"content-encoding: br\r\n\r\nx"], b"", 502, id="an encoding that nobody asked for"),
        pytest.param(
            [b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"],
            b"",
            302,
            id="elsewhere",
        ),
        pytest.param([b"HTTP/1.1 204 No Content\r\ncontent-length: 2\r\n\r\n{}"], b"", 204, id="a body with 204"),
        pytest.param([HEAD + b"content-length: 50000\r\n\r\n", b"[" * 50_000], b"", 200, id="deep JSON"),
    ],
)
def test_a_hostile_answer_is_bounded(
    pieces: list[bytes], endless: bytes, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upstream, "MAX_BYTES", 1_000_000)
    said: list[str] = []
    with hostile(*pieces, endless=endless) as url:
        service = Upstream(url, pinned(), said.append, record=tmp_path)
        answer = service.handle(Request("GET", target_of("getWorkspace"), {"authorization": "Bearer secret-key"}))
        service.close()
    assert answer.status == status
    assert "secret-key" not in f"{answer}{said}{[path.read_text() for path in tmp_path.iterdir()]}"


def test_an_answer_that_trickles_in_ends_at_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upstream, "SECONDS", 0.2)
    with hostile(HEAD + b"content-length: 100000\r\n\r\n", endless=b" ", pause=0.02) as url:
        service = Upstream(url, pinned(), lambda line: None)
        answer = service.handle(Request("GET", target_of("getWorkspace")))
        service.close()
    assert answer.status == 504


# --- the command ---


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--upstream", "ftp://example.com"], "is no address of a service"),
        (["--upstream", "https://me:secret@example.com"], "is no address of a service"),
        (["--upstream", "https://[::1"], "is no address of a service"),
        (["--upstream", "http://example.com"], "without encryption: use https"),
        (["--upstream", "https://example.com", "--world", "demo"], "--world is for the sandbox"),
        (["--upstream", "https://example.com", "--deliver-to", "x"], "--deliver-to is for the sandbox"),
        (["--record", "folder"], "--record needs --upstream"),
        (["--allow-writes"], "--allow-writes needs --upstream"),
    ],
)
def test_wrong_arguments_are_refused(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    try:
        status: object = cli.main([*arguments, "--port", "0"])
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    path = tmp_path / "file" / "recorded"
    options = cli._parser().parse_args(["--upstream", "https://example.com", "--record", str(path)])
    assert cli._forward(options, Event()) == 2
    assert f"instantly-sandbox: {path}: Not a directory" in capsys.readouterr().err
