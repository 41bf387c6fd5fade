"""Change modules of core one place at a time, and list the changes that no test notices.

MODULE is a module or a folder of core, such as `ratelimit/limits` or `helpers`. Each change runs the tests of core that
are not slow, those that speak of the module first, up to the first failure; `--tests` names others. All happens in a
copy. An interrupted run reports the changes that it came to.

Exit status: 0 done, also with survivors, 1 the tests fail without any change, 2 there is no such module.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from scripts.lib.layout import PROJECT
from scripts.lib.report import Failed, Finding, Refused, counted, show_error, show_table

CORE = Path("core/instantly_core")
TESTS = Path("tests/core")

# A `|` is one of types here, and of the other operators one replacement is enough: for `*` and `/`, which also mark
# arguments, one that cannot. Decorators are for type checkers, or nothing works without them.
_EXCLUDED = [
    "core/RemoveDecorator",
    "core/ReplaceBinaryOperator_(?!(Add_Sub|Sub_Add|Mul_FloorDiv|Div_FloorDiv|FloorDiv_Mul|Mod_Mul|Pow_Mul|BitAnd_BitXor)$)",
    "core/ReplaceComparisonOperator_(?!(Eq_NotEq|NotEq_Eq|Lt_LtE|LtE_Lt|Gt_GtE|GtE_Gt|Is_IsNot|IsNot_Is)$)",
]
# A test that hangs ends by itself, also when nobody is left to end it.
_MAX_TEST_SECONDS = 30
_PYTEST = [
    *(sys.executable, "-m", "pytest", "--exitfirst", "--quiet"),
    *("-o", f"faulthandler_timeout={_MAX_TEST_SECONDS}", "-o", "faulthandler_exit_on_timeout=true"),
]


@dataclass(frozen=True)
class Mutant:
    """A module with one change; `survived` if no test failed."""

    place: str
    code: str
    change: str
    survived: bool


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    try:
        modules = find_modules(options.modules, PROJECT.root)
        with tempfile.TemporaryDirectory(prefix="mutate-") as folder:
            copy = Path(folder).resolve() / "project"
            copy_project(PROJECT.root, copy)
            seconds = run_unchanged(copy, options.tests)
            survivors = []
            for module in modules:
                mutants = mutate(module, copy, pytest_of(module, copy, options.tests), max_seconds=3 * seconds + 30)
                survived = [mutant for mutant in mutants if mutant.survived]
                print(f"{module}: {counted(mutants, 'mutant')}, {counted(survived, 'survivor')}", flush=True)
                survivors += survived
    except (Refused, Failed) as error:
        return show_error(error)
    if survivors:
        show_table(("place", "code", "survived as"), [(each.place, each.code, each.change) for each in survivors])
    return 0


def find_modules(names: Sequence[str], root: Path) -> list[Path]:
    """The modules that are named, relative to the root; those of a folder in order."""
    every = sorted(path.relative_to(root) for path in (root / CORE).rglob("*.py"))
    found: list[Path] = []
    unknown = []
    for name in names:
        place = CORE / name.removeprefix(f"{CORE.as_posix()}/").removesuffix(".py")
        named = [module for module in every if module.with_suffix("") == place or place in module.parents]
        if not named:
            why = "MODULE is a module or a folder of core, such as ratelimit/limits or helpers"
            unknown.append(Finding("", f"{CORE.as_posix()} has no module {name}", why))
        found += named
    if unknown:
        raise Refused("mutate", unknown)
    return list(dict.fromkeys(found))


def copy_project(root: Path, copy: Path) -> None:
    """Copy the files that are committed, or would be with `git add .`."""
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=root, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, names):
        if (root / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy / name)


def pytest_of(module: Path, copy: Path, tests: Sequence[str]) -> list[str]:
    """The command that tests a module: with the tests that are named, else with those of core that are not slow."""
    if tests:
        return [*_PYTEST, *tests]
    word = re.compile(rf"\b{module.stem}\b")
    files = sorted((copy / TESTS).glob("test_*.py"))
    first = sorted(files, key=lambda file: len(word.findall(file.read_text("utf-8"))), reverse=True)
    return [*_PYTEST, "-m", "not slow", *(str(file.relative_to(copy)) for file in first)]


def run_unchanged(copy: Path, tests: Sequence[str]) -> float:
    """Run the tests without a change, and return the seconds that they take."""
    began = time.monotonic()
    command = pytest_of(CORE / "__init__.py", copy, tests)
    run = subprocess.run(command, cwd=copy, env=_environment(), capture_output=True, text=True, check=False)
    if run.returncode:
        raise Failed("mutate", f"the tests fail without any change:\n{run.stdout}{run.stderr}")
    return time.monotonic() - began


def mutate(module: Path, copy: Path, pytest: Sequence[str], *, max_seconds: float) -> list[Mutant]:
    """Test each change of a module, one after the other."""
    config, session = copy.with_name("mutate.toml"), copy.with_name("mutate.sqlite")
    session.unlink(missing_ok=True)
    # The texts of JSON are texts of TOML too.
    config.write_text(
        f"""[cosmic-ray]
module-path = {json.dumps(module.as_posix())}
timeout = {max_seconds}
excluded-modules = []
test-command = {json.dumps(shlex.join(pytest))}
distributor.name = "local"
filters.operators-filter.exclude-operators = {json.dumps(_EXCLUDED)}
""",
        "utf-8",
    )
    _cosmic_ray(copy, "cosmic-ray", "init", str(config), str(session))
    _cosmic_ray(copy, "cr-filter-operators", str(session), str(config))
    with _bar() as bar:
        excluded = _tested(session)
        total = _tested(session, "mutation_specs") - excluded
        task = bar.add_task(module.as_posix(), total=total)
        command = [_tool("cosmic-ray"), "exec", str(config), str(session)]
        with subprocess.Popen(command, cwd=copy, env=_environment(), stdout=subprocess.DEVNULL) as run:
            try:
                while run.poll() is None:
                    bar.update(task, completed=_tested(session) - excluded)
                    time.sleep(0.5)
            except KeyboardInterrupt:
                run.terminate()
        bar.update(task, completed=_tested(session) - excluded)
    return list(read_mutants(_cosmic_ray(copy, "cosmic-ray", "dump", str(session))))


def read_mutants(dump: str) -> Iterator[Mutant]:
    """The mutants that were tested, of a dump of cosmic-ray: a line of JSON for each, with the work and the result."""
    for line in dump.splitlines():
        item, result = json.loads(line)
        if result is None or result["worker_outcome"] == "skipped":
            continue
        if result["worker_outcome"] != "normal":
            raise Failed("mutate", f"a mutant could not be tested: {result['output']}")
        (mutation,) = item["mutations"]
        diff = result["diff"].splitlines()
        before, after = (
            " ".join(text[1:].strip() for text in diff if text[:1] == sign and text[:3] != sign * 3) for sign in "-+"
        )
        place = f"{mutation['module_path']}:{mutation['start_pos'][0]}"
        yield Mutant(place, before, after, result["test_outcome"] == "survived")


def _tested(session: Path, table: str = "work_results") -> int:
    with closing(sqlite3.connect(session)) as database:
        (number,) = database.execute(f"SELECT COUNT(*) FROM {table}").fetchone()
    return int(number)


def _cosmic_ray(copy: Path, tool: str, *arguments: str) -> str:
    run = subprocess.run([_tool(tool), *arguments], cwd=copy, capture_output=True, text=True, check=False)
    if run.returncode:
        raise Failed("mutate", f"{tool} {arguments[0]}: exit status {run.returncode}\n{run.stdout}{run.stderr}")
    return run.stdout


def _tool(name: str) -> str:
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    if not found:
        raise Failed("mutate", f"there is no {name} in this environment: run `nox -s mutate -- MODULE`, which has it")
    return found


def _environment() -> dict[str, str]:
    # Each mutant starts pytest anew, and plugins that no test of core needs would take most of its time.
    return {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}


def _bar() -> Bar:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Bar(*columns, console=Console(stderr=True), transient=True, disable=not sys.stderr.isatty())


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m scripts.mutate", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("modules", nargs="+", metavar="MODULE", help="what to change: a module or a folder of core")
    parser.add_argument("--tests", nargs="+", default=(), metavar="PATH", help="the tests to run, for pytest")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
