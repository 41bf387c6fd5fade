"""The user and the password for an index: found where people keep them, sent as they are, never quoted."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.lib.report import Failed, Refused
from scripts.release.index import credentials
from scripts.release.index.address import Index
from scripts.release.index.credentials import Credentials
from tests.release.conftest import ROOT

PACKAGES = Index("https://packages.example/", "https://packages.example/", "https://packages.example/simple/")
KEYRING = """\
#!/bin/sh
[ "$*" = "--mode creds --output json get https://packages.example/" ] || exit 1
echo '{"username": "ann", "password": "kept"}'
"""


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of a user who keeps no password anywhere; the programs are those in its folder bin."""
    for name in (*credentials.VARIABLES, "UV_PUBLISH_USERNAME", "TWINE_USERNAME", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "bin").mkdir()
    for name, value in {"HOME": tmp_path, "USERPROFILE": tmp_path, "PATH": tmp_path / "bin"}.items():
        monkeypatch.setenv(name, str(value))
    return tmp_path


@pytest.mark.parametrize(
    ("file", "text", "source"),
    [
        (
            ".pypirc",
            "[x]\nrepository=https://packages.example\nusername=ann\npassword=kept\n",
            "~/.pypirc, section x",
        ),
        (".netrc", "machine packages.example login ann password kept\n", ".netrc"),
        ("bin/keyring", KEYRING, "keyring"),
    ],
)
def test_a_password_is_found_where_people_keep_it(file: str, text: str, source: str, home: Path) -> None:
    assert credentials.find(PACKAGES) is None
    (home / file).write_text(text, encoding="utf-8")
    (home / file).chmod(0o700)
    found = credentials.find(PACKAGES)
    assert found is not None
    assert (found.username, found.password, found.source) == ("ann", "kept", source)
    assert "kept" not in repr(found)


@pytest.mark.parametrize(
    ("variables", "username", "source"),
    [
        ({"UV_PUBLISH_TOKEN": "kept"}, "__token__", "UV_PUBLISH_TOKEN"),
        ({"UV_PUBLISH_USERNAME": "ann", "UV_PUBLISH_PASSWORD": "kept"}, "ann", "UV_PUBLISH_PASSWORD"),
        ({"TWINE_USERNAME": "ann", "TWINE_PASSWORD": "kept"}, "ann", "TWINE_PASSWORD"),
    ],
)
def test_a_password_is_found_in_the_environment(
    variables: dict[str, str], username: str, source: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert credentials.of_environment() is None
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert credentials.of_environment() == Credentials(username, "kept", source)


@pytest.mark.parametrize("answer", ["kept", "[]", '{"username": "ann"}', "null"])
def test_a_keyring_that_answers_something_else_is_named_and_not_quoted(answer: str, home: Path) -> None:
    keyring = home / "bin" / "keyring"
    keyring.write_text(f"#!/bin/sh\necho '{answer}'\n")
    keyring.chmod(0o700)
    with pytest.raises(Failed, match="does not answer with the JSON of a user and a password") as failed:
        credentials.find(PACKAGES)
    assert "kept" not in str(failed.value)


@pytest.mark.skipif(os.name != "posix", reason="files have no such rights here")
def test_a_netrc_that_others_may_read_is_refused(home: Path) -> None:
    (home / ".netrc").write_text("machine packages.example login ann password kept\n")
    (home / ".netrc").chmod(0o644)
    with pytest.raises(Failed, match=r"can be read by others\n.*chmod 600"):
        credentials.find(PACKAGES)


@pytest.mark.parametrize(("file", "text"), [(".pypirc", "my-secret\n"), (".netrc", "machine a password my-secret x\n")])
def test_a_broken_file_of_passwords_is_named_and_not_quoted(file: str, text: str, home: Path) -> None:
    (home / file).write_text(text, encoding="utf-8")
    (home / file).chmod(0o600)
    with pytest.raises(Failed, match="cannot be read") as failed:
        credentials.find(PACKAGES)
    assert "my-secret" not in str(failed.value)


# --- odd ones ---

ODD = ["50%25%s%(x)s", "a:b:", "pä55wörd-密", "#;'$x", "a\\b"]


def keep(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    path.chmod(0o700)


@pytest.mark.parametrize("password", ODD)
@pytest.mark.parametrize("kept", [".pypirc", ".netrc", "keyring"])
def test_a_password_is_found_as_it_was_written(kept: str, password: str, home: Path) -> None:
    if kept == ".pypirc":
        keep(home / kept, f"[x]\nrepository=https://packages.example\nusername=ann\npassword={password}\n")
    elif kept == ".netrc":
        quoted = password.replace("\\", "\\\\")
        keep(home / kept, f'machine packages.example login ann password "{quoted}"\n')
    else:
        answer = json.dumps({"username": "ann", "password": password + "\n"})
        keep(home / "bin" / "keyring", f"#!{sys.executable}\nprint({answer!r})\n")
    found = credentials.find(PACKAGES)
    assert found is not None
    assert (found.username, found.password) == ("ann", password)
    credentials.require_sendable(found)


def test_each_host_of_a_netrc_has_its_own_password(home: Path) -> None:
    hosts = ("other.example", "packages.example", "files.packages.example")
    lines = [f"machine {host} login ann password of-{host}\n" for host in hosts]
    keep(home / ".netrc", "".join(lines) + "default login anonymous password of-all\n")
    found = credentials.find(PACKAGES)
    assert found is not None
    assert found.password == "of-packages.example"
    assert credentials.find(PACKAGES, "eve") is None


def test_a_keyring_that_fails_is_named_and_not_in_the_way(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep(home / "bin" / "keyring", "#!/bin/sh\necho 'Traceback\nNoKeyringError: no backend' >&2\nexit 1\n")
    assert credentials.find(PACKAGES) is None
    (line,) = capsys.readouterr().err.splitlines()
    assert line.endswith("keyring has failed: NoKeyringError: no backend")


def test_a_keyring_that_cannot_be_run_is_named(home: Path) -> None:
    keep(home / "bin" / "keyring", "#!/not/there\n")
    with pytest.raises(Failed, match="keyring cannot be run: "):
        credentials.find(PACKAGES)


def test_a_netrc_in_another_encoding_is_named(home: Path) -> None:
    (home / ".netrc").write_bytes("machine packages.example login ann password pä55".encode("latin-1"))
    (home / ".netrc").chmod(0o600)
    with pytest.raises(Failed, match="cannot be read"):
        credentials.find(PACKAGES)


@pytest.mark.parametrize(
    ("username", "password", "said"),
    [
        ("ann", "to\nken", "has a line break"),
        ("ann", "to\x00ken", "has a line break"),
        ("ann:x", "token", "has a colon"),
    ],
)
def test_what_an_index_would_take_for_another_password_is_refused(username: str, password: str, said: str) -> None:
    with pytest.raises(Refused, match=said) as caught:
        credentials.require_sendable(Credentials(username, password, "the test"))
    assert password not in str(caught.value)


@pytest.mark.parametrize("line", ["pä55\n", "pä55\r\n", "pä55", "\ufeffpä55\r\nmore\n"])
def test_a_password_on_standard_input_is_one_line(line: str) -> None:
    assert credentials.read(io.BytesIO(line.encode()), None, "it") == Credentials("__token__", "pä55", "it")


@pytest.mark.parametrize(("line", "said"), [(b"\n", "there is no password"), (b"p\xe455\n", "is not in UTF-8")])
def test_no_password_on_standard_input_is_named(line: bytes, said: str) -> None:
    with pytest.raises(Failed, match=said):
        credentials.read(io.BytesIO(line), None, "it")


@pytest.mark.skipif(os.name != "posix", reason="a process cannot become another one here")
@pytest.mark.slow
def test_a_password_of_the_environment_comes_over_the_pipe_as_it_is() -> None:
    """A secret that was kept in a file ends with a line break."""
    program = (
        "import sys; sys.argv[0] = ''; import os; from scripts.release.index import credentials as c;"
        "os.execve = lambda *_: print(repr(c.read(sys.stdin.buffer, None, '').password.encode()));"
        "c.leave_environment('', [])"
    )
    environment = {**os.environ, "UV_PUBLISH_TOKEN": "50%:pä55\n", "PYTHONIOENCODING": "latin-1"}
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, check=False)
    assert done.stdout.decode().strip() == repr("50%:pä55".encode()), done.stderr
