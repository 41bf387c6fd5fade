"""Text of the document: inert in the code, readable in the docstring."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.codegen.client_model import Field
from scripts.codegen.docs import place
from scripts.codegen.docstrings import WIDTH, about, docstring, entry, inert, literal
from scripts.codegen.facts import facts
from tests.pipeline.settings import STEADY

FRAGMENTS = st.one_of(
    st.sampled_from(['"', '""', '"""', "'", "'''", "\\", "\\\\", "\n", "\r\n", "\r", "\t", "\0", "\x1b", "\x0c"]),
    st.sampled_from(
        ["{", "}}", "{{x}}", "{%", "\\n", "\\N{DASH}", "\\x41", "\\u", "#", " ", "  ", "Args:", "a", "word "]
    ),
    st.sampled_from(["\u2028", "\u2029", "\x85", "\u202e", "\u2066", "\ufeff", "\u200b", "\U000e0041", "\ud800"]),
    st.characters(),
)
TEXTS = st.lists(FRAGMENTS, max_size=20).map("".join)
PLAIN = st.lists(
    st.sampled_from(["a", "word", "longer", "\\d", '"', "x" * 30, "https://robots.example/a-b"]), max_size=60
)
INDENTS = st.sampled_from([0, 4, 8])


def parsed(paragraphs: list[str], indent: int) -> str:
    """The docstring as Python reads it, in the only statement of a function."""
    text = docstring(paragraphs, indent)
    margin = " " * (indent or 1)
    (function,) = ast.parse(f"def f():\n{margin}{text}\n" if indent else f"def f():\n {text}\n").body
    assert isinstance(function, ast.FunctionDef)
    assert len(function.body) == 1
    found = ast.get_docstring(function)
    assert found is not None
    return found


def words(text: str) -> list[str]:
    return text.replace('"', "'").split()


# --- Literals ---


@pytest.mark.slow
@STEADY
@given(TEXTS)
def test_a_literal_evaluates_to_its_text_and_shows_everything_in_it(text: str) -> None:
    written = literal(text)
    assert ast.literal_eval(written) == text
    assert written.splitlines() == [written]
    assert all(character.isprintable() for character in written)
    assert isinstance(ast.parse(written, mode="eval").body, ast.Constant)


@pytest.mark.parametrize("text", ["é", "名前", "a b", "it's", '"'])
def test_a_literal_of_plain_text_stays_readable(text: str) -> None:
    assert literal(text) == repr(text)


# --- Docstrings ---


@STEADY
@given(st.lists(TEXTS, min_size=1, max_size=3), INDENTS)
def test_a_docstring_is_a_docstring_and_nothing_else(paragraphs: list[str], indent: int) -> None:
    if docstring(paragraphs, indent):
        parsed(paragraphs, indent)
    else:
        assert not any(words(inert(paragraph)) for paragraph in paragraphs)


@STEADY
@given(PLAIN, INDENTS)
def test_a_docstring_says_every_word_and_its_lines_are_wrapped(some: list[str], indent: int) -> None:
    text = " ".join(some)
    written = docstring([text], indent)
    if not some:
        assert written == ""
        return
    assert words(parsed([text], indent)) == words(text)
    for number, line in enumerate(written.splitlines()):
        assert len(line) + (indent if number == 0 else 0) <= WIDTH + 3
        assert number == 0 or line.startswith(" " * indent)


def test_one_line_stays_one_line_and_more_close_on_a_line_of_their_own() -> None:
    assert docstring(["One."], 4) == '"""One."""'
    assert docstring(["One.", "", "  ", "Two."], 4) == '"""One.\n\n    Two.\n    """'
    assert docstring([], 4) == docstring([" \n"], 4) == ""
    assert docstring(["One.\n\n\n\nTwo."], 0) == '"""One.\n\nTwo.\n"""'


@pytest.mark.parametrize(
    "text", ['"', '""', '"a', 'a"', 'a" ', 'a"\0', 'a"\u200b', "a\\", "a\\ ", 'a\\"', '"""', '"" "', 'x"""y', '\\"""']
)
def test_quotes_and_backslashes_at_the_ends_do_not_end_the_docstring(text: str) -> None:
    for paragraphs in ([text], [text, text], ["a", text], [text, "a"]):
        assert parsed(paragraphs, 4).replace('"', "'").startswith(paragraphs[0].strip()[0].replace('"', "'"))


def test_backslashes_are_told_as_they_were_written() -> None:
    assert parsed([r"Matches `^\d+\.\w$`."], 4) == r"Matches `^\d+\.\w$`."


# --- What is said of a place ---


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({}, ""),
        ({"description": "The name"}, "The name."),
        ({"description": " The\n name: "}, "The name:"),
        ({"x-format": "uuid"}, "A UUID."),
        ({"anyOf": [{"x-format": "email"}, {"type": "null"}]}, "An e-mail address."),
        ({"description": "Age.", "minimum": 0, "maximum": 9}, "Age. Between 0 and 9."),
        ({"minimum": 0}, "At least 0."),
        ({"exclusiveMinimum": 0, "multipleOf": 0.5}, "More than 0. A multiple of 0.5."),
        ({"maxItems": 3, "uniqueItems": True}, "At most 3 items. No item twice."),
        ({"maxLength": 5}, "At most 5 characters."),
        ({"minLength": 1}, "At least 1 character."),
        ({"maxItems": 1}, "At most 1 item."),
        ({"minItems": 2, "maxItems": 2}, "Exactly 2 items."),
        ({"anyOf": [{"minItems": 1, "maxItems": 2}, {"type": "null"}]}, "Between 1 and 2 items."),
        ({"pattern": "^a$"}, "Matches `^a$`."),
        ({"pattern": "a" * 80}, ""),
        ({"items": {"x-format": "uuid", "maxLength": 9}}, ""),
        ({"x-values": [True, 0.5, None]}, "One of: true, 0.5, null."),
        ({"x-default": None}, "Default of the service: null."),
        ({"x-default": False}, "Default of the service: false."),
        ({"x-default": ""}, "Default of the service: ''."),
        ({"x-default": [1, "a"]}, "Default of the service: [1, 'a']."),
        ({"deprecated": True}, "Deprecated."),
    ],
    ids=str,
)
def test_a_place_is_described_with_its_limits_and_default(schema: dict[str, Any], words: str) -> None:
    assert place(Field("name", "str", facts=facts(schema), prose=about(schema))) == words


@pytest.mark.parametrize(
    ("schema", "prose"),
    [
        ({"minimum": 1, "maximum": 100}, "How many, between 1 and 100."),
        ({"minimum": 0, "maximum": 1}, "How sure the AI is, from 0 to 1."),
        ({"minimum": -1, "maximum": 5000}, "From -1 to 5,000."),
        ({"maxLength": 80}, "Nickname; at most 80 characters."),
        ({"minItems": 1}, "Ids of the tests, at least one."),
        ({"maxItems": 1000}, "Up to 1,000 leads."),
        ({"x-default": 10}, "Page size; 10 by default."),
        ({"x-default": "redirect"}, "How visitors are forwarded. The default is `redirect`."),
        ({"x-format": "uuid"}, "UUID of the campaign."),
        ({"x-format": "date"}, "First day (YYYY-MM-DD)."),
        ({"x-format": "uri"}, "URL to which events go."),
    ],
    ids=str,
)
def test_what_the_description_says_already_is_not_said_again(schema: dict[str, Any], prose: str) -> None:
    assert place(Field("name", "str", facts=facts(schema), prose=prose)) == prose


@pytest.mark.parametrize(
    ("schema", "prose", "words"),
    [
        ({"minimum": 1, "maximum": 100}, "Batch 1 of 1000.", "Between 1 and 100."),
        ({"minimum": 1, "maximum": 10}, "From 1 to 100 on paid plans.", "Between 1 and 10."),
        ({"maxLength": 80}, "One of 80 fields.", "At most 80 characters."),
        ({"x-default": ""}, "Empty by default.", "Default of the service: ''."),
        ({"x-default": 10}, "Never more than 10. No default of ours.", "Default of the service: 10."),
        ({"x-format": "uuid"}, "Id of the campaign.", "A UUID."),
    ],
    ids=str,
)
def test_what_the_description_says_of_something_else_is_said(schema: dict[str, Any], prose: str, words: str) -> None:
    assert place(Field("name", "str", facts=facts(schema), prose=prose)) == f"{prose} {words}"


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\x1c"])
def test_no_character_of_a_text_begins_a_line_but_a_line_break(separator: str) -> None:
    assert docstring([f"One{separator}two."], 4) == '"""One two."""'


def test_facts_are_told_aspect_by_aspect_also_those_that_documentation_leaves_out() -> None:
    schema = {"description": "Ids.", "pattern": "a" * 80, "items": {"x-format": "uuid"}, "anyOf": [{"x-format": "odd"}]}
    assert facts(schema) == (("format", "odd"), ("pattern", "a" * 80), ("format of items", "uuid"))
    assert facts({"minimum": 1, "anyOf": [{"minimum": 1}]}) == (("limits", "at least 1"),)


def test_an_argument_hangs_under_its_name() -> None:
    lines = entry("name", "word " * 60, 8).splitlines()
    assert lines[0].startswith("    name: word")
    assert len(lines) > 1
    assert all(line.startswith("        word") for line in lines[1:])
    assert all(len(line) <= WIDTH - 8 for line in lines)
    assert entry("name", " \n", 8) == "    name"
