"""A program for the package instantlyai, which we did not write: what its users would do first.

    python peer_program.py URL KEY

Prints a line a finding; exit status 1 if something is not as it should be.
"""

import sys

from instantlyai import Instantly  # type: ignore[import-not-found]

SCHEDULE = {
    "schedules": [
        {
            "name": "Working week",
            "timing": {"from": "09:00", "to": "17:00"},
            "days": {"1": True, "2": True},
            "timezone": "Etc/GMT+12",
        }
    ]
}


def main(url: str, key: str) -> None:
    client = Instantly(key, base_url=url, requests_per_minute=None)
    campaigns(client)
    leads(client)
    accounts(client)
    webhooks(client)


def campaigns(client: Instantly) -> None:
    campaign = client.campaigns.create(name="Peer", campaign_schedule=SCHEDULE)
    id = str(campaign.id)
    check("a new campaign is a draft", plain(campaign.status) == 0)
    check("active after activate", plain(client.campaigns.activate(id).status) == 1)
    check("paused after pause", plain(client.campaigns.pause(id).status) == 2)
    check("renamed", client.campaigns.update(id, name="Renamed").name == "Renamed")
    check("found again", client.campaigns.retrieve(id).name == "Renamed")
    for number in range(24):
        client.campaigns.create(name=f"Peer {number}", campaign_schedule=SCHEDULE)
    listed = [one.id for one in client.campaigns.list(limit=10)]
    check("pages have every campaign once", len(listed) == len(set(listed)) == 25 and campaign.id in listed)
    check("deleted", client.campaigns.delete(id).id == campaign.id)
    check("gone", fails(lambda: client.campaigns.retrieve(id)) == "NotFoundError")


def leads(client: Instantly) -> None:
    campaign = client.campaigns.create(name="With leads", campaign_schedule=SCHEDULE)
    id = str(campaign.id)
    lead = client.leads.create(email="mara@peer.example.com", first_name="Mara", campaign=id)
    check("a lead of the campaign", str(lead.campaign) == id and lead.first_name == "Mara")
    rows = [{"email": f"lead{number}@peer.example.com"} for number in range(30)]
    added = client.leads.bulk_add(campaign_id=id, leads=rows)
    check("leads added", (added["leads_uploaded"] if isinstance(added, dict) else added.leads_uploaded) == 30)
    listed = [one.email for one in client.leads.list(campaign=id, limit=7)]
    check("pages have every lead once", len(listed) == len(set(listed)) == 31)
    check("changed", client.leads.update(str(lead.id), first_name="Nora").first_name == "Nora")
    check("deleted", client.leads.delete(str(lead.id)).id == lead.id)


def accounts(client: Instantly) -> None:
    account = client.accounts.create(
        email="sender@peer.example.com",
        first_name="Ada",
        last_name="Berg",
        provider_code=1,
        imap_username="sender",
        imap_password="x",
        imap_host="imap.peer.example.com",
        imap_port=993,
        smtp_username="sender",
        smtp_password="x",
        smtp_host="smtp.peer.example.com",
        smtp_port=587,
    )
    check("an account", account.email == "sender@peer.example.com")
    check("paused", plain(client.accounts.pause(account.email).status) == 2)
    check("resumed", plain(client.accounts.resume(account.email).status) == 1)
    check("listed", account.email in [one.email for one in client.accounts.list()])


def webhooks(client: Instantly) -> None:
    webhook = client.webhooks.create(target_hook_url="https://receiver.peer.example.com", event_type="reply_received")
    check("listed", webhook.id in [one.id for one in client.webhooks.list()])
    check("deleted", client.webhooks.delete(str(webhook.id)).id == webhook.id)


def plain(value: "object") -> "object":
    return getattr(value, "value", value)


def fails(call: "object") -> str:
    try:
        call()  # type: ignore[operator]
    except Exception as error:  # whichever it is, its name is compared
        return type(error).__name__
    return "nothing"


failed: list[str] = []


def check(what: str, holds: bool) -> None:
    print("ok  " if holds else "FAIL", what)
    if not holds:
        failed.append(what)


if __name__ == "__main__":
    main(*sys.argv[1:])
    sys.exit(bool(failed))
