"""How the project writes: spelled as usual, and with one word for one thing."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GLOSSARY = ROOT / "docs" / "glossary.md"
DECISIONS = ROOT / "docs" / "decisions"
SCREEN = 45

# The words of the reference are those of openapi/texts.toml, or the vendor's.
REFERENCE = [ROOT / "api.md", *(ROOT / "docs" / "reference").glob("*.md")]
TEXTS = [
    *(path for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")] if path not in REFERENCE),
    *(path for path in (ROOT / ".github").rglob("*.*") if path.parent.name != "workflows"),
]

MODULES = [
    ROOT / "noxfile.py",
    *(
        path
        for folder in ("core", "sandbox", "cli", "contract", "scripts", "benchmarks", "examples", "tests")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if ".cache" not in path.parts
    ),
]

CODE = re.compile(r"^```.*?^```$|`[^`]*`|\]\([^)]*\)", re.MULTILINE | re.DOTALL)


@cache
def avoided() -> dict[str, re.Pattern[str]]:
    """The words in code of the glossary's last column, each with what finds all its forms."""
    rows = [line for line in GLOSSARY.read_text("utf-8").splitlines() if line.startswith("| ")]
    words = [word for row in rows for word in re.findall(r"`([^`]+)`", row.split(" | ")[-1])]
    return {word: pattern(word) for word in words}


def pattern(word: str) -> re.Pattern[str]:
    first, *rest = word.split()
    # The parts of a phrase may have a few words between them: "held the answers against".
    forms = r"(?:s|es|d|ed|ing)?\b(?!-)" + "".join(rf"(?:\s\w+){{0,3}}\s{part}\b" for part in rest)
    # `None` is no form of "none".
    return re.compile(rf"\b(?i:{first[0]}){first[1:]}{forms}")


def prose(text: str) -> str:
    """A text without its code and the targets of its links, which may need such a word; the lines stay."""
    return CODE.sub(lambda code: "\n" * code[0].count("\n"), text)


def docstrings(source: str) -> str:
    """The docstrings of a module, its classes, functions and variables, each as a paragraph."""
    values = [node.value for node in statements(ast.parse(source)) if isinstance(node, ast.Expr)]
    strings = [value.value for value in values if isinstance(value, ast.Constant)]
    return "\n\n".join(string for string in strings if isinstance(string, str))


def statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements in a module or statement; to look into their expressions, too, would take twice as long."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, ast.expr):
            yield child
            yield from statements(child)


def found(text: str) -> list[str]:
    """The avoided words of a prose, as `line: word`."""
    return [
        f"{text.count(chr(10), 0, match.start()) + 1}: {match[0]!r}"
        for words in avoided().values()
        for match in words.finditer(text)
    ]


@pytest.mark.slow
def test_everything_is_spelled_as_usual() -> None:
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    files = [name for name in names if name and (ROOT / name).is_file()]
    command = [sys.executable, "-m", "codespell_lib", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_text_has_a_word_that_the_glossary_avoids() -> None:
    assert {path: words for path in TEXTS if (words := found(prose(path.read_text("utf-8"))))} == {}


def test_no_docstring_has_a_word_that_the_glossary_avoids() -> None:
    texts = {path: docstrings(path.read_text("utf-8")) for path in MODULES}
    assert {path: words for path, text in texts.items() if (words := found(prose(text)))} == {}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Support is told.", ["1: 'told'"]),
        ("One.\n\nIt stands\nbeside it.", ["3: 'stands'", "4: 'beside'"]),
        ("It held the answers\nagainst it.", ["1: 'held the answers\\nagainst'"]),
        ("The field is None, or\nis none.", ["2: 'is none'"]),
        ("Hold it; nobody is against it. A stand-in is in `told` and in [it](beside.md).", []),
    ],
)
def test_avoided_words_are_found_in_each_form_but_not_in_code(text: str, words: list[str]) -> None:
    assert sorted(found(prose(text))) == words


def test_the_glossary_fits_on_a_screen() -> None:
    assert len(GLOSSARY.read_text("utf-8").splitlines()) <= SCREEN


def test_the_index_names_each_decision_by_its_title() -> None:
    titles = [
        f"{number}. [{title}]({path.name})"
        for number, path in enumerate(sorted(DECISIONS.glob("[0-9]*.md")), 1)
        for title in re.findall(rf"\A# {number}\. (.+)$", path.read_text("utf-8"), re.MULTILINE)
    ]
    assert re.findall(r"^\d+\. \[.+$", (DECISIONS / "README.md").read_text("utf-8"), re.MULTILINE) == titles
    assert len(titles) == len(list(DECISIONS.glob("[0-9]*.md")))


def test_a_decision_has_a_context_and_a_measurement() -> None:
    for decision in DECISIONS.glob("[0-9]*.md"):
        text = decision.read_text("utf-8")
        parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
        assert parts == ["Context", "Decision", "Measured because"], decision
        assert len(text.splitlines()) <= 25, decision
