"""The sandbox of this project."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from instantly_sandbox import Sandbox

LEADS = 51_000


def start() -> "Sandbox":
    from instantly_sandbox import Sandbox

    return Sandbox()


def call(content: bytes) -> "Callable[[], Any]":
    import json
    from itertools import cycle

    import httpx

    from instantly_sandbox import Sandbox
    from instantly_sandbox.entry.transport import SandboxTransport

    sandbox = Sandbox(rate_limits=False)
    transport = SandboxTransport(sandbox.handle)
    headers = {"authorization": f"Bearer {sandbox.key}"}
    client = httpx.Client(base_url="https://sandbox.invalid", headers=headers, transport=transport)
    made = {name: value for name, value in json.loads(content).items() if name in ("name", "campaign_schedule")}
    url = f"/api/v2/campaigns/{client.post('/api/v2/campaigns', json=made).raise_for_status().json()['id']}"
    requests = cycle([("GET", url), ("POST", f"{url}/pause")])
    return lambda: json.loads(client.request(*next(requests)).raise_for_status().content)


def walk() -> "Callable[[], Any]":
    from instantly_sandbox import Sandbox

    client = Sandbox(rate_limits=False).client()
    leads = ({"email": f"person{number}@example.com"} for number in range(LEADS))
    kept = client.lead_lists.create(name="All")
    client.leads.add_many(leads, list_id=kept.id, collect=False)

    def once() -> None:
        assert sum(1 for _ in client.leads.list(list_id=kept.id)) == LEADS

    return once
