"""Scopes are read from prose of any shape, and nothing else is taken for one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.lib.layout import PROJECT
from scripts.spec.document import operations
from scripts.spec.load import load
from scripts.spec.scopes import combined_scopes, description_without_scopes, scopes

DOCUMENTS = sorted((PROJECT.root.parent / "shared" / "documents").glob("20??-??-??.json"))

SCOPES = st.lists(
    st.from_regex(r"[a-z]{2,8}(_[a-z]{2,8})?:(read|update|all|create)", fullmatch=True),
    min_size=1,
    max_size=5,
    unique=True,
)
PROSE = [
    "",
    "Paints a robot.",
    "Paints a robot, e.g. in green; see `colour`",
    "Look at https://example.com/robots:paint or at 10:30.\n\nThen wait!",
    "* one thing\n* another thing",
    "Answers with `items` and `starting_after`.<br/>Never with `null`",
]
SENTENCES = [
    "Requires one of the following scopes: {quoted}",
    "Requires one of {quoted}, as scope.",
    "Needs the scope {ored}.",
    "**Scopes:** {quoted}",
    "Required scopes\n\n{bullets}",
    "The key must have any of these scopes:\n{bullets}\n",
    "Any one of the scopes below is needed.\n\n{bullets}",
    "Permissions: {bare}.",
    "Scope: {bare}",
    "A key needs a scope for it: {ored}",
    "Either {ored} is the scope that it needs.",
    "Scopes:<ul>{items}</ul>",
    "Required scopes: {code}",
    "Required scopes:\n\n| Scope | For |\n|---|---|\n{rows}",
    "Scopes, any of them:\n{explained}",
    "<p>Scopes</p><ul>{explained_items}</ul>",
    "Accepts keys with a scope in [{texts}]",
    "The key must have been granted {ored}.",
]


def written(form: str, names: list[str]) -> str:
    return form.format(
        quoted=", ".join(f"`{name}`" for name in names),
        ored=" or ".join(f"`{name}`" for name in names),
        bare=", ".join(names),
        bullets="\n".join(f"- `{name}`" for name in names),
        items="".join(f"<li>{name}</li>" for name in names),
        rows="\n".join(f"| `{name}` | what it is for |" for name in names),
        explained="\n".join(f"- `{name}`: what it is for" for name in names),
        explained_items="".join(f"<li><code>{name}</code> for this</li>" for name in names),
        texts=", ".join(f'"{name}"' for name in names),
        code=", ".join(f"<code>{name}</code>" for name in names),
    )


@pytest.mark.slow
@given(
    SCOPES,
    st.sampled_from(SENTENCES),
    st.sampled_from(PROSE),
    st.sampled_from(PROSE),
    st.sampled_from(["\n\n", "\n\n\n"]),
)
def test_a_sentence_names_its_scopes_wherever_it_is(
    names: list[str], form: str, before: str, after: str, space: str
) -> None:
    operation = {"description": space.join(filter(None, [before, written(form, names), after]))}
    assert scopes(operation) == tuple(names)
    assert combined_scopes(operation) == ""


@pytest.mark.slow
@given(SCOPES, st.sampled_from(PROSE), st.sampled_from(PROSE))
def test_a_sentence_that_only_lists_scopes_is_left_out_of_the_description(
    names: list[str], before: str, after: str
) -> None:
    text = "\n\n".join(filter(None, [before, written(SENTENCES[0], names), after]))
    assert description_without_scopes({"description": text}) == "\n\n".join(filter(None, [before, after]))


def test_a_sentence_that_says_more_stays_in_the_description() -> None:
    text = "Needs the scope `robots:paint` when the robot is not yours."
    assert scopes({"description": text}) == ("robots:paint",)
    assert description_without_scopes({"description": text}) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Paints robots.",
        "Sends to `mailto:robot` at 10:30.",
        "Gives the scopes of the key in `id`.",
        "The scope of a search is a list. It takes `status:active` as a filter.",
        "See https://example.com/scopes for scopes.",
    ],
)
def test_what_lists_no_scopes_has_none(text: str) -> None:
    assert scopes({"description": text}) == ()
    assert description_without_scopes({"description": text}) == text


def test_of_several_lists_the_scopes_in_all_of_them_are_enough_alone() -> None:
    one, other = (
        "Requires one of these scopes: `a:paint`, `all:all`",
        "Requires one of these scopes: `b:paint`, `all:all`",
    )
    assert scopes({"description": f"{one}\n\n{other}"}) == ("all:all",)
    groups = "Each of these scope groups is needed:\n- One of `a:paint`, `all:all`\n- One of `b:paint`, `all:all`"
    assert scopes({"description": groups}) == ("all:all",)
    assert scopes({"description": "Needs scopes: `a:read` to look and needs `a:paint` to paint."}) == (
        "a:read",
        "a:paint",
    )


def test_a_list_of_required_scopes_counts_and_not_what_is_said_of_one() -> None:
    text = "Requires one of the scopes `a:paint`, `a:all`. The `a:all` scope shows drafts, too."
    assert scopes({"description": text}) == ("a:paint", "a:all")


def test_a_word_in_backticks_is_a_scope_where_it_is_required_as_one() -> None:
    assert scopes({"description": "Paints. Requires the scopes `painter`, `admin`."}) == ("painter", "admin")
    assert scopes({"description": "Paints `robot`. Scopes: `admin`"}) == ("admin",)


@pytest.mark.slow
@pytest.mark.skipif(not DOCUMENTS, reason="the documents of the vendor are not beside the checkout")
def test_every_operation_of_the_vendor_that_speaks_of_scopes_has_them() -> None:
    for path in DOCUMENTS:
        every = list(operations(load(path).document))
        speaking = {each.id for each in every if re.search(r"\bscopes?\b", str(each.raw.get("description")))}
        assert speaking == {each.id for each in every if scopes(each.raw)}, path
        assert not any("scope" in description_without_scopes(each.raw) for each in every), path


@pytest.mark.parametrize(
    ("lists", "shared", "sentence"),
    [
        (["`a:x`, `all:x`", "`b:x`, `all:x`"], ("all:x",), "A key without any of the scopes below needs one of each"),
        (["`a:x`", "`b:x`"], ("a:x", "b:x"), "A key needs one of each group: `a:x`; `b:x`."),
        (["`a:x`, `all:x`", "`a:x`"], ("a:x",), ""),
        (["`a:x`", "`a:x`"], ("a:x",), ""),
        (["`a:x`"], ("a:x",), ""),
    ],
)
def test_of_several_lists_it_is_said_that_a_key_needs_each(
    lists: list[str], shared: tuple[str, ...], sentence: str
) -> None:
    description = "\n\n".join(f"Requires one of these scopes: {each}." for each in lists)
    operation = {"description": f"Paints a robot.\n\n{description}"}
    assert scopes(operation) == shared
    assert combined_scopes(operation).startswith(sentence)
    assert bool(combined_scopes(operation)) == bool(sentence)
    assert description_without_scopes(operation) == "Paints a robot."
