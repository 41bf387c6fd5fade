"""An argument that cannot be meant as it is given is never sent, and the error says what was meant."""

from __future__ import annotations

import asyncio
import inspect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence  # noqa: F401, annotations name them
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property
from typing import Any

import httpx
import pandas  # type: ignore[import-untyped]
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_client import UNSET, AsyncInstantly, Instantly, Unset, models  # noqa: F401
from instantly_core.call.arguments import in_methods, with_encoding

SENT: list[httpx.Request] = []


def answer(request: httpx.Request) -> httpx.Response:
    SENT.append(request)
    return httpx.Response(200, json={})


def methods(client: Any) -> Iterator[Callable[..., Any]]:
    """All methods of all resources of a client."""
    for name, attribute in vars(type(client)).items():
        if isinstance(attribute, cached_property):
            resource = getattr(client, name)
            yield from (getattr(resource, method) for method in dir(resource) if not method.startswith("_"))


with Instantly(api_key="k") as _client:
    KEYWORDS = [
        (method, parameter)
        for method in methods(_client)
        if "Helpers" not in method.__qualname__  # These call others, which encode.
        for parameter in inspect.signature(method).parameters.values()
        if parameter.kind is parameter.KEYWORD_ONLY
    ]
LISTS = [(method, argument) for method, argument in KEYWORDS if argument.annotation.startswith("Sequence[")]
TEXTS = [
    (method, argument)
    for method, argument in KEYWORDS
    if argument.annotation.split(" | ")[0] == "str" and "PathLike" not in argument.annotation
]


def call(resource: str, method: str, *arguments: Any, **named: Any) -> None:
    """The same call on both clients, which must fail in the same words."""
    messages = []
    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        with pytest.raises((TypeError, ValueError)) as caught:
            getattr(getattr(client, resource), method)(*arguments, **named)
        messages.append(str(caught.value).replace("Async", ""))

    async def call_async() -> None:
        async with AsyncInstantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
            await getattr(getattr(client, resource), method)(*arguments, **named)

    with pytest.raises((TypeError, ValueError)) as caught:
        asyncio.run(call_async())
    messages.append(str(caught.value).replace("Async", ""))
    assert messages[0] == messages[1]
    raise type(caught.value)(messages[0])


@pytest.mark.parametrize(
    ("resource", "method", "named", "nearest"),
    [
        ("leads", "create", {"campaign_id": "x"}, "campaign"),
        ("campaigns", "create", {"name": "n", "campaign_schedule": {}, "bcc": []}, "bcc_list"),
        ("campaigns", "list", {"serach": "x"}, "search"),
        ("campaigns", "list", {"page_size": 5}, "limit"),
        ("leads", "create", {"firstName": "x"}, "first_name"),
    ],
)
def test_the_nearest_argument_is_named_and_nothing_is_sent(
    resource: str, method: str, named: dict[str, Any], nearest: str
) -> None:
    SENT.clear()
    with pytest.raises(TypeError, match=rf"unexpected keyword argument .*did you mean '{nearest}'\?"):
        call(resource, method, **named)
    assert not SENT


def test_without_a_near_one_all_are_named() -> None:
    with pytest.raises(TypeError, match="'nickname'; it takes: campaign, email,"):
        call("leads", "create", nickname="Ann")
    with pytest.raises(TypeError, match=r"'zzz'; it takes: id"):
        call("campaigns", "pause", "some-id", zzz=1)


@pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])
def test_the_nearest_option_of_a_client_is_named(kind: type[Instantly | AsyncInstantly]) -> None:
    with pytest.raises(TypeError, match=rf"^{kind.__name__}\(\) got .* 'api_kye'; did you mean 'api_key'\?$"):
        kind(api_kye="k")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=rf"^{kind.__name__}\(\) got .* 'zzz'; it takes: api_key, base_url, timeout, "):
        kind(zzz=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=rf"^{kind.__name__}\.with_options\(\) got .* did you mean 'timeout'\?$"):
        kind(api_key="k").with_options(timeouts=5)  # type: ignore[call-arg]


@pytest.mark.parametrize("kind", [Instantly, AsyncInstantly])
@pytest.mark.parametrize(
    ("method", "arguments", "named", "told"),
    [
        ("request", ("GET", "/x"), {"quary": 1}, "got an unexpected keyword argument 'quary'; did you mean 'query'?"),
        ("request", ("GET", "/x"), {"params": 1}, "got an unexpected keyword argument 'params'; did you mean 'query'?"),
        ("request", ("GET", "/x"), {"body": 1}, "got an unexpected keyword argument 'body'; did you mean 'json'?"),
        ("request", ("GET", "/x"), {"timeout": 1}, "takes no 'timeout', a setting of the client: client.with_options"),
        ("request", ("GET", "/x", {}), {}, "takes 2 arguments without a name; by name it takes: query, json, "),
        ("request", ("GET",), {}, "missing 1 required positional argument: 'path'"),
        ("workspaces", (), {"limit": 1}, "got an unexpected keyword argument 'limit'; it takes: none"),
        ("workspaces", (1,), {}, "takes 1 positional argument but 2 were given"),
        ("for_workspace", (), {"workspace_id": "w"}, "takes 'workspace_id' first and without its name"),
        ("for_workspace", (), {}, "missing 1 required positional argument: 'workspace_id'"),
    ],
)
def test_methods_of_the_client_name_it_and_what_was_meant(
    kind: type[Instantly | AsyncInstantly], method: str, arguments: tuple[Any, ...], named: dict[str, Any], told: str
) -> None:
    with pytest.raises(TypeError) as caught:
        getattr(kind(api_key="k"), method)(*arguments, **named).send(None)
    assert str(caught.value).startswith(f"{kind.__name__}.{method}() {told}")


@pytest.mark.parametrize(
    ("arguments", "named", "told"),
    [
        ((None, "/x"), {}, "method must be a str, not NoneType"),
        (("GE T", "/x"), {}, 'method must be one of HTTP, such as "GET"'),
        (("", "/x"), {}, 'method must be one of HTTP, such as "GET"'),
        (("GET", 5), {}, "path must be a str, not int"),
        (("GET", "/x"), {"query": "a=b"}, "query must be a mapping of names to values, not str"),
        (("POST", "/x"), {"safe": "false"}, "safe must be a bool, not str"),
    ],
)
def test_a_request_of_wrong_kinds_is_refused(arguments: tuple[Any, ...], named: dict[str, Any], told: str) -> None:
    with (
        Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client,
        pytest.raises((TypeError, ValueError), match=f"^{told}$"),
    ):
        client.request(*arguments, **named)
    assert not SENT


def test_a_setting_of_the_client_leads_to_with_options() -> None:
    told = r"\(\) takes no 'timeout', a setting of the client: client\.with_options\(timeout=\.\.\.\)$"
    with pytest.raises(TypeError, match=rf"^(Async)?Campaigns\.get{told}"):
        call("campaigns", "get", "some-id", timeout=5)
    assert not SENT


def test_a_helper_is_named_by_the_class_that_programs_know() -> None:
    with pytest.raises(TypeError, match=r"^(Async)?Leads\.import_rows\(\) got .* did you mean 'campaign_id'\?$"):
        call("leads", "import_rows", [], campaign="x")
    assert not SENT


def test_an_object_where_its_id_belongs_is_refused_with_the_field_to_give() -> None:
    campaign = models.Campaign.from_dict({"id": "some-id", "name": "Spring"})
    with pytest.raises(TypeError, match=r"^getCampaign: id: it must be a str, not Campaign: give its id$"):
        call("campaigns", "get", campaign)
    with pytest.raises(TypeError, match=r"campaign: it takes one str, not a Campaign: give its id$"):
        call("leads", "list", campaign=campaign)
    assert not SENT


def test_a_type_error_from_inside_a_constructor_is_left_as_it_is() -> None:
    class Own(dict[str, str]):
        def items(self) -> Any:
            return 5

    with pytest.raises(TypeError, match="'int' object"):
        Instantly(api_key="k", default_headers=Own())


def test_an_id_that_is_given_by_name_is_told_apart_from_one_that_is_missing() -> None:
    with pytest.raises(TypeError, match=r"Campaigns\.get\(\) takes 'id' first and without its name$"):
        call("campaigns", "get", id="x")
    with pytest.raises(TypeError, match="takes 'leads' first and without its name"):
        call("leads", "add_many", leads=[], campaign_id="x")
    with pytest.raises(TypeError, match="got an unexpected keyword argument 'self'"):
        call("campaigns", "get", self="x")
    assert not SENT


def test_arguments_that_have_no_name_where_all_have_one() -> None:
    SENT.clear()
    nameless = r"\(\) takes no argument without a name; by name it takes: "
    with pytest.raises(TypeError, match=rf"^Accounts\.pause_many{nameless}\w+"):
        call("accounts", "pause_many", ["ann@a.example"])
    with pytest.raises(TypeError, match=rf"^Instantly{nameless}api_key, "):
        Instantly("k")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"^Campaigns\.update\(\) takes 1 argument without a name; by name .*name"):
        call("campaigns", "update", "some-id", "Spring")
    with pytest.raises(TypeError, match=r"takes 2 positional arguments but 3 were given$"):
        call("campaigns", "pause", "some-id", "another-id")
    assert not SENT


def test_a_missing_argument_is_told_as_python_tells_it() -> None:
    with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'campaign_schedule'"):
        call("campaigns", "create", name="n")


def test_a_type_error_from_inside_the_call_is_left_as_it_is() -> None:
    with pytest.raises(TypeError, match=r"^pauseCampaign: id: it must be a str, not int$"):
        call("campaigns", "pause", 5)


def test_signatures_and_docstrings_are_those_of_the_methods() -> None:
    with Instantly(api_key="k") as client:
        assert list(inspect.signature(client.campaigns.pause).parameters) == ["id"]
        assert "POST /api/v2/campaigns/{id}/pause" in (inspect.getdoc(client.campaigns.pause) or "")
    assert inspect.iscoroutinefunction(AsyncInstantly(api_key="k").campaigns.pause)


def test_the_document_has_arguments_of_every_shape() -> None:
    assert len(LISTS) > 50
    assert len(TEXTS) > 200


@given(st.sampled_from(LISTS), st.text() | st.binary() | st.dictionaries(st.text(), st.text()) | st.integers())
def test_one_value_where_a_list_belongs_is_refused(
    place: tuple[Callable[..., Any], inspect.Parameter], value: object
) -> None:
    method, argument = place
    with pytest.raises(TypeError) as caught:
        method(**{argument.name: value})
    if not isinstance(value, bytes):
        told = f"{method.__qualname__}(): {argument.name}: it takes a list, not one {type(value).__name__}: [value]"
        assert str(caught.value) == told


@given(st.sampled_from(TEXTS), st.lists(st.text()) | st.sets(st.text()) | st.tuples(st.text()))
def test_a_list_where_a_text_belongs_is_refused(
    place: tuple[Callable[..., Any], inspect.Parameter], value: object
) -> None:
    method, argument = place
    with pytest.raises(TypeError) as caught:
        method(**{argument.name: value})
    assert str(caught.value).startswith(f"{method.__qualname__}(): {argument.name}: it takes one str")
    assert f", not a {type(value).__name__}; several, " in str(caught.value)
    assert "one comma-separated text" in str(caught.value)


def test_a_list_of_files_is_refused() -> None:
    with (
        Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client,
        pytest.raises(TypeError, match=r"to: it takes the path of a file, not a list"),
    ):
        client.block_list.download(to=["a"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("resource", "method", "named", "told"),
    [
        ("campaigns", "list", {"limit": [1]}, "limit: it takes one int, not a list"),
        ("campaigns", "list", {"tag_ids": ["a", "b"]}, "one comma-separated text"),
        ("leads", "bulk_add", {"leads": {"email": "a@b.c"}}, r"leads: it takes a list, not one dict: \[value\]"),
        ("leads", "bulk_add", {"leads": iter([{}])}, r"leads: list_iterator has no form in JSON: give list\(value\)"),
    ],
)
def test_both_clients_refuse_and_send_nothing(resource: str, method: str, named: dict[str, Any], told: str) -> None:
    SENT.clear()
    with pytest.raises(TypeError, match=told):
        call(resource, method, **named)
    assert not SENT


def test_raw_views_refuse_as_well() -> None:
    with Instantly(api_key="k") as client, pytest.raises(TypeError, match="email_list: it takes a list"):
        client.with_raw_response.campaigns.update("some-id", email_list="a@b.c")


@pytest.mark.parametrize("value", [["a@b.c"], ("a@b.c",), [], None, UNSET])
def test_lists_null_and_nothing_pass(value: Any) -> None:
    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        client.campaigns.update("some-id", email_list=value, name="n")


@pytest.mark.parametrize(
    ("annotation", "passes", "refused"),
    [
        ("str | Sequence[str] | Unset", ["a", ["a"]], [{}]),
        ("Any | Unset", ["a", ["a"], {}], []),
        ("Mapping[str, Sequence[str]]", [{}, {"a": ["b"]}], ["a", [], {"a": "b"}]),
        ("Sequence[Mapping[str, Sequence[str]]] | None", [[{}], None], [{}, "a", ["a"], [None]]),
        ("Sequence[str | None]", [[None, "a"]], [[UNSET], [["a"]]]),
        ("models.CampaignStatus | int | Unset", [1, UNSET], [[1], {}]),
        ("bytes | tuple[str, bytes]", [b"a", ("a", b"b"), object], []),
    ],
)
def test_only_what_cannot_be_right_is_refused(annotation: str, passes: list[Any], refused: list[Any]) -> None:
    def send(*, value: Any) -> Any:
        return value

    send.__annotations__["value"] = annotation
    checked = with_encoding(send)
    assert [checked(value=value) for value in passes] == passes
    for value in refused:
        with pytest.raises(TypeError, match=r": value(\[0\]|\.a)?: "):
            checked(value=value)


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ({"ids": "a"}, "ids: it takes a list, not one str: [value]"),
        ({"ids": range(3).__iter__()}, "ids: range_iterator has no form in JSON: give list(value)"),
        (
            {"ids": {"a": 1}.items()},
            "ids[0]: it takes one str, not a tuple; several, where it takes them, are one comma-separated text",
        ),
        (
            {"name": ["a"]},
            "name: it takes one str, not a list; several, where it takes them, are one comma-separated text",
        ),
        ({"limit": (1,)}, "limit: it takes one int, not a tuple"),
        ({"idz": ["a"]}, "got an unexpected keyword argument 'idz'; did you mean 'ids'?"),
        ({"zzz": 1}, "got an unexpected keyword argument 'zzz'; it takes: place, ids, name, limit"),
        ({"place": "x"}, "takes 'place' first and without its name"),
    ],
)
def test_the_error_says_what_the_method_takes(named: dict[str, Any], told: str) -> None:
    def send(place: str, /, *, ids: Any = None, name: Any = None, limit: Any = None) -> None:
        """Nothing is sent."""

    send.__annotations__.update(ids="Sequence[str] | None", name="str | None", limit="int | None")
    send.__qualname__ = "Robots.send"
    separator = " " if told.startswith(("got", "takes")) else ": "
    with pytest.raises(TypeError, match=f"^{re.escape(f'Robots.send(){separator}{told}')}$"):
        with_encoding(send)("here", **named)


def test_a_method_without_keywords_says_so() -> None:
    def stop() -> None:
        """Nothing is stopped."""

    stop.__qualname__ = "Robots.stop"
    told = r"^Robots\.stop\(\) got an unexpected keyword argument 'now'; it takes: none$"
    with pytest.raises(TypeError, match=told):
        with_encoding(stop)(now=True)


def test_only_public_methods_are_checked() -> None:
    class Robots:
        """A resource."""

        limit = 5

        def move(self, *, far: Any = None) -> Any:
            return far

        def _move(self, *, far: Any = None) -> Any:
            return far

    for method in (Robots.move, Robots._move):
        method.__annotations__["far"] = "int | None"
    in_methods(Robots, with_encoding)
    assert (Robots.limit, Robots().move(far=1), Robots()._move(far=[1])) == (5, 1, [1])
    with pytest.raises(TypeError, match="far: it takes one int"):
        Robots().move(far=[1])


@pytest.mark.parametrize("value", [datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 2)])  # noqa: DTZ001
def test_a_datetime_is_no_day(value: datetime) -> None:
    SENT.clear()
    wrong: Any = value
    with pytest.raises(TypeError, match=r"start_date: it takes a day, not a datetime: value\.date\(\)"):
        call("campaigns", "get_analytics", start_date=wrong)
    assert not SENT


def test_a_missing_day_is_told_as_missing() -> None:
    with pytest.raises(ValueError, match="start_date: NaT cannot be sent; leave it out, or give None"):
        call("campaigns", "get_analytics", start_date=pandas.NaT)


@pytest.mark.parametrize("value", [date(2026, 1, 2), "2026-01-02"])
def test_a_day_goes_out_as_a_date(value: date | str) -> None:
    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        client.campaigns.get_analytics(start_date=value)
    assert SENT[-1].url.params["start_date"] == "2026-01-02"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    SENT.clear()
    with pytest.raises(ValueError, match="min_timestamp_created: 2026-01-02T00:00:00 has no time zone: give it one"):
        call("emails", "list", min_timestamp_created=datetime(2026, 1, 2))  # noqa: DTZ001
    assert not SENT


def test_a_moment_goes_out_in_utc() -> None:
    belgrade = timezone(timedelta(hours=2))
    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        client.with_raw_response.emails.list(min_timestamp_created=datetime(2026, 5, 1, 10, tzinfo=belgrade))
    assert SENT[-1].url.params["min_timestamp_created"] == "2026-05-01T08:00:00.000Z"


@pytest.mark.parametrize(
    ("value", "sent"), [(False, b'{"is_unread":0}'), (True, b'{"is_unread":1}'), (None, b'{"is_unread":null}')]
)
def test_a_flag_goes_out_as_a_number(value: bool | None, sent: bytes) -> None:
    SENT.clear()

    async def update() -> None:
        async with AsyncInstantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
            await client.emails.update("some-id", is_unread=value)

    asyncio.run(update())
    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        client.emails.update("some-id", is_unread=value)
        client.with_raw_response.emails.update("some-id", is_unread=value)
    assert [request.content for request in SENT] == [sent] * 3
