from __future__ import annotations

import builtins
import keyword

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scripts.lib.identifiers import identifier, pascal_case, snake_case
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
        ("none", "None_"),
        ("Warning", "Warning_"),
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
    assert {name for name in BUILTINS if identifier(name) == name or pascal_case(name) == name} == set()


@STEADY
@given(NAMES)
def test_whatever_comes_out_is_a_usable_name_and_stays_itself(text: str) -> None:
    assume(snake_case(text))
    for derive in (identifier, pascal_case):
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
