"""The reference has each method, object and value of the client once, and what it says is so."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from enum import Enum
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import instantly_client
from instantly_client import Instantly, errors, models, params
from instantly_contract.calls import located
from instantly_contract.recording.arguments import SeededSandbox
from instantly_core import Model
from instantly_core.call.failure import _BY_STATUS
from instantly_core.models.fields import fields_of
from instantly_sandbox.engine.document import pinned
from scripts.codegen.markdown import heading
from scripts.lib.layout import PACKAGE, PROJECT
from scripts.naming.names import HELPER_NAMES

ALL = {path.name: path.read_text("utf-8") for path in sorted(PROJECT.reference.glob("*.md"))}
OWN = {name: text for name, text in ALL.items() if name.startswith(PACKAGE)}
"""The pages of what is hand-written."""
PAGES = {name: text for name, text in ALL.items() if name not in OWN}
OVERVIEW = PROJECT.overview.read_text("utf-8")
NOT_THERE = re.compile(r"not[ _]found|NOT_FOUND|of the group that this one is the admin of", re.IGNORECASE)
"""What the sandbox says of an example whose object it does not have."""


def methods() -> Iterator[tuple[str, str]]:
    """Each resource of the client with each of its public methods."""
    for resource, value in vars(Instantly).items():
        if isinstance(value, cached_property):
            owner: Any = getattr(Instantly, resource)
            yield from ((resource, name) for name, _ in inspect.getmembers(owner, inspect.isfunction) if name[0] != "_")


@cache
def sections() -> dict[str, str]:
    """Heading of a method, object or enumeration -> what the reference says under it."""
    found = re.findall(r"^##+ ([^\n]+)\n(.*?)(?=^##+ |\Z)", "\n".join(PAGES.values()), re.MULTILINE | re.DOTALL)
    return {title: text for title, text in found if title != "Models"}


def titles(level: str) -> list[str]:
    return sorted(re.findall(rf"^{level} (?!Models$)(.+)$", "\n".join(PAGES.values()), re.MULTILINE))


def first_column(section: str) -> list[str]:
    return re.findall(r"^\| `([^`]+)`", section, re.MULTILINE)


def test_each_method_is_there_once() -> None:
    assert titles("##") == sorted(f"`{resource}.{method}`" for resource, method in methods())


def test_each_model_and_enumeration_is_there_once() -> None:
    assert titles("###") == sorted(models.__all__)


def test_a_method_is_said_whole() -> None:
    for operation in pinned():
        resource, method, known = located()[operation.id]
        section = sections()[f"`{resource}.{method}`"]
        called = getattr(getattr(Instantly, resource), method)
        assert first_column(section) == [name for name in inspect.signature(called).parameters if name != "self"]
        assert f"client.{resource}.{method}(" in section
        assert f"`{operation.method} {operation.path}`, operation `{operation.id}`" in section
        assert ("- Safe: " in section) == (operation.method == "GET" or known.safe), operation
        assert all(f"`{scope}`" in section for scope in known.scopes), operation
        assert section.count("- Limit: ") == len(known.limits), operation


def test_a_refusal_leads_to_the_error_of_its_status() -> None:
    found = set(re.findall(r"\[`(\w+)`\]\(\.\./errors\.md#(\w+)\) \((\d+)\)", "\n".join(PAGES.values())))
    assert len(found) > 3
    for name, anchor, status in found:
        kind = _BY_STATUS.get(int(status), errors.ServerError if int(status) >= 500 else errors.StatusError)
        assert (name, anchor) == (kind.__name__, kind.__name__.lower())


def test_each_field_and_member_is_there() -> None:
    for name in models.__all__:
        found, section = getattr(models, name), sections()[name]
        if issubclass(found, Model):
            assert first_column(section) == [each.argument for each in fields_of(found)], name
        else:
            assert issubclass(found, Enum)
            assert all(f"`{member.name}`" in section for member in found), name


def test_the_overview_has_each_operation_once() -> None:
    for operation in pinned():
        resource, method, _ = located()[operation.id]
        (line,) = re.findall(rf"^- \[`client\.{resource}\.{method}`\].*$", OVERVIEW, re.MULTILINE)
        assert line.endswith(f"`{operation.method} {operation.path}`")


def anchors(path: Path) -> set[str]:
    return {heading(title) for title in re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.MULTILINE)}


def test_the_links_lead_somewhere() -> None:
    known: dict[Path, set[str]] = {}
    pages = {PROJECT.reference / name: text for name, text in ALL.items()}
    for page, text in {**pages, PROJECT.overview: OVERVIEW}.items():
        for target in set(re.findall(r"(?<!\\)\]\(([^)]+)\)", text)):
            name, _, anchor = target.partition("#")
            file = (page.parent / name).resolve() if name else page
            assert file.exists(), f"{page.name}: {target}"
            if file not in known:
                known[file] = anchors(file)
            assert not anchor or anchor in known[file], f"{page.name}: {target}"


def test_no_two_headings_of_a_page_have_the_same_anchor() -> None:
    for name, text in ALL.items():
        found = [heading(title) for title in re.findall(r"^#+ (.+)$", text, re.MULTILINE)]
        assert len(found) == len(set(found)), name


def test_the_examples_are_calls_that_the_service_understands() -> None:
    seeded = SeededSandbox()
    seeded.sandbox.service.rate_limits = False
    client = seeded.sandbox.client(max_retries=0)
    examples = [block for text in PAGES.values() for block in re.findall(r"^```python\n(.*?)^```$", text, re.M | re.S)]
    assert len(examples) == len(located())
    refused = []
    for example in examples:
        try:
            exec(compile(example, "example", "exec"), {"client": client, "print": lambda *_: None})
        except errors.APIError as error:
            # What it names is not in the sandbox; all else was in order, or the sandbox would have said that first.
            if not NOT_THERE.search(str(error)):
                refused.append(str(error))
    # A new operation may have rules that no keyword of the document says.
    assert len(refused) <= len(examples) // 50, refused


def test_the_hand_written_help_is_on_the_one_page() -> None:
    overview = (PROJECT.root / "api.md").read_text("utf-8")
    for name in HELPER_NAMES:
        assert f".{name}`]" in overview
    assert "- [`client.workspaces`]" in overview


def exported() -> list[tuple[str, Any]]:
    """The hand-written classes and functions that the package and its modules export, each with its module: what the
    package exports too is at home there.
    """
    found = {name: getattr(instantly_client, name) for name in instantly_client.__all__}
    modules = {f"{PACKAGE}.{name}": each for name, each in found.items() if inspect.ismodule(each)}
    homes: dict[Any, str] = {}
    for module, each in {PACKAGE: instantly_client, **modules}.items():
        if each not in (models, params):
            homes |= dict.fromkeys((getattr(each, name) for name in each.__all__), module)
    return [(module, each) for each, module in homes.items() if inspect.isclass(each) or inspect.isfunction(each)]


def own_section(module: str, title: str) -> str:
    (section,) = re.findall(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", OWN[f"{module}.md"], re.MULTILINE | re.DOTALL)
    return str(section)


def test_each_class_and_function_of_the_package_is_there_once_and_listed() -> None:
    titles = [
        (page.removesuffix(".md"), title)
        for page, text in OWN.items()
        for title in re.findall(r"^## (.+)$", text, re.M)
    ]
    there = [(module, each.__name__ if inspect.isclass(each) else f"`{each.__name__}`") for module, each in exported()]
    assert sorted(titles) == sorted(there)
    for module, each in exported():
        link = f"[`{each.__name__}`](#{heading(each.__name__)})"
        assert OWN[f"{module}.md"].count(link) >= 1, link
        assert f"[`{each.__name__}`](docs/reference/{module}.md#{heading(each.__name__)})" in OVERVIEW
    assert all(f"]({page})" in PAGES["README.md"] for page in OWN)


def test_each_method_attribute_and_argument_of_the_package_is_there() -> None:
    for module, each in exported():
        if not inspect.isclass(each):
            section = own_section(module, f"`{each.__name__}`")
            assert first_column(section) == [*inspect.signature(each).parameters], each
            continue
        section = own_section(module, each.__name__)
        methods = [name for name, value in vars(each).items() if callable(value) or isinstance(value, classmethod)]
        assert all(f"### `{each.__name__}.{name}`" in section for name in methods if not name.startswith("_")), each
        named = [*getattr(each, "_fields", ()), *(field.name for field in getattr(each, "__attrs_attrs__", ()))]
        own = {name for name in named if name in each.__annotations__ and not name.startswith("_")}
        assert own <= {*first_column(section)}, each
