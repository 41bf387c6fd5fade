"""`nox -s preflight`: what it refuses and how, in a repository of its own."""

from __future__ import annotations

import importlib
import json
import subprocess
from pathlib import Path

import nox.registry
import pytest

from scripts.lib.layout import PROJECT, Layout
from scripts.lib.report import Finding, Refused
from scripts.preflight import main
from scripts.release import preflight
from scripts.release.dist import read_receipt, sha256
from scripts.release.environments import Trial
from scripts.release.preflight import (
    CHECKS,
    RESULTS,
    Check,
    Problem,
    check_changelog,
    check_clean,
    check_smoke,
    check_tests,
    command,
)
from tests.release.conftest import CHANGELOG, Repository
from tests.release.publish.servers import impostor


def well(layout: Layout) -> str:
    return "as it should be"


def wrong(layout: Layout) -> str:
    raise Problem("it is wrong", "mend it", "line 7: wrong")


def refused(layout: Layout) -> str:
    raise Refused("build", [Finding("a.whl", "it is empty", "nobody wants it")])


def broken(layout: Layout) -> str:
    raise ZeroDivisionError("never thought of")


def set_checks(monkeypatch: pytest.MonkeyPatch, **checks: Check) -> None:
    monkeypatch.setattr(preflight, "CHECKS", checks)


# --- all of it ---


def test_all_checks_run_and_each_refusal_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    set_checks(monkeypatch, one=wrong, build=refused, three=broken, four=well)
    assert main([], layout=Layout(tmp_path)) == 1
    told = capsys.readouterr()
    rows = [line.split() for line in told.out.splitlines()[1:5]]
    assert [(row[0], row[1]) for row in rows] == [
        ("one", "REFUSED"),
        ("build", "REFUSED"),
        ("three", "REFUSED"),
        ("four", "passed"),
    ]
    assert " ".join(rows[0]).endswith("it is wrong mend it")
    assert " ".join(rows[1]).endswith("build: refused, 1 finding mend that, then `nox -s preflight -- --only build`")
    assert "ZeroDivisionError: never thought of" in " ".join(rows[2])
    assert "one said:\nline 7: wrong\n" in told.out
    assert "build said:\n  a.whl: it is empty (nobody wants it)\n" in told.out
    assert told.out.endswith("\nthe preflight is not passed: 3 refusals\n")
    assert [line.split()[0] for line in told.err.splitlines()] == ["one", "build", "three", "four"]


def test_the_preflight_is_passed_when_all_checks_are_and_leaves_its_receipt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], repository: Repository
) -> None:
    set_checks(monkeypatch, clean=check_clean, two=well)
    repository.write(".gitignore", "build/\ndist/\n")
    repository.git("add", ".")
    repository.git("commit", "--quiet", "--message", "Ignore what is made")
    repository.write("dist/some-1.0.tar.gz", "")
    impostor(repository.root / "dist", "1.0")
    repository.write(
        "dist/SHA256SUMS", "".join(f"{sha256(path)}  {path.name}\n" for path in (repository.root / "dist").iterdir())
    )
    repository.write(str(RESULTS), RUN.format("<skipped message='no vendor'/>"))
    assert main([], layout=repository) == 0
    assert capsys.readouterr().out.endswith("\nthe preflight is passed; its receipt is in dist/\n")
    receipt = read_receipt(repository.root / "dist")
    assert (receipt.version, receipt.commit) == ("1.0", repository.git("rev-parse", "HEAD"))
    commit = f"commit {repository.git('rev-parse', '--short', 'HEAD')}"
    checks = {"clean": commit, "two": "as it should be", "still clean": commit}
    assert (receipt.checks, receipt.skips) == (checks, {"no vendor": 1})


def test_a_commit_during_the_checks_gets_no_receipt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], repository: Repository
) -> None:
    def changes(layout: Layout) -> str:
        repository.write("late.py", "")
        repository.git("add", ".")
        repository.git("commit", "--quiet", "--message", "Late")
        return "as it should be"

    set_checks(monkeypatch, clean=check_clean, two=changes)
    assert main([], layout=repository) == 1
    assert "it began on commit" in capsys.readouterr().out
    assert not (repository.root / "dist").exists()


RUN = "<testsuites><testsuite><testcase name='a'>{}</testcase></testsuite></testsuites>"


def test_some_checks_are_not_the_preflight(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    set_checks(monkeypatch, one=well, two=wrong)
    assert main(["--only", "one"], layout=Layout(tmp_path)) == 3
    assert capsys.readouterr().out.endswith("\nthe preflight is not passed: only one was asked for\n")
    assert main(["--only", "one", "--json"], layout=Layout(tmp_path)) == 3
    assert json.loads(capsys.readouterr().out)["passed"] is False
    assert main(["--only", "two"], layout=Layout(tmp_path)) == 1


def test_programs_read_json(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    set_checks(monkeypatch, one=well, two=wrong)
    assert main(["--json"], layout=Layout(tmp_path)) == 1
    told = capsys.readouterr()
    report = json.loads(told.out)
    assert report["passed"] is False
    assert [(each["check"], each["passed"], each["todo"]) for each in report["checks"]] == [
        ("one", True, ""),
        ("two", False, "mend it"),
    ]
    assert told.err == ""


def test_no_check_can_be_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--skip-tests"], ["--skip", "tests"], ["--only", "nothing"]):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == 2
    assert "invalid choice: 'nothing'" in capsys.readouterr().err


def test_the_preflight_asks_for_everything_that_a_release_needs() -> None:
    assert CHECKS.keys() == {
        "clean",
        "check-generated",
        "surface",
        "changelog",
        "tests",
        "lint",
        "types",
        "build",
        "smoke",
    }
    assert list(CHECKS).index("build") < list(CHECKS).index("smoke")
    importlib.import_module("noxfile")
    assert {"test", "lint", "types", "check-generated", "surface", "build", "smoke"} <= set(nox.registry.get())


# --- the checks ---


def test_what_is_committed_is_clean_ignored_files_apart(repository: Repository) -> None:
    repository.write("dist/old.whl", "")
    assert check_clean(repository) == f"commit {repository.git('rev-parse', '--short', 'HEAD')}"
    repository.git("checkout", "--quiet", "--detach")
    assert check_clean(repository).startswith("commit ")


@pytest.mark.parametrize(
    ("name", "add", "shown"),
    [("new.txt", False, "?? new.txt"), ("new.txt", True, "A  new.txt"), ("CHANGELOG.md", False, " M CHANGELOG.md")],
)
def test_what_is_not_committed_is_refused(repository: Repository, name: str, add: bool, shown: str) -> None:
    repository.write(name, "changed")
    if add:
        repository.git("add", name)
    with pytest.raises(Problem) as caught:
        check_clean(repository)
    assert caught.value.what == "1 file not committed"
    assert caught.value.said == shown


def test_a_folder_without_git_is_refused_wherever_it_lies(repository: Repository) -> None:
    repository.write(".gitignore", "/dist\n/build\n")
    repository.write("build/copy/README.md", "")
    for folder in (repository.root.parent, repository.root / "build" / "copy"):
        with pytest.raises(Problem, match="this folder is no clone"):
            check_clean(Layout(folder))


def test_a_shallow_clone_is_refused(repository: Repository, tmp_path: Path) -> None:
    repository.git("commit", "--quiet", "--allow-empty", "--message", "More")
    shallow = Repository(tmp_path / "shallow")
    subprocess.run(["git", "clone", "--quiet", "--depth=1", repository.root.as_uri(), shallow.root], check=True)
    with pytest.raises(Problem, match="the clone is shallow: it does not know what was released") as caught:
        check_clean(shallow)
    assert "git fetch --unshallow --tags" in caught.value.todo


def test_what_git_was_set_to_overlook_is_refused(repository: Repository) -> None:
    repository.git("config", "status.showUntrackedFiles", "no")
    repository.write("new.txt", "")
    with pytest.raises(Problem, match="1 file not committed"):
        check_clean(repository)
    (repository.root / "new.txt").unlink()
    for option in ("assume-unchanged", "skip-worktree"):
        repository.git("update-index", f"--{option}", "CHANGELOG.md")
        repository.write("CHANGELOG.md", "changed")
        with pytest.raises(Problem, match="git does not look at 1 file"):
            check_clean(repository)
        repository.git("update-index", f"--no-{option}", "CHANGELOG.md")


def test_what_only_the_user_ignores_does_not_get_into_the_build(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of files that git ignores, the tool that builds knows those of .gitignore alone."""
    committed = "core/instantly_core/version.py"
    monkeypatch.setattr(preflight, "build", lambda *_, **__: [])
    monkeypatch.setattr(preflight, "sources_in", lambda *_: [committed, "core/instantly_core/mine.py"])
    with pytest.raises(Problem, match="1 file in the build and in no commit") as caught:
        preflight.check_build(repository)
    assert caught.value.said == "core/instantly_core/mine.py"
    monkeypatch.setattr(preflight, "sources_in", lambda *_: [committed])
    assert preflight.check_build(repository) == "0 files in dist/"


def test_the_changelog_must_tell_of_the_version(repository: Repository) -> None:
    with pytest.raises(Problem) as caught:
        check_changelog(repository)
    assert caught.value.what == "CHANGELOG.md has no section for 0.1.0"
    assert caught.value.todo.startswith("`nox -s release -- 0.1.0`")

    repository.write("CHANGELOG.md", CHANGELOG.replace("[Unreleased]", "[0.1.0] - 2026-11-23"))
    assert check_changelog(repository) == "0.1.0 of 2026-11-23"

    empty = CHANGELOG.replace("## [Unreleased]", "## [0.1.0] - 2026-11-23\n\n## [0.0.9] - 2026-11-22")
    repository.write("CHANGELOG.md", empty)
    with pytest.raises(Problem, match=r"CHANGELOG\.md says nothing about 0\.1\.0"):
        check_changelog(repository)


def test_a_version_is_that_of_its_tag_alone(repository: Repository) -> None:
    repository.write("CHANGELOG.md", CHANGELOG.replace("## [Unreleased]", "## [Unreleased]\n\n## [0.1.0] - 2026-01-02"))
    repository.git("commit", "--quiet", "--all", "--message", "Release")
    repository.git("tag", "v0.1.0")
    assert check_changelog(repository) == "0.1.0 of 2026-01-02"
    repository.git("commit", "--quiet", "--allow-empty", "--message", "More")
    with pytest.raises(Problem, match=r"0\.1\.0 is released as v0\.1\.0, and this is another commit"):
        check_changelog(repository)
    repository.git("checkout", "--quiet", "v0.1.0")
    repository.git("tag", "v0.2.0")
    repository.git("tag", "approved")
    with pytest.raises(Problem, match=r"the tag v0\.2\.0 is at this commit, whose version is 0\.1\.0") as caught:
        check_changelog(repository)
    assert caught.value.todo.startswith("`git tag --delete v0.2.0`")


def test_a_command_passes_with_its_last_line_and_fails_with_its_last_lines(tmp_path: Path) -> None:
    assert command("one", "", "-c", "print('much'); print('== all well ==')")(Layout(tmp_path)) == "all well"
    with pytest.raises(Problem) as caught:
        command("two", "mend it", "-c", "import sys; [print(n) for n in range(99)]; sys.exit(7)")(Layout(tmp_path))
    assert (caught.value.what, caught.value.todo) == ("exit status 7", "mend it")
    assert caught.value.said.splitlines() == [
        *(str(number) for number in range(69, 99)),
        "all of it: build/preflight/two.log",
    ]
    log = (tmp_path / "build" / "preflight" / "two.log").read_text("utf-8")
    assert log.splitlines() == [str(number) for number in range(99)]


def test_no_command_gets_credentials_for_publishing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_PUBLISH_PASSWORD", "secret")
    monkeypatch.setenv("TWINE_PASSWORD", "secret")
    code = "import os; print(sorted(name for name, value in os.environ.items() if value == 'secret'))"
    assert command("one", "", "-c", code)(Layout(tmp_path)) == "[]"


NOXFILE = """
import nox, sys

@nox.session(venv_backend="none")
def test(session):
    session.run(sys.executable, "-m", "pytest", "--quiet", "-p", "no:cacheprovider", "test_it.py", *session.posargs)
"""
SETTINGS = "[tool.preflight]\nskips = ['vendor']\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tests", "what", "said"),
    [
        ("def test_a(): assert 1 == 2", "exit status 1, 1 failure", "test_it.py::test_a: assert 1 == 2\nall of it: "),
        (
            "import pytest\ndef test_a(): pytest.skip('no Redis')",
            "1 reason to skip tests that may not be skipped",
            "1 x no Redis",
        ),
        (
            "import pytest\ndef test_a(): pytest.skip('no document of the vendor')\ndef test_b(): pass",
            "2 tests, 1 of them skipped for 1 admitted reason",
            "",
        ),
    ],
    ids=["a failure", "a skip", "an admitted skip"],
)
def test_failures_come_first_and_skips_are_judged(tests: str, what: str, said: str, repository: Repository) -> None:
    for name, text in {"noxfile.py": NOXFILE, "test_it.py": tests, "pyproject.toml": SETTINGS}.items():
        repository.write(name, text)
    if not said:
        assert check_tests(repository) == what
        return
    with pytest.raises(Problem) as caught:
        check_tests(repository)
    assert caught.value.what == what
    assert caught.value.said.startswith(said)
    assert (repository.root / "build" / "preflight" / "tests.log").read_text("utf-8")


@pytest.mark.slow
def test_the_recorded_surface_is_asked_for() -> None:
    assert CHECKS["surface"](PROJECT) == "tests/release/surface.txt is the surface of the package"


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (["passed", "passed"], "2 environments"),
        (["passed", "skipped"], "1 environment; why"),
        (["passed", "failed"], "1 of 2 environments failed"),
        (["skipped", "skipped"], "why"),
    ],
)
def test_the_wheel_must_work_in_all_environments(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, statuses: list[str], told: str
) -> None:
    repository.write("dist/some.whl", "")
    trials = [Trial("3.11", "newest", status, 1.0, "why") for status in statuses]  # type: ignore[arg-type]
    monkeypatch.setattr(preflight, "try_wheel", lambda wheel, on_step: trials)
    if "failed" in statuses or "passed" not in statuses:
        with pytest.raises(Problem) as caught:
            check_smoke(repository)
        assert caught.value.what == told
    else:
        assert check_smoke(repository) == told


def test_without_a_build_there_is_nothing_to_try(repository: Repository) -> None:
    with pytest.raises(Refused, match="run `nox -s build` first"):
        check_smoke(repository)
