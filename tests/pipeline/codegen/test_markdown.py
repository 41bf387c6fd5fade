"""What the document says is only text on the pages of the reference: it makes no link, no heading and no HTML."""

from __future__ import annotations

import re
from html import unescape

import markdown  # type: ignore[import-untyped]
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from scripts.codegen.markdown import code, heading, line, prose, table

TEXTS = st.text(
    st.sampled_from("ab 1.`|*_[]()<>&#!-+=~\\\n:\"'{}"),
    max_size=40,
) | st.text(max_size=30)


def rendered(text: str) -> str:
    return str(markdown.markdown(text, extensions=["tables"]))


def tags(html: str) -> set[str]:
    return set(re.findall(r"<(\w+)", html))


@pytest.mark.slow
@given(TEXTS)
def test_a_line_is_text_and_code(text: str) -> None:
    assert tags(rendered(f"See: {line(text)}")) <= {"p", "code"}


@given(TEXTS)
def test_a_line_on_its_own_is_a_paragraph(text: str) -> None:
    assert tags(rendered(line(text))) <= {"p", "code"}


@given(st.lists(TEXTS, min_size=2, max_size=2))
def test_a_row_has_as_many_cells_as_texts(texts: list[str]) -> None:
    html = rendered(table(("one", "two"), [[line(text) or "-" for text in texts]]))
    assert html.count("<td") == 2
    assert tags(html) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}


@example("`*1*``")
@given(TEXTS)
def test_prose_has_paragraphs_lists_and_code_alone(text: str) -> None:
    assert tags(rendered(prose(text))) <= {"p", "code", "ul", "li", "pre"}


@pytest.mark.parametrize(
    "text",
    [
        "Use `a|b` or a|b.",
        "<CampaignStatus.UNKNOWN_99: 99>",
        "snake_case_name and __dunder__",
        "[a](b) * c",
        "1. # no heading",
    ],
)
def test_a_reader_sees_the_words_as_they_were(text: str) -> None:
    html = rendered(table(("one", "two"), [[line(text), "-"]]))
    shown = re.findall(r"<td>(.*)</td>\n<td>-", html)[0]
    assert unescape(re.sub(r"</?code>", "`", shown)) == text


def test_code_has_no_backtick_that_ends_it() -> None:
    assert code("a `b`\n c") == "`a 'b' c`"


def test_an_anchor_is_that_of_forges_and_of_the_site() -> None:
    assert heading("`leads.add_many`") == "leadsadd_many"
    assert heading("What is repeated, and when") == "what-is-repeated-and-when"
