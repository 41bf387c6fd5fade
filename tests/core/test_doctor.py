"""`python -m instantly_client.doctor`: what it says of settings, key, machine and files, and that no secret shows."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from importlib import metadata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import instantly_client
from instantly_core.doctor.command import main
from instantly_core.doctor.finding import Finding
from instantly_core.doctor.installed import check_files, check_sums
from instantly_core.doctor.machine import (
    KEY,
    check_base_url,
    check_certificates,
    check_clock,
    check_extras,
    check_key,
    check_proxies,
)
from instantly_core.doctor.project import Project
from instantly_core.doctor.reading import Unreadable
from instantly_core.doctor.sources import check_sources

TEAM = "https://packages.example/simple/"
OTHER = "https://other.example/simple/"
PUBLIC = "https://pypi" + ".org/simple"
DIRECT = '[project]\ndependencies = ["Instantly.Client[sandbox]>=0.1"]\n'
TRANSITIVE = '[project]\ndependencies = ["team-lib"]\n'
UV = f'[[tool.uv.index]]\nname = "team"\nurl = "{TEAM}"\nexplicit = true\n'
UV_SOURCE = '[tool.uv.sources]\ninstantly-client = { index = "team" }\n'
POETRY = f'[[tool.poetry.source]]\nname = "team"\nurl = "{TEAM}"\npriority = "explicit"\n'
POETRY_SOURCE = '[tool.poetry.dependencies]\ninstantly-client = { source = "team" }\n'
LOCK = '[[package]]\nname = "instantly-client"\nversion = "{}"\nsource = {{ {} }}\n'
WORKSPACE = '[tool.uv.workspace]\nmembers = ["pro*"]\n'
PDM = f'[[tool.pdm.source]]\nname = "team"\nurl = "{TEAM}"\n'
PYLOCK = '[[packages]]\nname = "instantly-client"\nversion = "1"\nindex = "{}"\n'

Examine = Callable[..., dict[str, str]]


@pytest.fixture
def examine(tmp_path: Path) -> Examine:
    def examine(files: dict[str, str], **environment: str) -> dict[str, str]:
        folder = tmp_path / "project"
        for name, text in files.items():
            path = (folder / name) if not name.startswith("~/") else tmp_path / "home" / name[2:]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
        folder.mkdir(exist_ok=True)
        project = Project(folder, "instantly_client", {"HOME": str(tmp_path / "home"), **environment})
        # Of several findings of one subject the last one in this order counts.
        found = sorted(check_sources(project), key=lambda finding: ("ok", "note", "problem").index(finding.level))
        return {finding.subject: finding.level for finding in found}

    return examine


@pytest.mark.parametrize(
    ("files", "environment", "found"),
    [
        # pip
        ({}, {"PIP_INDEX_URL": TEAM}, {"pip": "ok"}),
        ({}, {}, {"pip": "problem"}),
        ({}, {"PIP_INDEX_URL": PUBLIC}, {"pip": "problem"}),
        ({}, {"PIP_INDEX_URL": TEAM, "PIP_EXTRA_INDEX_URL": PUBLIC}, {"pip": "problem"}),
        ({}, {"PIP_INDEX_URL": PUBLIC, "PIP_EXTRA_INDEX_URL": TEAM}, {"pip": "problem"}),
        ({"~/.config/pip/pip.conf": f"[global]\nindex-url = {TEAM}\n"}, {}, {"pip": "ok"}),
        ({"~/.pip/pip.conf": f"[install]\nextra_index_url = {PUBLIC}\n"}, {"PIP_INDEX_URL": TEAM}, {"pip": "problem"}),
        ({"~/.pip/pip.conf": f"[install]\nextra-index-url = {PUBLIC}\n"}, {"PIP_CONFIG_FILE": "/dev/null"}, {}),
        (
            {"requirements.txt": f"--index-url {TEAM}\ninstantly-client\n"},
            {"PIP_EXTRA_INDEX_URL": PUBLIC},
            {"requirements.txt": "ok"},
        ),
        ({"requirements.txt": f"-i {TEAM}\n--extra-index-url {OTHER}\nx\n"}, {}, {"requirements.txt": "problem"}),
        ({"requirements.txt": "instantly-client\n"}, {}, {"requirements.txt": "problem"}),
        ({"requirements.txt": "a==1 \\\n    --hash=sha256:0\n"}, {}, {"requirements.txt": "ok"}),
        ({"requirements/dev.in": f"--index-url={TEAM}\nteam-lib\n"}, {}, {"requirements/dev.in": "ok"}),
        ({"requirements.txt": f"-i {TEAM} --extra-index-url {OTHER}\nx\n"}, {}, {"requirements.txt": "problem"}),
        ({"requirements.txt": f"--index-url {TEAM}\n--extra {OTHER}\nx\n"}, {}, {"requirements.txt": "problem"}),
        ({"requirements.txt": f"-i{TEAM} # ours\n# --extra-index-url x\nx\n"}, {}, {"requirements.txt": "ok"}),
        ({"requirements.txt": "--index-url ${TEAM}\nx\n"}, {"TEAM": PUBLIC}, {"requirements.txt": "problem"}),
        (
            {
                "requirements.txt": f"--index-url {TEAM}\n-r parts/base.txt\n",
                "parts/base.txt": f"--extra-index-url {PUBLIC}\n-r ../requirements.txt\n",
            },
            {},
            {"requirements.txt": "problem"},
        ),
        ({"~/.pip/pip.conf": f"[list]\nindex-url = {TEAM}\n"}, {}, {"pip": "problem"}),
        ({"~/.pip/pip.conf": f"[install]\nindex-url={PUBLIC}\n[global]\nindex-url={TEAM}\n"}, {}, {"pip": "problem"}),
        ({"~/.config/pip/pip.conf": f"\ufeff[global]\nindex-url = {TEAM}\n"}, {}, {"pip": "ok"}),
        (
            {
                "~/Library/Application Support/pip/pip.conf": f"[global]\nextra-index-url = {OTHER}\n",
                "~/.pip/pip.conf": f"[global]\nindex-url = {TEAM}\n",
            },
            {},
            {"pip": "problem"},
        ),
        # uv pip
        ({}, {"UV_DEFAULT_INDEX": TEAM}, {"uv pip": "ok"}),
        ({}, {"UV_DEFAULT_INDEX": TEAM, "UV_INDEX": PUBLIC}, {"uv pip": "problem"}),
        ({}, {"UV_DEFAULT_INDEX": PUBLIC, "UV_INDEX": f"team={TEAM}"}, {"uv pip": "note"}),
        ({}, {"UV_DEFAULT_INDEX": TEAM, "UV_INDEX": OTHER}, {"uv pip": "problem"}),
        ({}, {"UV_INDEX": TEAM, "UV_INDEX_STRATEGY": "unsafe-best-match"}, {"uv pip": "problem"}),
        ({"~/.config/uv/uv.toml": f'[[index]]\nurl = "{TEAM}"\ndefault = true\n'}, {}, {"uv pip": "ok"}),
        ({"uv.toml": f'extra-index-url = ["{PUBLIC}"]\n'}, {"UV_DEFAULT_INDEX": TEAM}, {"uv pip": "problem"}),
        # uv
        ({"pyproject.toml": DIRECT + UV + UV_SOURCE}, {"UV_INDEX": PUBLIC}, {"uv": "ok"}),
        ({"pyproject.toml": TRANSITIVE + UV + UV_SOURCE}, {}, {"uv": "problem"}),
        ({"pyproject.toml": DIRECT + UV}, {}, {"uv": "problem"}),
        ({"pyproject.toml": DIRECT + UV.replace("explicit = true", "default = true")}, {}, {"uv": "ok"}),
        ({"pyproject.toml": DIRECT + UV.replace("explicit = true", "")}, {}, {"uv": "note"}),
        ({"pyproject.toml": DIRECT + UV.replace("explicit = true", "")}, {"UV_INDEX": PUBLIC}, {"uv": "problem"}),
        (
            {
                "pyproject.toml": '[project]\ndependencies = []\n[dependency-groups]\ndev = ["instantly-client"]\n'
                + UV
                + UV_SOURCE
            },
            {},
            {"uv": "ok"},
        ),
        (
            {
                "pyproject.toml": DIRECT + UV + UV_SOURCE,
                "uv.lock": LOCK.format("99.0", f'registry = "{PUBLIC}"'),
            },
            {},
            {"uv": "ok", "uv.lock": "problem"},
        ),
        (
            {"pyproject.toml": DIRECT + UV + UV_SOURCE.replace("instantly-client", "Instantly_Client")},
            {"UV_INDEX": PUBLIC},
            {"uv": "ok"},
        ),
        (
            {"pyproject.toml": DIRECT + UV + UV_SOURCE.replace(" }", ", marker = \"os_name == 'posix'\" }")},
            {},
            {"uv": "problem"},
        ),
        (
            {"pyproject.toml": DIRECT + "[tool.uv.sources]\ninstantly-client = { path = 'a.whl' }\n"},
            {},
            {"uv": "ok"},
        ),
        (
            {
                "pyproject.toml": DIRECT + UV + UV_SOURCE,
                "uv.lock": LOCK.format("0.1", f'registry = "{TEAM}"') + LOCK.format("99.0", f'registry = "{PUBLIC}"'),
            },
            {},
            {"uv": "ok", "uv.lock": "problem"},
        ),
        # A member of a uv workspace, whose sources, indexes and lock are in a folder above.
        ({"../pyproject.toml": WORKSPACE + UV + UV_SOURCE, "pyproject.toml": DIRECT}, {}, {"uv": "ok"}),
        ({"../pyproject.toml": WORKSPACE + UV + UV_SOURCE, "pyproject.toml": TRANSITIVE}, {}, {"uv": "problem"}),
        ({"../pyproject.toml": WORKSPACE + UV, "pyproject.toml": DIRECT}, {}, {"uv": "problem"}),
        ({"../pyproject.toml": WORKSPACE + UV, "pyproject.toml": DIRECT + UV_SOURCE}, {}, {"uv": "ok"}),
        (
            {
                "../pyproject.toml": WORKSPACE + UV + UV_SOURCE,
                "../uv.lock": LOCK.format("99.0", f'registry = "{PUBLIC}"'),
                "pyproject.toml": DIRECT,
            },
            {},
            {"uv": "ok", "uv.lock": "problem"},
        ),
        (
            {"../pyproject.toml": WORKSPACE + 'exclude = ["project"]\n' + UV + UV_SOURCE, "pyproject.toml": DIRECT},
            {},
            {"pip": "problem"},
        ),
        ({"pylock.toml": PYLOCK.format(TEAM)}, {}, {"pylock.toml": "ok"}),
        ({"pylock.toml": PYLOCK.format(PUBLIC)}, {}, {"pylock.toml": "problem"}),
        # Poetry and PDM
        ({"pyproject.toml": DIRECT + POETRY + POETRY_SOURCE}, {}, {"poetry": "ok"}),
        ({"pyproject.toml": TRANSITIVE + POETRY}, {}, {"poetry": "problem"}),
        ({"pyproject.toml": TRANSITIVE + POETRY.replace('priority = "explicit"', "")}, {}, {"poetry": "ok"}),
        (
            {
                "pyproject.toml": DIRECT + POETRY + POETRY_SOURCE,
                "poetry.lock": '[[package]]\nname = "instantly-client"\nversion = "99.0"\n',
            },
            {},
            {"poetry": "ok", "poetry.lock": "problem"},
        ),
        (
            {"pyproject.toml": DIRECT + f'[[tool.pdm.source]]\nname = "pypi"\nurl = "{TEAM}"\n'},
            {},
            {"pdm": "ok"},
        ),
        ({"pyproject.toml": DIRECT + PDM}, {}, {"pdm": "problem"}),
        ({"pyproject.toml": TRANSITIVE + PDM + 'include_packages = ["instantly-*"]\n'}, {}, {"pdm": "ok"}),
        ({"pyproject.toml": TRANSITIVE + PDM + 'include_packages = ["team-lib"]\n'}, {}, {"pdm": "problem"}),
        ({"pyproject.toml": DIRECT + PDM + 'exclude_packages = ["instantly-client"]\n'}, {}, {"pdm": "problem"}),
    ],
)
def test_what_would_take_the_package_of_a_stranger_is_found(
    files: dict[str, str], environment: dict[str, str], found: dict[str, str], examine: Examine
) -> None:
    levels = examine(files, **environment)
    assert levels.items() >= found.items()


FIRM = UV.replace("explicit", "default")
BY_URL = f"instantly-client @ {PUBLIC}/instantly_client-99.0-py3-none-any.whl"
HASHED = "instantly-client==99.0 \\\n    --hash=sha256:0\n"
MEMBER = '[[tool.uv.index]]\nname = "x"\nurl = "{}"\n[tool.uv.sources]\ninstantly-client = {{ index = "x" }}\n'
POETRY_BOUND = 'instantly-client = {{ version = "*", source = "team"{} }}\n'
PDM_BOUND = PDM + 'include_packages = ["instantly-client"]\n'
PDM_ONE = PDM.replace('"team"', '"pypi"')


@pytest.mark.parametrize(
    ("subject", "files", "environment"),
    [
        # pip: what it heeds besides its index.
        ("pip", {"~/.pip/pip.conf": f"[global]\nindex-url={TEAM}\npypi-url={PUBLIC}\n"}, {}),
        ("pip", {}, {"PIP_INDEX_URL": TEAM, "PIP_extra_index_url": PUBLIC}),
        ("pip", {"c.txt": f"--extra-index-url {PUBLIC}\n"}, {"PIP_INDEX_URL": TEAM, "PIP_CONSTRAINT": "c.txt"}),
        ("pip", {"c.txt": BY_URL}, {"PIP_INDEX_URL": TEAM, "PIP_REQUIREMENT": "c.txt"}),
        ("pip", {"~/.pip/pip.conf": f"[install]\nconstraint = {PUBLIC}/c.txt\n"}, {"PIP_INDEX_URL": TEAM}),
        ("pip", {".venv/pip.conf": f"[global]\nextra-index-url = {PUBLIC}\n"}, {"PIP_INDEX_URL": TEAM}),
        ("requirements.txt", {"requirements.txt": f"-i {TEAM}\nx\n"}, {"PIP_FIND_LINKS": OTHER}),
        # A file of requirements: how pip reads its lines.
        ("requirements.txt", {"requirements.txt": f"-i {TEAM}\n{BY_URL}\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"-i {TEAM}\n{BY_URL.partition(' @ ')[2]}\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"-i {TEAM}\n# \\\n--extra-index-url {PUBLIC}\nx\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"-i {TEAM}\n--extra-index-url\t{PUBLIC}\nx\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"--extra-index-url {PUBLIC} -i {TEAM}\nx\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"-i {TEAM} -r b.txt\nx\n", "b.txt": ""}, {}),
        ("requirements.txt", {"requirements.txt": f"-i {TEAM}\n-r 'b c'\nx\n", "b c": f"--extra {PUBLIC}\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"-i {TEAM}\n-c {OTHER}c.txt\nx\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"-i {TEAM}\n-r ${{B}}\nx\n", "b": f"-i {PUBLIC}\n"}, {"B": "b"}),
        ("requirements.txt", {"requirements.txt": "-i ${NOT_SET}\nx\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"-i '{TEAM}\nx\n"}, {}),
        # A lock with hashes of what a stranger has.
        ("requirements.txt", {"requirements.txt": f"{HASHED}    # via x\n    # from {PUBLIC}\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"{BY_URL} --hash=sha256:0\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"-i {PUBLIC}\n{HASHED}"}, {}),
        # uv: what switches sources off, or gives an index of that name another URL.
        ("uv", {"pyproject.toml": DIRECT + UV + UV_SOURCE}, {"UV_NO_SOURCES": "1"}),
        ("uv", {"pyproject.toml": DIRECT + UV + UV_SOURCE}, {"UV_NO_SOURCES_PACKAGE": "x Instantly_Client"}),
        ("uv", {"pyproject.toml": DIRECT + UV + UV_SOURCE, "~/.config/uv/uv.toml": "no-sources = true\n"}, {}),
        ("uv", {"pyproject.toml": DIRECT + UV + UV_SOURCE}, {"UV_INDEX": f"team={PUBLIC}"}),
        ("uv", {"pyproject.toml": DIRECT + UV + UV_SOURCE}, {"UV_DEFAULT_INDEX": f"team={PUBLIC}"}),
        (
            "uv",
            {
                "pyproject.toml": DIRECT + UV.replace(TEAM, PUBLIC) + UV_SOURCE,
                "~/.config/uv/uv.toml": f'[[index]]\nname = "team"\nurl = "{TEAM}"\n',
            },
            {},
        ),
        (
            "uv",
            {"pyproject.toml": DIRECT + f"[tool.uv.sources]\ninstantly-client = {{ url = '{PUBLIC}/a.whl' }}\n"},
            {},
        ),
        (
            "uv",
            {
                "pyproject.toml": DIRECT + UV + "[tool.uv.sources]\ninstantly-client = ["
                "{ index = 'team', marker = \"os_name == 'a'\" }, { index = 'team', marker = \"os_name == 'b'\" }]\n"
            },
            {},
        ),
        ("pyproject.toml", {"pyproject.toml": f'[project]\ndependencies = ["{BY_URL}"]\n' + FIRM}, {}),
        ("uv", {"pyproject.toml": DIRECT + f'[tool.uv]\noverride-dependencies = ["{BY_URL}"]\n' + FIRM}, {}),
        # uv: which files of settings it reads.
        ("uv", {"pyproject.toml": DIRECT + FIRM}, {"UV_NO_CONFIG": "true"}),
        ("uv", {"pyproject.toml": DIRECT + FIRM, "ci.toml": ""}, {"UV_CONFIG_FILE": "ci.toml"}),
        ("uv", {"pyproject.toml": DIRECT + f'[tool.uv.pip]\nindex-url = "{TEAM}"\n'}, {}),
        ("uv pip", {"../uv.toml": f'[[index]]\nurl = "{PUBLIC}"\n'}, {"UV_DEFAULT_INDEX": TEAM}),
        ("uv pip", {"../pyproject.toml": f'[[tool.uv.index]]\nurl = "{PUBLIC}"\n'}, {"UV_DEFAULT_INDEX": TEAM}),
        ("uv pip", {"c.txt": BY_URL}, {"UV_DEFAULT_INDEX": TEAM, "UV_OVERRIDE": "c.txt"}),
        ("uv pip", {"c.txt": f"--find-links {OTHER}\n"}, {"UV_DEFAULT_INDEX": TEAM, "UV_CONSTRAINT": "c.txt"}),
        (
            "uv pip",
            {"uv.toml": f'[[index]]\nurl = "{TEAM}"\n[pip]\nindex-strategy = "unsafe-best-match"\n'},
            {},
        ),
        # uv: members of a workspace, and packages by path.
        (
            "uv",
            {
                "pyproject.toml": '[tool.uv.workspace]\nmembers = ["packages/*"]\n' + FIRM,
                "packages/a/pyproject.toml": DIRECT + MEMBER.format(PUBLIC),
            },
            {},
        ),
        (
            "uv",
            {
                "pyproject.toml": TRANSITIVE + FIRM + '[tool.uv.sources]\nteam-lib = { path = "lib" }\n',
                "lib/pyproject.toml": f'[project]\ndependencies = ["{BY_URL}"]\n',
            },
            {},
        ),
        # Poetry: a table of its own names no dependencies where [project] has some.
        ("poetry", {"pyproject.toml": TRANSITIVE + POETRY + POETRY_SOURCE}, {}),
        (
            "poetry",
            {
                "pyproject.toml": '[project]\n[dependency-groups]\ndev = ["team-lib"]\n'
                + POETRY
                + "[tool.poetry.group.dev.dependencies]\n"
                + POETRY_BOUND.format("")
            },
            {},
        ),
        (
            "poetry",
            {
                "pyproject.toml": POETRY + "[tool.poetry.dependencies]\ninstantly-client = ["
                "{ source = 'team', platform = 'a' }, { source = 'team', platform = 'b' }]\n"
            },
            {},
        ),
        ("poetry", {"pyproject.toml": DIRECT + POETRY.replace("explicit", "secondary")}, {}),
        # PDM: its configuration adds indexes, and uv heeds none of its filters.
        ("pdm", {"pyproject.toml": DIRECT + PDM_ONE, "pdm.toml": f'[pypi.extra]\nurl = "{PUBLIC}"\n'}, {}),
        (
            "pdm",
            {"pyproject.toml": DIRECT + PDM_ONE, "~/.config/pdm/config.toml": f'[pypi.extra]\nurl = "{PUBLIC}"\n'},
            {},
        ),
        (
            "pdm",
            {
                "pyproject.toml": DIRECT + PDM_BOUND,
                "c.toml": f'[pypi.extra]\nurl = "{PUBLIC}"\ninclude_packages = ["*"]\n',
            },
            {"PDM_CONFIG_FILE": "c.toml"},
        ),
        ("pdm", {"pyproject.toml": DIRECT + PDM_BOUND, "pdm.toml": "use_uv = true\n"}, {}),
        ("pdm", {"pyproject.toml": DIRECT + PDM_BOUND.replace(TEAM, "${TEAM}")}, {"TEAM": PUBLIC}),
        (
            "pdm",
            {
                "pyproject.toml": DIRECT
                + PDM_ONE
                + f'[tool.pdm.resolution.overrides]\ninstantly-client = "{PUBLIC}/a.whl"\n'
            },
            {},
        ),
        # Locks whose index hands out what lies in public.
        (
            "uv.lock",
            {
                "pyproject.toml": DIRECT + FIRM,
                "uv.lock": LOCK.format("99.0", f'registry = "{TEAM}"') + f'wheels = [{{ url = "{PUBLIC}/a.whl" }}]\n',
            },
            {},
        ),
        (
            "pdm.lock",
            {
                "pyproject.toml": DIRECT + PDM_BOUND,
                "pdm.lock": f'[[package]]\nname = "instantly-client"\nfiles = [{{ url = "{PUBLIC}/a.whl" }}]\n',
            },
            {},
        ),
        ("pylock.toml", {"pylock.toml": PYLOCK.format(TEAM) + f'archive = {{ url = "{PUBLIC}/a.tar.gz" }}\n'}, {}),
    ],
)
def test_what_the_installers_took_a_strangers_from_is_no_safe_setting(
    subject: str, files: dict[str, str], environment: dict[str, str], examine: Examine
) -> None:
    """Each of these was tried with the installer, and has taken the stranger's."""
    assert examine(files, **environment)[subject] == "problem"


@pytest.mark.parametrize(
    ("subject", "files", "environment"),
    [
        ("pip", {"~/.pip/pip.conf": f"[global]\nindex-url={TEAM}\n[install]\nindex-url=\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"--extra-index-url {PUBLIC}\n-i {TEAM}\nx\n"}, {}),
        ("requirements.txt", {"requirements.txt": f"{HASHED}    # from {TEAM}\n"}, {}),
        ("uv", {"pyproject.toml": DIRECT + UV + UV_SOURCE}, {"UV_NO_SOURCES": "0", "UV_NO_CONFIG": "1"}),
        (
            "uv",
            {
                "pyproject.toml": DIRECT + UV + "[tool.uv.sources]\ninstantly-client = ["
                "{ index = 'team', marker = \"os_name == 'a'\" }, { path = 'a.whl', marker = \"os_name != 'a'\" }]\n"
            },
            {},
        ),
        ("pdm", {"pyproject.toml": DIRECT + PDM_BOUND, "pdm.toml": f'[pypi.extra]\nurl = "{PUBLIC}"\n'}, {}),
        ("pylock.toml", {"pylock.toml": PYLOCK.format(TEAM) + f'wheels = [{{ url = "{TEAM}a.whl" }}]\n'}, {}),
    ],
)
def test_what_the_installers_took_ours_from_is_safe(
    subject: str, files: dict[str, str], environment: dict[str, str], examine: Examine
) -> None:
    assert examine(files, **environment)[subject] == "ok"


def test_a_folder_below_a_member_of_a_workspace_is_none(tmp_path: Path) -> None:
    inner = tmp_path / "packages" / "member" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "pyproject.toml").write_text('[tool.uv.workspace]\nmembers = ["packages/*"]\n')
    for folder, root in ((inner, inner), (inner.parent, tmp_path)):
        assert Project(folder, "instantly-client", {}).workspace.folder == root


def test_what_an_unknown_installer_would_do_is_left_open(examine: Examine) -> None:
    found = examine({"Pipfile": "[packages]\ninstantly-client = '*'\n"}, PIP_INDEX_URL=TEAM)
    assert found.items() >= {"Pipfile": "note", "pip": "ok"}.items()


TOML_SCALARS = st.one_of(
    st.integers(-9, 9), st.booleans(), st.sampled_from(["instantly-client", TEAM, "http://[", "team"])
)
KEYS = st.sampled_from(
    [
        *("tool", "uv", "poetry", "pdm", "sources", "source", "index", "url", "name", "explicit", "pip", "package"),
        *("instantly-client", "dependencies", "group", "project", "dependency-groups", "priority", "packages"),
        *("index-url", "extra-index-url", "find-links", "registry", "wheels", "optional-dependencies", "marker"),
        *("workspace", "members", "path", "no-sources", "override-dependencies", "overrides", "resolution", "files"),
    ]
)
TOML = st.recursive(
    TOML_SCALARS, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def inline(value: object) -> str:
    """A value in TOML."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key} = {inline(entry)}" for key, entry in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(inline, value)) + "]"
        case _:
            return json.dumps(value)


def toml(values: dict[str, object]) -> str:
    return "".join(f"{key} = {inline(value)}\n" for key, value in values.items())


@pytest.mark.slow
@settings(max_examples=40)
@given(
    tool=st.dictionaries(KEYS, TOML, max_size=4),
    others=st.dictionaries(KEYS, TOML, max_size=4),
    lock=st.dictionaries(KEYS, TOML, max_size=4),
)
def test_settings_of_any_shape_are_judged_or_named(
    tool: dict[str, object],
    others: dict[str, object],
    lock: dict[str, object],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = tmp_path_factory.getbasetemp() / "any-shape"
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(toml({**others, "tool": {"uv": tool, "poetry": tool, "pdm": tool}}))
    (folder / "uv.toml").write_text(toml(others))
    for name in ("uv.lock", "poetry.lock", "pylock.toml"):
        kind = "packages" if name == "pylock.toml" else "package"
        (folder / name).write_text(f'[[{kind}]]\nname = "instantly-client"\n' + toml({**lock, "version": "1"}))
    project = Project(folder, "instantly-client", {"HOME": str(folder), "UV_INDEX": "http://["})
    try:
        found = {finding.subject for finding in check_sources(project)}
    except Unreadable:  # Of pyproject.toml, which says what there is to examine.
        return
    assert found >= {"uv", "poetry", "pdm"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("uv.toml", b"index = 1"),
        ("uv.toml", b"[[index]]\nurl = 1"),
        ("uv.toml", b"\xff\xfe\xff"),
        ("uv.lock", b'[[package]]\nname = "instantly-client"\nsource = "my-secret"'),
        ("requirements.txt", b"\xe4"),
        ("requirements.txt", "-i x\n".encode("utf-16-le")),
    ],
)
def test_a_broken_file_is_named_and_the_others_are_judged(name: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(DIRECT + POETRY + POETRY_SOURCE)
    (tmp_path / "uv.lock").write_text("")
    (tmp_path / name).write_bytes(content)
    found = list(check_sources(Project(tmp_path, "instantly-client", {"HOME": str(tmp_path)})))
    assert ("poetry", "ok") in [(each.subject, each.level) for each in found]
    assert any(name in each.what and each.todo == "mend the file, or remove it" for each in found)
    assert "my-secret" not in str(found)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_file_is_read_in_the_encoding_that_its_first_bytes_say(encoding: str, tmp_path: Path) -> None:
    """As the shell of Windows writes what `pip freeze` prints."""
    (tmp_path / "requirements.txt").write_text(f"--index-url {TEAM}\r\ninstantly-client\r\n", encoding)
    (found, *_) = check_sources(Project(tmp_path, "instantly-client", {"HOME": str(tmp_path)}))
    assert (found.subject, found.level) == ("requirements.txt", "ok")


def test_a_huge_lock_is_not_parsed_as_a_whole(tmp_path: Path) -> None:
    others = "".join(f'[[package]]\nname = "other-{number}"\n\n' for number in range(2_000))
    (tmp_path / "uv.lock").write_text(
        others + LOCK.format("1.0", f'registry = "{TEAM}"') + others + "[[package]]\n= broken"
    )
    (entry,) = Project(tmp_path, "instantly-client", {}).locked("uv.lock")
    assert entry.text("version") == "1.0"


@pytest.mark.parametrize("variable", ["APPDATA", "ProgramData"])
def test_the_settings_of_windows_are_read(variable: str, examine: Examine, tmp_path: Path) -> None:
    files = {"~/pip/pip.ini": f"[global]\nindex-url = {TEAM}\n", "~/uv/uv.toml": f'[[index]]\nurl = "{OTHER}"\n'}
    found = examine(files, **{variable: str(tmp_path / "home"), "HOME": "", "USERPROFILE": str(tmp_path / "none")})
    assert (found["pip"], found["uv pip"]) == ("ok", "note")


@pytest.mark.parametrize(
    ("key", "level"),
    [
        (None, "note"),
        ("", "problem"),
        ("  ", "problem"),
        ("a b", "problem"),
        ("schlüssel", "problem"),
        ('"abc"', "problem"),
        ("Bearer abc", "problem"),
        ("bearer:abc", "problem"),
        ("NjE5OmFiYw==", "ok"),
        ("NjE5OmFiYw==\n", "ok"),
    ],
)
def test_a_key_is_judged(key: str | None, level: str) -> None:
    assert check_key({} if key is None else {KEY: key}).level == level


@given(st.text(min_size=6, alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_a_key_is_never_shown(key: str) -> None:
    assert key not in str(check_key({KEY: key}))


@pytest.mark.parametrize(
    ("url", "level"),
    [
        ("https://api.instantly.ai", "ok"),
        ("http://localhost:8000", "ok"),
        ("http://api.instantly.ai", "problem"),
        ("api.instantly.ai", "problem"),
        ("https://[::1", "problem"),
        ("https://localhost:port", "problem"),
        ("https://ann:secret@api.instantly.ai", "problem"),
        ("https://api.instantly.ai/?token=secret", "problem"),
    ],
)
def test_a_base_url_is_judged_and_its_secret_is_not_shown(url: str, level: str) -> None:
    found = check_base_url(url)
    assert found.level == level
    assert "secret" not in str(found)


@pytest.mark.parametrize(
    ("name", "value", "level"),
    [
        ("HTTPS_PROXY", "http://proxy.example:3128", "ok"),
        ("https_proxy", "proxy.example:3128", "ok"),
        ("ALL_PROXY", "http://ann:secret@proxy.example", "ok"),
        ("HTTP_PROXY", "http://", "problem"),
        ("HTTPS_PROXY", "ftp://proxy.example", "problem"),
        ("HTTPS_PROXY", "http://ann:secret@proxy.example:99999", "problem"),
        ("HTTPS_PROXY", "http://[::1:3128", "problem"),
        ("NO_PROXY", "localhost", None),
    ],
)
def test_a_proxy_is_judged_and_its_password_is_not_shown(name: str, value: str, level: str | None) -> None:
    found = list(check_proxies({name: value}))
    assert [finding.level for finding in found] == ([level] if level else [])
    assert "secret" not in str(found)


def test_certificates_in_the_place_of_the_systems_are_named(tmp_path: Path) -> None:
    trustme = pytest.importorskip("trustme")
    ca = tmp_path / "ca.pem"
    trustme.CA().cert_pem.write_to_path(ca)
    (found,) = check_certificates({"SSL_CERT_FILE": str(ca)})
    assert (found.level, found.what) == ("problem", "SSL_CERT_FILE has 1 certificate in the place of the system's")
    ca.write_bytes(b"".join(trustme.CA().cert_pem.bytes() for _ in range(6)))
    assert [each.level for each in check_certificates({"SSL_CERT_FILE": str(ca)})] == ["ok"]
    ca.write_text("no certificate")
    assert [each.level for each in check_certificates({"SSL_CERT_FILE": str(ca)})] == ["problem"]
    assert [each.level for each in check_certificates({"SSL_CERT_DIR": str(tmp_path / "none")})] == ["problem"]


def test_a_clock_before_the_client_is_wrong() -> None:
    today = datetime.now(UTC).date()
    assert check_clock(date(2026, 1, 1)).level == "ok"
    assert check_clock(today + timedelta(days=2)).level == "problem"


# --- what is installed ---

FILE = "instantly_client/__init__.py"


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A folder with an installed distribution of two files; returns its .dist-info."""
    information = tmp_path / "acme_instantly_client-1.0.dist-info"
    content = {FILE: b"", f"{information.name}/METADATA": METADATA.encode(), f"{information.name}/WHEEL": b""}
    lines = [f"{information.name}/RECORD,,"]
    for name, data in content.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        lines.append(f"{name},sha256={digest},{len(data)}")
    (information / "RECORD").write_text("\n".join(lines) + "\n")
    return information


METADATA = """\
Metadata-Version: 2.4
Name: acme-instantly-client
Version: 1.0
Provides-Extra: all
Provides-Extra: half
Provides-Extra: none
Requires-Dist: attrs>=1; extra == "all"
Requires-Dist: attrs>=1; extra == "half"
Requires-Dist: attrs>=999; extra == "half"
Requires-Dist: no-such-package; extra == "none"
"""


def test_a_file_that_has_changed_is_named(installed: Path) -> None:
    distribution = metadata.Distribution.at(installed)
    assert [each.level for each in check_files(distribution) if "as RECORD says" in each.what] == ["ok"]
    (installed.parent / FILE).write_text("import os")
    changed = next(each for each in check_files(distribution) if each.level == "problem")
    assert changed.what == f"1 files are not as they were installed: {FILE}"
    (installed.parent / FILE).unlink()
    assert any(each.level == "problem" for each in check_files(distribution))


def test_an_installed_copy_is_compared_with_a_release(installed: Path, tmp_path: Path) -> None:
    wheel, sums = tmp_path / "some-1.0-py3-none-any.whl", tmp_path / "SHA256SUMS"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.write(installed / "RECORD", f"{installed.name}/RECORD")
    sums.write_text(f"{hashlib.sha256(wheel.read_bytes()).hexdigest()}  {wheel.name}\n")
    distribution = metadata.Distribution.at(installed)
    assert [each.level for each in check_sums(distribution, wheel, sums)] == ["ok"]
    record = installed / "RECORD"
    record.write_text(record.read_text().replace(f"{FILE},sha256=", f"{FILE},sha256=A"))
    (found,) = check_sums(distribution, wheel, sums)
    assert (found.level, FILE in found.what) == ("problem", True)
    sums.write_text(f"{'0' * 64}  {wheel.name}\n")
    (found,) = check_sums(distribution, wheel, sums)
    assert found.what == f"{wheel.name} is not the one of SHA256SUMS"
    wheel.write_bytes(b"no archive")
    sums.write_text(f"{hashlib.sha256(b'no archive').hexdigest().upper()} *{wheel.name}\n")
    (found,) = check_sums(distribution, wheel, sums)
    assert found.what == f"{wheel.name} or SHA256SUMS cannot be read: BadZipFile"
    sums.write_bytes(b"\xff")
    assert [each.level for each in check_sums(distribution, wheel, sums)] == ["problem"]


def test_two_distributions_that_brought_the_client_are_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """As where a team gave it a name of its own and somebody installed the other one as well."""
    monkeypatch.setattr(metadata, "packages_distributions", lambda: {"instantly_client": ["httpx", "attrs"]})
    assert main(["--verify"], released=instantly_client.SPEC_DATE) == 1
    assert "attrs and httpx have brought the client, one over the other" in capsys.readouterr().out


def test_an_extra_that_is_there_in_part_is_named(installed: Path) -> None:
    found = {each.subject: each for each in check_extras(metadata.Distribution.at(installed))}
    assert {name: each.level for name, each in found.items()} == {"[all]": "ok", "[half]": "note"}
    assert "attrs>=999" in found["[half]"].what


# --- the command ---


@pytest.mark.slow
def test_the_command_reports_and_exits_by_what_it_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {"HOME": str(tmp_path), "PIP_CONFIG_FILE": "/dev/null", KEY: "a-secret-key"}.items():
        monkeypatch.setenv(name, value)
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_FIND_LINKS", "SSL_CERT_FILE", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)
    arguments = ["--project", str(tmp_path)]
    (tmp_path / "pyproject.toml").write_text(DIRECT + UV + UV_SOURCE)
    assert main(arguments, released=instantly_client.SPEC_DATE) == 0
    assert "ok    uv " in capsys.readouterr().out
    (tmp_path / "pyproject.toml").write_text(TRANSITIVE + UV + UV_SOURCE)
    assert main([*arguments, "--json"], released=instantly_client.SPEC_DATE) == 1
    output = capsys.readouterr().out
    report = json.loads(output)
    findings = [Finding(**each) for each in report["findings"]]
    assert (report["well"], [each.subject for each in findings if each.level == "problem"]) == (False, ["uv"])
    assert "a-secret-key" not in output
    (tmp_path / "pyproject.toml").write_text("[secret")
    assert main(arguments, released=instantly_client.SPEC_DATE) == 1
    output = capsys.readouterr().out
    assert "cannot be read" in output
    assert "[secret" not in output


@pytest.mark.slow
def test_what_a_terminal_would_act_on_is_not_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", f"{TEAM}\x1b]0;you\u202e")
    main(["--project", str(tmp_path)], released=instantly_client.SPEC_DATE)
    assert {"\x1b", "\u202e"}.isdisjoint(capsys.readouterr().out)


@pytest.mark.parametrize(
    "arguments", [["--sums", "a"], ["--project", "no/such/folder"], ["--project", __file__], ["--unknown"]]
)
def test_arguments_that_do_not_fit_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments, released=instantly_client.SPEC_DATE)
    assert stopped.value.code == 2
