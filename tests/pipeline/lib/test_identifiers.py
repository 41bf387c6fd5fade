from __future__ import annotations

import builtins
import keyword
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scripts.lib.identifiers import form, identifier, pascal_case, snake_case, tell_apart, usable
from tests.pipeline.settings import STEADY

# Plain letters come up often, so that word boundaries are met, and every other character now and then.
NAMES = st.text(st.one_of(st.sampled_from("aAbBsSD019_-& /"), st.characters()), max_size=20)

ADDED_BY_SITE = {"copyright", "credits", "exit", "help", "license", "quit"}
BUILTINS = {name for name in dir(builtins) if not name.startswith("_")} - ADDED_BY_SITE - {"id"}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("DFYEmailAccountOrder", "dfy_email_account_order"),
        ("listInboxPlacementBlacklist&SpamAssassinReport", "list_inbox_placement_blacklist_spam_assassin_report"),
        ("stepID", "step_id"),
        ("e_message", "e_message"),
        ("occurrence-days", "occurrence_days"),
        ("Lead List", "lead_list"),
        ("APIKey", "api_key"),
        ("leadIDs", "lead_ids"),
        ("URLsOfLeads", "urls_of_leads"),
        ("AIScore", "ai_score"),
        ("initGoogleOAuth", "init_google_oauth"),
        ("MD5Hash", "md5_hash"),
        ("sha256sum", "sha256sum"),
        ("__private__", "private"),
        ("Café™", "cafe_tm"),
        ("ﬁle①", "file1"),
        ("名前", "u540d_u524d"),
        ("0", "0"),
        ("&&&", ""),
    ],
)
def test_words_are_found_in_any_spelling(text: str, name: str) -> None:
    assert snake_case(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Inbox Placement Blacklist & SpamAssassin Report", "InboxPlacementBlacklistSpamAssassinReport"),
        ("DFY Email Account Order", "DfyEmailAccountOrder"),
        ("def-1", "Def1"),
        ("2nd Step", "Model2ndStep"),
        ("Warning", "Warning"),
    ],
)
def test_class_names_have_one_capital_a_word(text: str, name: str) -> None:
    assert pascal_case(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("firstName", "first_name"),
        ("from", "from_"),
        ("None", "none"),
        ("type", "type_"),
        ("list", "list_"),
        ("id", "id"),
        ("match", "match"),
        ("license", "license"),
        ("0", "field_0"),
        ("-1", "field_1"),
        ("3d", "field_3d"),
    ],
)
def test_identifiers_are_no_keywords_builtins_or_numbers(text: str, name: str) -> None:
    assert identifier(text) == name


@pytest.mark.parametrize("text", ["", "&&&", "\0", " \n", "_", "—", "\u0301"])
def test_a_text_that_leaves_nothing_is_an_error(text: str) -> None:
    for derive in (identifier, pascal_case):
        with pytest.raises(ValueError, match="nothing of an identifier is left"):
            derive(text)


def test_no_builtin_is_hidden_but_id() -> None:
    assert {name for name in BUILTINS if identifier(name) == name or usable(pascal_case(name)) == name} == set()


@pytest.mark.parametrize(("text", "form_of_it"), [
    ("look_alike", "snake"), ("look", "snake"), ("lookAlike", "camel"), ("LookAlike", "pascal"), ("Look", "pascal"),
    ("look-alike", "kebab"), ("LOOK_ALIKE", "upper"), ("LOOK", "upper"), ("look.alike", "dotted"),
    ("look alike", "spaced"), ("Look Alike", "title"), ("look_Alike", ""), ("look ", ""),
])  # fmt: skip
def test_a_spelling_has_a_form(text: str, form_of_it: str) -> None:
    assert form(text) == form_of_it


def alone(*texts: str) -> dict[str, str]:
    return {text: identifier(text) for text in texts}


def test_the_snake_case_spelling_keeps_the_plain_name() -> None:
    assert tell_apart(alone("lookAlike", "look_alike", "LookAlike", "look-alike", "other")) == {
        "lookAlike": "look_alike_camel",
        "look_alike": "look_alike",
        "LookAlike": "look_alike_pascal",
        "look-alike": "look_alike_kebab",
        "other": "other",
    }


def test_a_spelling_without_a_form_is_called_after_its_signs() -> None:
    assert tell_apart(alone("name", "name ", "name/")) == {"name": "name", "name ": "name_u20", "name/": "name_u2f"}


def test_a_name_that_is_taken_is_left_alone() -> None:
    assert tell_apart(alone("name"), {"name"}) == {"name": "name_snake"}
    assert tell_apart(alone("From", "from")) == {"From": "from_pascal", "from": "from_"}
    assert tell_apart(alone("fooBar", "foo_bar", "foo_bar_camel"))["fooBar"] not in {"foo_bar", "foo_bar_camel"}


@STEADY
@given(st.lists(NAMES.filter(snake_case), max_size=8, unique=True), st.randoms())
def test_spellings_are_told_apart_in_the_same_way_in_any_order(texts: list[str], random: Random) -> None:
    names = tell_apart(alone(*texts))
    assert len({*names.values()}) == len(texts)
    assert list(names) == texts
    random.shuffle(texts)
    assert tell_apart(alone(*texts)) == names
    assert all(name == identifier(text) for text, name in names.items() if form(text) == "snake" and text == name)


@STEADY
@given(NAMES)
def test_whatever_comes_out_is_a_usable_name_and_stays_itself(text: str) -> None:
    assume(snake_case(text))
    for derive in (identifier, lambda text: usable(pascal_case(text))):
        name = derive(text)
        assert name.isascii()
        assert name.isidentifier()
        assert not keyword.iskeyword(name)
        assert name not in BUILTINS
    assert identifier(identifier(text)) == identifier(text)
    assert snake_case(snake_case(text)) == snake_case(text)


@STEADY
@given(NAMES)
def test_an_identifier_and_its_snake_case_are_empty_together(text: str) -> None:
    try:
        identifier(text)
    except ValueError:
        assert snake_case(text) == ""
    else:
        assert snake_case(text)
