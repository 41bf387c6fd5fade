from __future__ import annotations

from pathlib import Path

import pytest

from scripts.lib.layout import PROJECT
from scripts.lib.report import Refused
from scripts.spec.settings import Settings, read_settings


def write(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_the_settings_of_the_project_can_be_read() -> None:
    settings = read_settings(PROJECT.root / "pyproject.toml")
    assert "api.instantly.ai" in settings.hosts
    assert settings.grace_days == 90
    assert settings.texts == "ours"


def test_hosts_may_have_a_port(tmp_path: Path) -> None:
    path = write(
        tmp_path / "x.toml", '[tool.pin]\nhosts = ["localhost:8443", "a.example", "127.0.0.1"]\ngrace_days = 0'
    )
    assert read_settings(path) == Settings(("localhost:8443", "a.example", "127.0.0.1"), 0)


def test_a_team_may_pin_the_vendor_s_words(tmp_path: Path) -> None:
    path = write(tmp_path / "x.toml", '[tool.pin]\nhosts = ["a"]\ngrace_days = 0\ntexts = "vendor"')
    assert read_settings(path).texts == "vendor"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no table"),
        ("tool = 1", "no table"),
        ("[tool]\npin = 1", "no table"),
        ("[tool", "cannot be read"),
        ('[tool.pin]\nhosts = ["a"]', "grace_days is missing"),
        ("[tool.pin]\ngrace_days = 1", "hosts is missing"),
        (
            '[tool.pin]\nhosts = ["a"]\ngrace_days = 1\ngrace = 2',
            "grace is not a setting; there are hosts, grace_days, texts",
        ),
        ('[tool.pin]\nhosts = "a"\ngrace_days = 1', "hosts is not a list"),
        ("[tool.pin]\nhosts = []\ngrace_days = 1", "hosts is not a list"),
        ("[tool.pin]\nhosts = [1]\ngrace_days = 1", "hosts: 1 is not a host"),
        *(
            (f'[tool.pin]\nhosts = ["{host}"]\ngrace_days = 1', f"hosts: '{host}' is not a host")
            for host in ("", "https://a", "a/b", "A", "*.a", "a:", "a:0", "u@a", "a.", "[::1]", "-a", "a b")
        ),
        ('[tool.pin]\nhosts = ["a"]\ngrace_days = "90"', "grace_days is '90', not a number of days"),
        ('[tool.pin]\nhosts = ["a"]\ngrace_days = true', "grace_days is True"),
        ('[tool.pin]\nhosts = ["a"]\ngrace_days = -1', "grace_days is -1"),
        ('[tool.pin]\nhosts = ["a"]\ngrace_days = 1\ntexts = "mine"', "texts is 'mine', neither"),
    ],
)
def test_a_setting_that_is_not_understood_is_refused_with_its_place(text: str, told: str, tmp_path: Path) -> None:
    path = write(tmp_path / "x.toml", text)
    with pytest.raises(Refused) as caught:
        read_settings(path)
    assert told in str(caught.value)
    assert str(path) in str(caught.value)
    assert len(caught.value.findings) == 1


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        read_settings(tmp_path / "nowhere.toml")
