"""The grammar of names, rule by rule, as docs/names.md says it."""

from __future__ import annotations

import keyword
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from scripts.lib.identifiers import MAX_LENGTH, singular, snake_case
from scripts.naming.grammar import (
    VERBS,
    class_candidates,
    common_ending,
    differences,
    fitting,
    member_name,
    method_name,
    nouns,
    plural,
    resource_name,
)
from scripts.spec.document import Operation
from tests.pipeline.settings import STEADY

TEXTS = st.text(
    st.one_of(st.sampled_from('aAbZ019_-& /."\\[]{}#='), st.characters(exclude_categories=["Cs"])), max_size=12
)


def operation(id_: str, path: str = "/api/v2/robots/{id}", method: str = "get", **raw: Any) -> Operation:
    return Operation(path, method, {"operationId": id_, **raw})


def named(id_: str, tag: str, path: str = "/api/v2/robots/{id}", method: str = "get", *, lists: bool = False) -> str:
    return method_name(operation(id_, path, method), nouns(tag, snake_case(tag), [path]), lists=lists)


# --- Words ---


@pytest.mark.parametrize(
    ("one", "many"),
    [
        ("lead", "leads"),
        ("entry", "entries"),
        ("box", "boxes"),
        ("key", "keys"),
        ("match", "matches"),
        ("class", "classes"),
    ],
)
def test_nouns_have_a_plural_and_a_singular(one: str, many: str) -> None:
    assert (plural(one), singular(many)) == (many, one)
    assert plural(many) == many


@pytest.mark.parametrize("word", ["analytics", "status", "news", "access", "analysis"])
def test_a_word_that_only_ends_like_a_plural_stays(word: str) -> None:
    assert singular(word) == word


def test_a_name_that_is_too_long_loses_words_of_its_middle() -> None:
    assert fitting(["get", *["very"] * 20, "end"]).startswith("get_very")
    assert fitting(["get", *["very"] * 20, "end"]).endswith("very_end")
    assert len(fitting(["x" * 99])) == MAX_LENGTH


# --- Resources ---


@pytest.mark.parametrize(
    ("tag", "paths", "others", "name"),
    [
        ("Campaign", ["/api/v2/campaigns/{id}"], [], "campaigns"),
        ("AISalesAgent", ["/api/v2/ai-agents/sales"], ["/api/v2/ai-agents"], "ai_sales_agents"),
        ("AIAgent", ["/api/v2/ai-agents"], ["/api/v2/ai-agents/sales"], "ai_agents"),
        ("DomainForwarding", ["/api/v2/domains/{domain}/forwarding"], [], "domains"),
        ("DomainForwarding", ["/domains/{domain}/forwarding"], ["/domains/{domain}"], "domain_forwardings"),
        ("Campaign Subsequence", ["/api/v2/subsequences"], [], "subsequences"),
        ("InboxPlacementBlacklist&SpamAssassinReport", ["/inbox-placement-reports"], [], "inbox_placement_reports"),
        ("LeadCategory", ["/a", "/b"], [], "lead_categories"),
        ("DFY Box", ["/c"], [], "dfy_boxes"),
    ],
)
def test_a_resource_is_its_tag_or_the_shorter_segment_of_its_paths(
    tag: str, paths: list[str], others: list[str], name: str
) -> None:
    assert resource_name(tag, paths, others) == name


@pytest.mark.parametrize(
    ("tag", "name"),
    [("A", "as_"), ("I", "is_"), ("Is", "is_"), ("Import", "imports"), ("Class", "classes"), ("List", "lists")],
)
def test_a_resource_is_no_keyword_whether_its_tag_is_one_or_its_plural(tag: str, name: str) -> None:
    assert resource_name(tag, ["/api/v2/robots"], []) == name


# --- Methods ---


@pytest.mark.parametrize(
    ("operation_id", "tag", "name"),
    [
        ("listCampaign", "Campaign", "list"),
        ("getCampaign", "Campaign", "get"),
        ("patchCampaign", "Campaign", "update"),
        ("updateCampaign", "Campaign", "update"),
        ("createLeadList", "LeadList", "create"),
        ("pauseCampaign", "Campaign", "pause"),
        ("pauseLeadFinderAgentById", "AILeadFinderAgent", "pause"),
        ("enableWarmupForAccounts", "Account", "enable_warmup"),
        ("getCampaignAnalyticsOverview", "Analytics", "get_campaign_overview"),
        ("getWarmupAnalytics", "Account", "get_warmup_analytics"),
        ("getInboxManagerGuidance", "AIInboxManager", "get_guidance"),
        ("getInboxManagerReply", "AIInboxManager", "get_reply"),
        ("replyToEmail", "Email", "reply"),
        ("moveLeadToSubsequence", "Lead", "move_to_subsequence"),
        ("bulkDeleteLeads", "Lead", "bulk_delete"),
        ("preWarmedUpDomainsList", "DFYOrder", "list_pre_warmed_up_domains"),
        ("campaign", "Campaign", "get"),
        ("robotPause", "Robot", "pause"),
        ("guidance", "Robot", "get_guidance"),
        ("list&Entry", "Entry", "list"),
        ("getStatsByDate", "Robot", "get_stats_by_date"),
        ("importRobots", "Robot", "import_"),
        ("streamRobotEvents", "Robot", "stream_events"),
    ],
)
def test_a_method_is_a_verb_without_the_words_of_its_resource(operation_id: str, tag: str, name: str) -> None:
    assert named(operation_id, tag) == name


def test_what_is_of_the_workspace_itself_is_the_current_one() -> None:
    assert named("getWorkspace", "Workspace", "/api/v2/workspaces/current") == "get_current"
    assert named("getRobot", "Robot", "/api/v2/robots/{id}") == "get"
    assert named("scheduleCurrentWorkspaceRemoval", "Workspace", "/workspaces/current/x") == "schedule_removal"


def test_an_answer_that_is_a_list_is_listed() -> None:
    assert named("getRobots", "Robot", "/api/v2/robots", lists=True) == "list"
    assert named("getRobotStats", "Robot", "/api/v2/robots/stats", lists=True) == "get_stats"


@pytest.mark.parametrize(
    ("method", "id_", "name"),
    [
        ("post", "robot", "create"),
        ("put", "robot", "update"),
        ("delete", "robot", "delete"),
        ("get", "arms", "get_arms"),
        ("post", "haltRobot", "halt"),
    ],
)
def test_an_operation_id_without_a_verb_gets_that_of_its_http_method(method: str, id_: str, name: str) -> None:
    assert named(id_, "Robot", "/robots/{id}", method) == name


def test_the_words_of_all_paths_of_a_resource_go_without_saying() -> None:
    paths = ["/api/v2/ai-agents/inbox-manager", "/api/v2/ai-agents/inbox-manager/{id}"]
    noun = nouns("AIInboxManager", "ai_inbox_managers", paths)
    assert method_name(operation("createInboxManagerAgent", paths[0], "post"), noun) == "create"
    paths = ["/api/v2/crm-actions/phone-numbers", "/api/v2/crm-actions/phone-numbers/{id}"]
    noun = nouns("CRMActions", "crm", paths)
    assert method_name(operation("listPhoneNumbers", paths[0]), noun) == "list_phone_numbers"


def test_the_part_of_a_thing_that_the_tag_is_of_is_said() -> None:
    paths = ["/api/v2/domains/{domain}/forwarding"]
    noun = nouns("DomainForwarding", "domains", paths)
    assert method_name(operation("getDomainForwarding", paths[0]), noun) == "get_forwarding"


@pytest.mark.parametrize(
    ("mine", "other", "name"),
    [
        (("pauseRobots", "/robots/pause", "post"), ("pauseRobot", "/robots/{id}/pause", "post"), "pause_many"),
        (("getRobotState", "/robots/state", "get"), ("getRobotStateById", "/robots/{id}/state", "get"), "x_current"),
        (("stopRobot", "/robots/{id}/now", "post"), ("stopRobotById", "/robots/{id}", "post"), "x_now"),
        (("stop-robot", "/robots/{id}", "post"), ("stopRobot", "/robots/{id}", "put"), "x_post"),
        (("getRobots", "/robot", "get"), ("listRobot", "/robots", "get"), "x_robots"),
    ],
)
def test_a_clash_is_solved_by_the_difference(mine: Any, other: Any, name: str) -> None:
    found = next(differences(operation(*mine), "pause" if "many" in name else "x", [operation(*other)]))
    assert found == name


@STEADY
@given(TEXTS, TEXTS, st.sampled_from(["get", "post", "patch", "put", "delete"]))
def test_every_method_can_be_written_and_says_what_is_done(id_: str, tag: str, method: str) -> None:
    assume(snake_case(id_) and snake_case(tag))
    name = named(id_, tag, method=method)
    assert name.isidentifier()
    assert not keyword.iskeyword(name)
    assert len(name) <= MAX_LENGTH
    first, second, *_ = [*name.split("_"), ""]
    assert method != "get" or first in VERBS or (first == "bulk" and second in VERBS)


# --- Classes ---


@pytest.mark.parametrize(
    ("place", "call", "name"),
    [
        ("Robot", ("", ""), "Robot"),
        ("Robot.arm", ("", ""), "RobotArm"),
        ("Robot.arms[].fingers[]", ("", ""), "RobotArmFinger"),
        ("Robot.labels{}", ("", ""), "RobotLabel"),
        ("Robot.robot_type", ("", ""), "RobotType"),
        ("listRobot:query.status", ("robots", "list"), "RobotStatus"),
        ("getRobotStats:response", ("robots", "get_stats"), "RobotStats"),
        ("listRobotRules:response[]", ("robots", "list_rules"), "RobotRule"),
        ("createRobotRule:response", ("robots", "create_rule"), "RobotRule"),
        ("getRobotState:response.feed_items[].severity", ("robots", "get_state"), "RobotFeedItemSeverity"),
        ("getRobotStats:response.totals", ("robots", "get_stats"), "RobotStatTotals"),
        ("moveRobots:response", ("robots", "move"), "RobotMoveResult"),
        ("countRobots:response", ("robots", "count_idle"), "RobotIdleCount"),
        ("createRobot:body.arm", ("robots", "create"), "RobotArm"),
    ],
)
def test_a_class_is_called_after_its_component_or_property(place: str, call: tuple[str, str], name: str) -> None:
    assert next(class_candidates(place, call)) == name


def test_a_class_is_called_after_the_one_around_it_that_is_on_record() -> None:
    place = "countLeads:body.search_filters.keyword_filter.include_mode"
    assert next(class_candidates(place, ("leads", "count"), parent="KeywordFilter")) == "KeywordFilterIncludeMode"


def test_a_class_of_several_properties_has_the_words_that_all_end_with() -> None:
    assert common_ending(["a:body.includeMode", "b:body.exclude_mode", "C.modes[].mode"]) == "Mode"
    assert common_ending(["a:body.x", "b:body.y"]) == ""


# --- Members ---


@pytest.mark.parametrize(
    ("value", "label", "name"),
    [
        (1, "Active", "ACTIVE"),
        (-1, "Bounce Protect", "BOUNCE_PROTECT"),
        (8, "AirMail", "AIRMAIL"),
        (1, "Paused: nothing is sent", "PAUSED"),
        (1, "The campaign was paused by its owner and nothing is sent", "VALUE_1"),
        (-1, None, "VALUE_MINUS_1"),
        (10, "", "VALUE_10"),
        ("open-tracking", None, "OPEN_TRACKING"),
        ("claude-5-sonnet", "Claude Sonnet 5", "CLAUDE_5_SONNET"),
        ("websiteChat.manage", "Manage website chat configuration", "WEBSITE_CHAT_MANAGE"),
        ("Food & Beverages", None, "FOOD_AND_BEVERAGES"),
        ("> 100K", None, "OVER_100K"),
        ("25 - 100", None, "VALUE_25_TO_100"),
        ("", None, "EMPTY"),
        ("!!", None, "VALUE"),
        ("2nd", None, "VALUE_2ND"),
        ("-1", None, "VALUE_MINUS_1"),
        ("-5%", None, "VALUE_MINUS_5_PERCENT"),
        ("-created_at", None, "MINUS_CREATED_AT"),
        ("-", None, "MINUS"),
        ("+", None, "PLUS"),
        ("!=", None, "NOT_EQUALS"),
        (">=", None, "AT_LEAST"),
        (">", None, "OVER"),
        ("mro", None, "MRO"),
    ],
)
def test_a_text_is_its_own_name_and_a_number_takes_its_label(value: Any, label: str | None, name: str) -> None:
    assert member_name(value, label) == name
