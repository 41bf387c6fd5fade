"""Package indexes on this machine, and what goes wrong between them and us."""

from __future__ import annotations

import base64
import hashlib
import os
import re
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import httpx
import pytest
from packaging.requirements import Requirement

USER, PASSWORD = "publisher", "pa55/word&of:tests"


@dataclass(frozen=True)
class Server:
    """A pypiserver: where it listens, and the folder that it serves."""

    url: str
    folder: Path

    @property
    def simple(self) -> str:
        return f"{self.url}simple/"

    @property
    def port(self) -> int:
        return httpx.URL(self.url).port or 0

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())


@contextmanager
def pypiserver(folder: Path, *options: str, password: bool = False) -> Iterator[Server]:
    """Serve the folder; with `password`, nobody reads or uploads without it."""
    folder.mkdir(exist_ok=True)
    access = ["-a", ".", "-P", "."]
    if password:
        users = folder.with_suffix(".htpasswd")
        digest = base64.b64encode(hashlib.sha1(PASSWORD.encode()).digest()).decode()
        users.write_text(f"{USER}:{{SHA}}{digest}\n", encoding="utf-8")
        access = ["-a", "update,download,list", "-P", str(users)]
    port = free_port()
    command = [sys.executable, "-m", "pypiserver", "run", "--interface", "127.0.0.1", "--port", str(port)]
    options = options or ("--disable-fallback",)
    with (
        folder.with_suffix(".log").open("wb") as log,
        subprocess.Popen([*command, *access, *options, folder], stdout=log, stderr=log) as process,
    ):
        try:
            wait_for(port, process)
            yield Server(f"http://127.0.0.1:{port}/", folder)
        finally:
            process.terminate()


@contextmanager
def devpi(folder: Path) -> Iterator[str]:
    """A devpi in an environment of its own, with an index of the user's; yields the URL of the index."""
    command = tool_of(folder / "environment", "devpi-server==6.20.3")
    port, data = free_port(), folder / "data"
    init = [str(command.with_name("devpi-init")), "--serverdir", str(data), "--no-root-pypi"]
    subprocess.run(init, check=True, capture_output=True)
    serve = [str(command), "--serverdir", str(data), "--port", str(port)]
    with (
        (folder / "devpi.log").open("wb") as log,
        subprocess.Popen(serve, stdout=log, stderr=log) as process,
    ):
        try:
            wait_for(port, process)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                client.put(f"/{USER}", json={"password": PASSWORD}).raise_for_status()
                login = client.post("/+login", json={"user": USER, "password": PASSWORD}).raise_for_status()
                token = base64.b64encode(f"{USER}:{login.json()['result']['password']}".encode()).decode()
                index = client.put(f"/{USER}/dev", json={"bases": []}, headers={"X-Devpi-Auth": token})
                index.raise_for_status()
            yield f"http://127.0.0.1:{port}/{USER}/dev/"
        finally:
            process.terminate()


def tool_of(environment: Path, requirement: str, *others: str) -> Path:
    """The program of a tool that is installed into a new environment, from the index of this machine."""
    uv = [sys.executable, "-m", "uv"]
    ours = ("UV_", "PIP_", "HOME", "USERPROFILE", "PATH")
    variables = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    variables |= {"UV_SYSTEM_CERTS": "1", "UV_HTTP_RETRIES": "1", "PATH": os.defpath, **MACHINE}
    subprocess.run([*uv, "venv", "--quiet", "--python", sys.executable, environment], check=True, env=variables)
    install = [*uv, "pip", "install", "--quiet", "--python", str(environment / "bin" / "python"), requirement, *others]
    done = subprocess.run(install, env=variables, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"{requirement} cannot be installed here: {done.stderr.strip().splitlines()[0]}")
    return environment / "bin" / requirement.partition("=")[0]


# Of the machine that the tests run on, before they change anything: where it installs from.
MACHINE = {key: value for key, value in os.environ.items() if key.startswith(("UV_", "HOME"))}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.02)
    raise AssertionError(f"no server on port {port}")


@contextmanager
def front(port: int, *, context: ssl.SSLContext | None = None, breaks_after: int | None = None) -> Iterator[int]:
    """A port before another: with TLS, or dead once that many bytes were sent to the server."""
    left = [breaks_after]
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

        def serve(connection: socket.socket) -> None:
            # A client that does not trust the certificate goes away in the middle.
            with suppress(OSError), connection, socket.create_connection(("127.0.0.1", port)) as server:
                # What is cut ends with an error for the server too, not as if all had been sent.
                reset = struct.pack("ii", 1, 0)
                server.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, reset)
                client = context.wrap_socket(connection, server_side=True) if context else connection
                with client:
                    back = threading.Thread(target=pump, args=(server, client), daemon=True)
                    back.start()
                    pump(client, server, left)
                    was_cut = left[0] is not None and left[0] < 0
                    server.shutdown(socket.SHUT_RD if was_cut else socket.SHUT_WR)
                    back.join()

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()


def pump(source: socket.socket, target: socket.socket, left: list[int | None] | None = None) -> None:
    """Pass on what comes until it ends, or until no more may pass: then cut it."""
    with suppress(OSError):
        while chunk := source.recv(65536):
            if left and left[0] is not None:
                left[0] -= len(chunk)
                if left[0] < 0:
                    source.shutdown(socket.SHUT_RDWR)
                    return
            target.sendall(chunk)


# --- what the indexes hold ---


def wheels_of(names: list[str], folder: Path) -> None:
    """Wheels of installed packages and all that they need, made of their files: no network, no download."""
    folder.mkdir(exist_ok=True)
    todo, done = list(names), set()
    while todo:
        name = todo.pop()
        with suppress(PackageNotFoundError):  # One that only other Pythons need.
            if name not in done:
                todo += rewheel(name, folder)
                done.add(name)


def rewheel(name: str, folder: Path) -> list[str]:
    """The wheel of one installed package; returns what it needs."""
    installed = distribution(name)
    tags = re.findall(r"^Tag: (\S+)", installed.read_text("WHEEL") or "", re.MULTILINE)
    # `py2-none-any` and `py3-none-any` are `py2.py3-none-any`.
    tag = "-".join(".".join(dict.fromkeys(parts)) for parts in zip(*(tag.split("-") for tag in tags), strict=True))
    # A name in a wheel's file name has no hyphens.
    stem = f"{installed.metadata['Name'].replace('-', '_')}-{installed.version}"
    left_out = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")
    content = {
        path.as_posix(): Path(str(path.locate())).read_bytes()
        for path in installed.files or []
        if ".." not in path.parts and path.suffix != ".pyc" and path.name not in left_out
    }
    dist_info = next(path.rpartition("/")[0] for path in content if path.endswith(".dist-info/METADATA"))
    write_wheel(folder / f"{stem}-{tag}.whl", content, dist_info)
    needed = map(Requirement, installed.requires or [])
    return [entry.name for entry in needed if entry.marker is None or entry.marker.evaluate({"extra": ""})]


def write_wheel(path: Path, content: dict[str, bytes], dist_info: str) -> None:
    record = f"{dist_info}/RECORD"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, data in content.items():
            archive.writestr(name, data)
        lines = [f"{name},sha256={_digest(data)},{len(data)}\n" for name, data in content.items()]
        archive.writestr(record, "".join([*lines, f"{record},,\n"]))


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def impostor(folder: Path, version: str, name: str = "instantly-client") -> None:
    """A package of our name, by a stranger."""
    stem = name.replace("-", "_")
    dist_info = f"{stem}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nProvides-Extra: sandbox\n"
    content = {
        "instantly_client/__init__.py": b'raise SystemExit("this is the package of a stranger")\n',
        f"{dist_info}/METADATA": metadata.encode(),
        f"{dist_info}/WHEEL": b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    write_wheel(folder / f"{stem}-{version}-py3-none-any.whl", content, dist_info)
