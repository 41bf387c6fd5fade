"""Calls that reach everything or cost money are refused unless it is said that this is meant."""

from __future__ import annotations

import asyncio
import json
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from instantly_client import UNSET, AsyncInstantly, Instantly, resources
from instantly_client.resources import ai_lead_finder_agents, block_list, dfy_orders, leads, supersearch
from instantly_core.call.guards import Mass, Paid, check_mass, check_paid, selects, ways_to_pay
from instantly_core.call.operation import Operation
from instantly_core.call.routes import Routes
from tests.core import engine

CAMPAIGN = "019cc043-aee6-7ae9-a545-d7de53430e37"
ORDER: dict[str, Any] = {"items": [{"domain": "halden.com"}], "order_type": "dfy"}


def sent_by(resource: str, method: str, **named: Any) -> list[httpx.Request]:
    """What both clients send, as they are and with raw responses."""
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(200, json=[] if resource == "block_list" else {})

    def called(client: Any) -> Any:
        return getattr(getattr(client, resource), method)(**named)

    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        called(client)
        called(client.with_raw_response)

    async def call_async() -> None:
        async with AsyncInstantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
            await called(client)
            await called(client.with_raw_response)

    asyncio.run(call_async())
    return sent


def refused(resource: str, method: str, **named: Any) -> str:
    """Why each way to make the call is refused, which is the same reason."""
    clients: list[Any] = [Instantly(api_key="k", transport=httpx.MockTransport(fails))]
    clients += [clients[0].with_raw_response, clients[0].with_streaming_response]
    clients += [clients[0].with_options(dry_run=True)]
    reasons = set()
    for client in clients:
        with pytest.raises(ValueError) as caught:  # noqa: PT011, the caller looks at the reason
            getattr(getattr(client, resource), method)(**named)
        reasons.add(str(caught.value))

    async def call_async() -> None:
        async with AsyncInstantly(api_key="k", transport=httpx.MockTransport(fails)) as client:
            for view in (client, client.with_raw_response):
                with pytest.raises(ValueError) as caught:  # noqa: PT011
                    await getattr(getattr(view, resource), method)(**named)
                reasons.add(str(caught.value))

    asyncio.run(call_async())
    (reason,) = reasons
    return reason


def fails(request: httpx.Request) -> httpx.Response:
    raise AssertionError(f"{request.method} {request.url} was sent")


@pytest.mark.parametrize(
    ("resource", "method", "named", "reason"),
    [
        (
            "leads",
            "bulk_delete",
            {"campaign_id": CAMPAIGN},
            f"this would delete every lead of campaign_id='{CAMPAIGN}'; "
            "pass status=, ids= or limit=, or everything=True",
        ),
        (
            "leads",
            "bulk_delete",
            {"list_id": CAMPAIGN, "ids": [], "limit": 5},
            f"this would delete every lead of list_id='{CAMPAIGN}', for ids= selects nothing; "
            "pass status=, ids= or limit=, or everything=True",
        ),
        (
            "leads",
            "bulk_delete",
            {"ids": [CAMPAIGN]},
            "nothing says within what to delete every lead; pass campaign_id= or list_id=",
        ),
        (
            "block_list",
            "delete_all",
            {},
            "this would delete every block list entry; pass domains_only= or search=, or everything=True",
        ),
        (
            "block_list",
            "delete_all",
            {"search": "x", "everything": True},
            "everything=True contradicts search=; pass one or the other",
        ),
        (
            "accounts",
            "enable_warmup",
            {"include_all_emails": True, "filter_": {"tag_id": ""}, "emails": []},
            "this would turn warmup on for every account, for emails= and filter_= select nothing; "
            "pass emails=, filter_= or search=, or include_all_emails=True",
        ),
        (
            "dfy_orders",
            "create",
            {**ORDER, "simulation": UNSET},
            "this would order these accounts and charge the card of the workspace; "
            "pass simulation=False to do it, or simulation=True for the price alone",
        ),
        (
            "supersearch",
            "run_enrichment",
            {"resource_id": CAMPAIGN, "lead_ids": [CAMPAIGN], "confirm": False},
            "this would enrich leads for credits, which costs money; pass confirm=True to do it",
        ),
    ],
)
def test_a_refusal_says_what_would_happen_and_each_way_out(
    resource: str, method: str, named: dict[str, Any], reason: str
) -> None:
    assert refused(resource, method, **named) == reason


@pytest.mark.parametrize(
    ("resource", "method", "named"),
    [
        ("leads", "bulk_delete", {"list_id": CAMPAIGN, "everything": False}),
        ("leads", "bulk_delete", {"list_id": CAMPAIGN, "everything": 1}),
        ("leads", "bulk_delete", {"list_id": CAMPAIGN, "limit": 0}),
        ("leads", "bulk_delete", {"list_id": CAMPAIGN, "status": 1, "ids": [""]}),
        ("leads", "move", {"to_campaign_id": CAMPAIGN}),
        ("leads", "move", {"to_campaign_id": CAMPAIGN, "campaign": CAMPAIGN, "ids": []}),
        ("leads", "move", {"to_campaign_id": CAMPAIGN, "campaign": UNSET, "in_campaign": True}),
        ("leads", "move", {"to_campaign_id": CAMPAIGN, "excluded_ids": [CAMPAIGN]}),
        ("leads", "bulk_assign", {"organization_user_ids": [CAMPAIGN]}),
        ("leads", "bulk_assign", {"organization_user_ids": [CAMPAIGN], "campaign": ""}),
        ("block_list", "delete_all", {"search": " "}),
        ("accounts", "disable_warmup", {}),
        ("accounts", "disable_warmup", {"include_all_emails": False}),
        ("custom_tags", "toggle_resource", {"tag_ids": ["x"], "resource_type": 1, "assign": True}),
        ("supersearch", "run_enrichment", {"resource_id": CAMPAIGN, "lead_ids": [], "confirm": True}),
        ("dfy_orders", "create", {**ORDER, "simulation": 0}),
    ],
)
def test_what_narrows_nothing_is_refused(resource: str, method: str, named: dict[str, Any]) -> None:
    assert refused(resource, method, **named).startswith("this would ")


@pytest.mark.parametrize("ids", [[UNSET], [UNSET, UNSET], [None]])
@pytest.mark.parametrize("more", [{}, {"limit": 5}, {"status": 1}])
def test_a_list_of_values_that_did_not_come_is_refused_whatever_else_is_given(
    ids: list[Any], more: dict[str, Any]
) -> None:
    with Instantly(api_key="k", transport=httpx.MockTransport(fails)) as client:
        with pytest.raises((TypeError, ValueError)):
            client.leads.bulk_delete(campaign_id=CAMPAIGN, ids=ids, **more)
        with pytest.raises((TypeError, ValueError)):
            client.request("DELETE", leads.BULK_DELETE.path, json={"campaign_id": CAMPAIGN, "ids": ids, **more})


@pytest.mark.parametrize(
    ("resource", "method", "named"),
    [
        ("leads", "bulk_delete", {"campaign_id": CAMPAIGN, "ids": [CAMPAIGN]}),
        ("leads", "bulk_delete", {"campaign_id": CAMPAIGN, "everything": True}),
        ("leads", "bulk_delete", {"campaign_id": CAMPAIGN, "ids": [], "everything": True}),
        ("leads", "move", {"campaign": CAMPAIGN, "to_list_id": CAMPAIGN}),
        ("leads", "move", {"to_list_id": CAMPAIGN, "everything": True}),
        ("leads", "bulk_assign", {"organization_user_ids": [CAMPAIGN], "filter_": "FILTER_VAL_CONTACTED"}),
        ("block_list", "delete_all", {"domains_only": False}),
        ("block_list", "delete_all", {"everything": True}),
        ("accounts", "enable_warmup", {"include_all_emails": True}),
        ("accounts", "enable_warmup", {"include_all_emails": True, "filter_": {"tag_id": CAMPAIGN}}),
        ("accounts", "enable_warmup", {"emails": ["jo@example.com"]}),
        ("dfy_orders", "create", {**ORDER, "simulation": False}),
        ("dfy_orders", "create", {**ORDER, "simulation": True}),
        ("supersearch", "run_enrichment", {"resource_id": CAMPAIGN, "limit": 5, "confirm": True}),
        ("supersearch", "run_enrichment", {"resource_id": CAMPAIGN, "everything": True, "confirm": True}),
    ],
)
def test_what_is_narrowed_or_meant_goes_out(resource: str, method: str, named: dict[str, Any]) -> None:
    sent = sent_by(resource, method, **named)
    assert len(sent) == 4
    for request in sent:
        body = json.loads(request.content) if request.content else {}
        assert not {"everything", "confirm"} & {*body, *request.url.params}


def test_an_order_has_to_say_whether_it_is_meant() -> None:
    paid = dfy_orders.CREATE.paid
    assert paid is not None
    with Instantly(api_key="k", transport=httpx.MockTransport(fails)) as client:
        for orders in (client.dfy_orders, client.with_raw_response.dfy_orders):
            with pytest.raises(TypeError) as caught:
                orders.create(**ORDER)
            assert str(caught.value) == f"DfyOrders.create(): {ways_to_pay(paid, {})}"
        with pytest.raises(
            TypeError, match=r"run_enrichment\(\): this would .* credits, which costs money; pass confirm=True"
        ):
            client.supersearch.run_enrichment(resource_id=CAMPAIGN, limit=1)  # type: ignore[call-arg]
        with pytest.raises(TypeError, match="missing 1 required keyword-only argument: 'resource_id'"):
            client.supersearch.run_enrichment(limit=1, confirm=True)  # type: ignore[call-arg]

    async def order() -> None:
        async with AsyncInstantly(api_key="k", transport=httpx.MockTransport(fails)) as client:
            with pytest.raises(TypeError, match="simulation=True for the price alone"):
                await client.dfy_orders.create(**ORDER)

    asyncio.run(order())


@pytest.mark.parametrize(
    ("method", "path", "query", "body"),
    [
        ("POST", leads.MOVE.path, None, {"to_campaign_id": CAMPAIGN}),
        ("post", f"{leads.MOVE.path}/", None, {"to_campaign_id": CAMPAIGN, "campaign": CAMPAIGN, "ids": []}),
        ("POST", f"{leads.MOVE.path.replace('e', '%65')}?x=1", None, {"to_campaign_id": CAMPAIGN}),
        ("POST", f"/elsewhere/..{leads.MOVE.path}", None, None),
        ("DELETE", block_list.DELETE_ALL.path, {"search": ""}, UNSET),
        ("DELETE", f"{block_list.DELETE_ALL.path}?search=", None, UNSET),
        ("POST", dfy_orders.CREATE.path, None, ORDER),
        ("POST", supersearch.RUN_ENRICHMENT.path, None, {"resource_id": CAMPAIGN, "limit": 1}),
        ("POST", ai_lead_finder_agents.RESUME.path.replace("{id}", CAMPAIGN), None, UNSET),
    ],
)
@pytest.mark.parametrize("base", ["https://api.instantly.ai", "https://gateway.example/instantly/"])
def test_a_request_by_method_and_path_is_guarded_like_the_method(
    base: str, method: str, path: str, query: Any, body: Any
) -> None:
    with Instantly(api_key="k", base_url=base, transport=httpx.MockTransport(fails)) as client:
        for view in (client, client.with_streaming_response):
            with pytest.raises(ValueError, match=r"^this would "):
                view.request(method, path, query=query, json=body)


def test_a_request_by_method_and_path_goes_out_if_it_is_meant() -> None:
    sent: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(f"{request.method} {request.url.raw_path.decode()}")
        return httpx.Response(200, json={})

    with Instantly(api_key="k", transport=httpx.MockTransport(answer)) as client:
        client.request("POST", leads.MOVE.path, json={"to_campaign_id": CAMPAIGN}, everything=True)
        client.request("DELETE", f"{block_list.DELETE_ALL.path}?search=x")
        client.request("POST", ai_lead_finder_agents.RESUME.path.replace("{id}", CAMPAIGN), confirm=True)
        client.request("POST", dfy_orders.CREATE.path, json={**ORDER, "simulation": True})
        client.request("POST", "/api/v2/something-new", json={"ids": []})
    assert len(sent) == 5


@pytest.mark.parametrize("options", [{}, {"retry_writes": True}])
@pytest.mark.parametrize(("path", "safe"), [(leads.CREATE.path, True), ("/api/v2/something-new", False)])
def test_a_write_by_method_and_path_is_sent_once(options: dict[str, Any], path: str, safe: bool) -> None:
    sent: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(500)

    with Instantly(api_key="k", transport=httpx.MockTransport(answer), **options) as client:
        with pytest.raises(Exception, match="500"):
            client.request("POST", path, json={}, safe=safe)
        assert len(sent) == 1


# The engine.

nothing = st.recursive(
    st.sampled_from([None, UNSET, "", " \t", 0, 0.0]),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.lists(inner, max_size=3).map(tuple),
        st.dictionaries(st.text(), inner, max_size=3),
    ),
    max_leaves=4,
)
something = st.one_of(st.text().filter(str.strip), st.integers().filter(bool), st.booleans())
MASS = Mass("paint every robot", ("ids", "limit"), ("hall",))


@given(nothing)
def test_nothing_within_nothing_selects_nothing(value: object) -> None:
    assert not selects(value)
    assert not selects([value])


@pytest.mark.slow
@given(st.lists(nothing, max_size=3), something, st.lists(nothing, max_size=3))
def test_one_thing_among_nothing_selects_it(before: list[Any], value: object, after: list[Any]) -> None:
    assert selects([*before, value, *after])
    assert selects({"a": before, "b": {"c": value}})


@given(st.dictionaries(st.sampled_from(["ids", "limit", "name"]), st.one_of(nothing, something)), st.booleans())
def test_a_call_goes_out_only_if_each_filter_selects_something_or_everything_is_meant(
    fields: dict[str, Any], everything: bool
) -> None:
    sent = {"hall": "north", **fields}
    filters = [value for name, value in fields.items() if name != "name"]
    narrowed = bool(filters) and all(map(selects, filters))
    contradicts = everything and any(map(selects, filters))
    refusal = ""
    try:
        check_mass(MASS, sent, everything, {"limit": "limit_"})
    except ValueError as error:
        refusal = str(error)
    assert bool(refusal) is (contradicts or not (narrowed or everything))
    assert not refusal or contradicts is not refusal.startswith("this would paint every robot of hall='north'")
    assert "limit=" not in refusal


def test_the_guard_names_everything_that_the_call_would_reach() -> None:
    mass = Mass("paint every robot", (), ("hall", "room", "floor"))
    with pytest.raises(ValueError, match=r"^this would paint every robot of hall='h' and room_='r'; pass everything=T"):
        check_mass(mass, {"hall": "h", "room": "r"}, everything=False, names={"room": "room_"})


@pytest.mark.parametrize("sent", [{}, {"trial": None}, {"trial": 1}, {"trial": "true"}])
def test_only_true_and_false_say_whether_it_is_meant(sent: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"^this would build robots; pass trial_=False to do it, or trial_=True for"):
        check_paid(Paid("build robots", "trial"), sent, confirm=True, names={"trial": "trial_"})


ROUTES = Routes(
    "tests.core",
    {
        f"{operation.method} {operation.path}": f"engine.{name}"
        for name, operation in vars(engine).items()
        if isinstance(operation, Operation)
    },
)


@pytest.mark.parametrize(
    ("method", "path", "found"),
    [
        ("GET", "/api/v2/robots/7", engine.GET),
        ("GET", "/api/v2/robots/%C3%A9%2F/", engine.GET),
        ("GET", "/api/v2/robots/export", engine.EXPORT),
        ("GET", "/api/v2/robots/expor%74", engine.EXPORT),
        ("POST", "//api/v2/robots", engine.CREATE),
        ("POST", "/api/v2/robots/export/pause", engine.PAUSE),
        ("PUT", "/api/v2/robots", None),
        ("GET", "/api/v2", None),
        ("GET", "/", None),
    ],
)
def test_a_route_is_found_however_the_path_is_written(method: str, path: str, found: Operation[Any] | None) -> None:
    assert ROUTES.find(method, path) is found


def test_every_operation_of_the_document_is_found_by_its_method_and_path() -> None:
    for module in iter_modules(resources.__path__):
        for operation in vars(import_module(f"{resources.__name__}.{module.name}")).values():
            if isinstance(operation, Operation):
                routes = Instantly._routes()
                assert routes is not None
                found = routes.find(operation.method, operation.path.replace("{", "x").replace("}", ""))
                assert found is not None
                assert found.name == operation.name
