"""Use an installed instantly-client the way its users do, and say what was done in one line.

    python -I smoke.py [--import-only | --all-extras [--hide MODULE]] [--version VERSION] [--document SHA256]

Runs where nothing but the package is installed, with its extra `sandbox`; without the extra `--import-only` does the
part that needs none, and with all of them `--all-extras` uses each. Every warning is an error. Standard library only,
until the package is imported.

Exit status: 0 all went well, 1 something did not.
"""

from __future__ import annotations

import argparse
import asyncio
import platform
import subprocess
import sys
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

DEPENDENCIES = ("attrs", "httpx", "python-dateutil")
PACKAGES = ("instantly_client", "instantly_core", "instantly_sandbox")
SECRET = "a-key-that-nobody-may-see"
LEADS = 120
PAGE = 50


class Wrong(Exception):  # noqa: N818 - it says what is wrong, in words for people
    """The package is not as it should be."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    options = _parse(arguments)
    warnings.simplefilter("error")
    if options.hide:
        sys.modules[options.hide] = None  # type: ignore[assignment]
    try:
        done = check_import(options.version, options.document)
        if not options.import_only:
            done += f"; {check_calls(all_extras=options.all_extras)}"
        if options.all_extras:
            done += f"; {check_commands()}"
    except Wrong as error:
        print(f"smoke: failed: {error}", file=sys.stderr)
        return 1
    (name,) = set(metadata.packages_distributions()["instantly_client"])
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in (name, *DEPENDENCIES))
    print(f"{versions} on Python {platform.python_version()}: {done}")
    return 0


def check_import(version: str | None, document: str | None) -> str:
    """Import all that the package offers, and compare what it says of itself with what is installed."""
    with doing("importing the package"):
        import instantly_client
        from instantly_client import Instantly, models

        names = [getattr(module, name) for module in (instantly_client, models) for name in module.__all__]
    with doing("reading what is installed"):
        # A team may call the distribution by a name of its own.
        (name,) = set(metadata.packages_distributions()["instantly_client"])
        distribution = metadata.distribution(name)
        installed = {str(file) for file in distribution.files or ()}
        place = Path(str(distribution.locate_file("instantly_client"))).resolve()
    found = Path(instantly_client.__file__).resolve().parent
    expect("the folder of instantly_client", found, place)
    expect("__version__", instantly_client.__version__, distribution.version)
    expect("__version__", instantly_client.__version__, version or instantly_client.__version__)
    expect("SPEC_SHA256", instantly_client.SPEC_SHA256, document or instantly_client.SPEC_SHA256)
    for package in PACKAGES:
        if f"{package}/py.typed" not in installed:
            raise Wrong(f"{package}/py.typed is not installed: type checkers will ignore the package")
    with doing("making a client"), Instantly(api_key=SECRET) as client:
        if SECRET in f"{client!r} {client} {client.campaigns!r}":
            raise Wrong("the repr of a client shows its key")
    described = f"document {instantly_client.SPEC_SHA256[:12]} of {instantly_client.SPEC_DATE}"
    return f"imported {len(names)} names ({described})"


def check_calls(*, all_extras: bool) -> str:
    """Call a sandbox on a port of this machine, with both clients; `all_extras` uses what these bring for calls."""
    with doing("importing the sandbox"):
        from instantly_sandbox import Sandbox
    settings: dict[str, Any] = {}
    if all_extras:
        with doing("making what the extras bring"):
            from instantly_client import RedisLimiter
            from instantly_client.telemetry import spans

            # Where no Redis answers, it lets this process keep to its share of the limits.
            settings = {"on_event": spans(), "limiter": RedisLimiter("redis://127.0.0.1:9")}
    sandbox = Sandbox(world="demo")
    with doing("calling the sandbox"), sandbox.serve() as url:
        call(url, sandbox.key, settings)
        asyncio.run(call_async(url, sandbox.key, settings | ({"transport": "aiohttp"} if all_extras else {})))
    pages = sum(request.operation == "listLeads" for request in sandbox.requests)
    # The last page that has leads may have a cursor, too.
    expect("whether there were several pages for each client", pages > 2 * (LEADS // PAGE), True)
    return f"paused a campaign and listed {LEADS} leads over {pages // 2} pages, sync and async"


def check_commands() -> str:
    """Ask the commands for their help."""
    commands = ("instantly_cli", "instantly_contract", "instantly_sandbox")
    for name in commands:
        command = [sys.executable, "-I", "-W", "error", "-m", name, "--help"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode or "usage" not in done.stdout.lower():
            raise Wrong(f"{name} --help: exit status {done.returncode}: {done.stderr.strip()[-500:]}")
    return f"asked {len(commands)} commands for their help"


def call(url: str, key: str, settings: dict[str, Any]) -> None:
    from instantly_client import Instantly
    from instantly_client.models import CampaignStatus

    with Instantly(api_key=key, base_url=url, **settings) as client:
        campaign = client.campaigns.list(status=CampaignStatus.ACTIVE).items[0]
        expect("the status after a pause", client.campaigns.pause(campaign.id).status, CampaignStatus.PAUSED)
        leads = [{"email": f"reader{number}@smoke.example.com"} for number in range(LEADS)]
        added = client.lead_lists.create(name="Smoke")
        client.leads.add_many(leads, list_id=added.id)
        found = {lead.email for lead in client.leads.list(list_id=added.id, limit=PAGE)}
        expect("the leads over all pages", found, {lead["email"] for lead in leads})


async def call_async(url: str, key: str, settings: dict[str, Any]) -> None:
    from instantly_client import AsyncInstantly
    from instantly_client.models import CampaignStatus

    async with AsyncInstantly(api_key=key, base_url=url, **settings) as client:
        campaign = (await client.campaigns.list(status=CampaignStatus.PAUSED)).items[0]
        campaign = await client.campaigns.activate(campaign.id)
        expect("the status after a pause", (await client.campaigns.pause(campaign.id)).status, CampaignStatus.PAUSED)
        (added,) = [each async for each in client.lead_lists.list(search="Smoke")]
        found = [lead.email async for lead in client.leads.list(list_id=added.id, limit=PAGE)]
        expect("the number of leads over all pages", len(set(found)), LEADS)


def expect(what: str, found: object, wanted: object) -> None:
    if found != wanted:
        raise Wrong(f"{what}: {found!r} instead of {wanted!r}")


@contextmanager
def doing(what: str) -> Iterator[None]:
    """Say what was being done when something fails of which nobody has thought."""
    try:
        yield
    except Wrong:
        raise
    except Exception as error:
        traceback.print_exc()
        raise Wrong(f"{what}: {type(error).__name__}: {error}") from error


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--import-only", action="store_true", help="do without the extra `sandbox`")
    parser.add_argument("--all-extras", action="store_true", help="use what all extras bring")
    parser.add_argument("--hide", metavar="MODULE", help="do as if this module were not installed")
    parser.add_argument("--version", help="the version that has to be installed")
    parser.add_argument("--document", metavar="SHA256", help="the document that it has to be made from")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
