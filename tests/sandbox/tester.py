"""The API tester schemathesis, run against a sandbox that serves on a port.

    python -m tests.sandbox.tester [OPTIONS OF schemathesis run]

The document is the pinned one, with what the service does beyond it written in: it refuses with statuses that the
vendor forgot to document, a 204 has no body whatever the document says, cursors are of a certain kind, and unknown
fields of a body are ignored.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from instantly_sandbox import Sandbox
from instantly_sandbox.engine.document import CURSOR, pinned
from instantly_sandbox.engine.pages import KINDS
from instantly_sandbox.engine.resources import is_sampled
from scripts.spec.document import Schema, map_schema, operations
from tests.published import published

UNDOCUMENTED = ("400", "401", "403", "404", "405", "415")
REFUSE_MORE_THAN_THE_SCHEMA = (
    *("activateCampaign", "pauseCampaign"),  # say with 400 that there is no such campaign
    *("createAccount", "createWorkspaceMember"),  # an address can be there already
    *("createLead", "bulkAddLeads", "moveLeads"),  # to a campaign or to a list
    *("patchWorkspaceMember", "deleteWorkspaceMember"),  # the owner stays
    *("createBlockListEntry", "patchBlockListEntry"),  # take addresses and domains
    # Have unions whose members only differ in which fields are unknown to them.
    *("enrichLeadsFromSupersearch", "countLeadsFromSupersearch", "previewLeadsFromSupersearch"),
    *("createLeadFinderAgent", "updateLeadFinderAgent"),
)
CONFIGURATION = f"""\
[[operations]]
include-operation-id = {list(REFUSE_MORE_THAN_THE_SCHEMA)}
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "401", "403", "404"]
"""
ERROR = {
    "type": "object",
    "required": ["statusCode", "error", "message"],
    "properties": {"statusCode": {"type": "number"}, "error": {"type": "string"}, "message": {"type": "string"}},
}


def document() -> dict[str, Any]:
    """The pinned document as the service keeps it."""
    whole: dict[str, Any] = json.loads(json.dumps(published().raw))
    for operation in operations(whole):
        responses = operation.raw["responses"]
        for status in UNDOCUMENTED:
            responses.setdefault(status, {"description": "", "content": {"application/json": {"schema": ERROR}}})
        responses.get("204", {}).pop("content", None)
        body = operation.raw.get("requestBody", {}).get("content", {}).get("application/json", {})
        if "schema" in body:
            body["schema"] = map_schema(map_schema(body["schema"], _open), _of_some_length)
        # What is only sampled takes any cursor.
        for schema in _cursors(operation.raw) if not is_sampled(pinned().operations[operation.id]) else ():
            example = pinned().operations[operation.id].cursor
            schema["pattern"] = f"^({next(k.pattern.pattern for k in KINDS if k.pattern.fullmatch(example))})?$"
    return whole


def _open(schema: Schema) -> Schema:
    return {keyword: value for keyword, value in schema.items() if (keyword, value) != ("additionalProperties", False)}


def _of_some_length(schema: Schema) -> Schema:
    """The schema without the empty text, which the tester takes for valid in every format where null may be."""
    return {**schema, "minLength": 1} if "format" in schema else schema


def _cursors(raw: dict[str, Any]) -> list[dict[str, Any]]:
    body = raw.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    found = [parameter["schema"] for parameter in raw.get("parameters", ()) if parameter["name"] == CURSOR]
    return [*found, *([body["properties"][CURSOR]] if CURSOR in body.get("properties", {}) else [])]


def run(*options: str) -> subprocess.CompletedProcess[str]:
    """Run it with all checks against a new sandbox; exit status 0 means that it found nothing."""
    sandbox = Sandbox(world="demo", rate_limits=False)
    with TemporaryDirectory() as folder, sandbox.serve() as url:
        path = Path(folder) / "openapi.json"
        path.write_text(json.dumps(document()), encoding="utf-8")
        (Path(folder) / "schemathesis.toml").write_text(CONFIGURATION, encoding="utf-8")
        command = [str(Path(sys.executable).with_name("st")), "run", str(path), "--url", url, "--checks", "all"]
        headers = ["--header", f"Authorization: Bearer {sandbox.key}"]
        return subprocess.run(
            [*command, *headers, "--no-color", "--continue-on-failure", *options],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )


if __name__ == "__main__":
    finished = run(*sys.argv[1:])
    print(finished.stdout, finished.stderr, sep="\n")
    sys.exit(finished.returncode)
