"""Our corrections of the document: an OpenAPI Overlay 1.0 read and applied, with a reason on every action."""

from __future__ import annotations

import copy
import math
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonpath_rfc9535 as jsonpath
import yaml

from scripts.lib.report import Finding, Refused, child, refused

Document = dict[str, Any]

_WHY_VALID = "an overlay that is only half understood corrects something else than its author meant"
_WHY_REASON = "nobody can judge later whether a correction without a reason is still needed"
_WHY_COMPATIBLE = "what is in the document there would be lost without a word"


@dataclass(frozen=True)
class Action:
    """One correction: to each node that `target` selects, `update` is merged; where it is a removal, the node goes."""

    target: jsonpath.JSONPathQuery
    description: str
    remove: bool
    update: Any


@dataclass(frozen=True)
class Overlay:
    """The corrections of a document, in the order in which they apply."""

    actions: tuple[Action, ...]


def load_overlay(path: str | Path) -> Overlay:
    """The overlay in the YAML (or JSON) file `path`.

    Raises:
        Refused: the file cannot be read, or as for `read_overlay`.
    """
    try:
        raw = yaml.load(Path(path).read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise refused("overlay", f"{path} cannot be read: {_reason(error)}", _WHY_VALID) from error
    return read_overlay(raw)


class _Loader(yaml.SafeLoader):
    """A loader to which a key that comes twice is an error: of two corrections one would be lost."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if isinstance(key, Hashable) and key in keys:
                raise yaml.constructor.ConstructorError(None, None, f"found duplicate key {key!r}", key_node.start_mark)
            keys |= {key} if isinstance(key, Hashable) else set()
        return super().construct_mapping(node, deep)


def _reason(error: Exception) -> str:
    """The error in one line."""
    if isinstance(error, yaml.MarkedYAMLError) and error.problem and error.problem_mark:
        return f"{error.problem} (line {error.problem_mark.line + 1}, column {error.problem_mark.column + 1})"
    return " ".join(str(error).split())


def read_overlay(raw: object) -> Overlay:
    """The overlay that `raw`, an overlay document as plain values, describes.

    Raises:
        Refused: it is no Overlay 1.0.0 document, has keys that the specification does not know, a target that is no
            JSONPath, values that JSON does not have, or an action without a reason; all findings, with pointers into
            the overlay.
    """
    findings = list(_faults(raw))
    if findings:
        raise Refused("overlay", findings)
    assert isinstance(raw, dict)
    return Overlay(
        tuple(
            Action(
                target=jsonpath.compile(action["target"]),
                description=action["description"],
                remove=action.get("remove", False),
                update=action.get("update"),
            )
            for action in raw["actions"]
        )
    )


def apply(document: Document, overlay: Overlay) -> tuple[Document, list[Finding]]:
    """A copy of `document` with the corrections of `overlay`, and a finding for each action that matched nothing.

    An action sees what the actions before it did. An update merges objects key by key, appends to arrays and replaces
    everything else. The pointers of the findings point into the overlay; the caller decides whether they matter.

    Raises:
        Refused: an update of a scalar, a merge of unlike things, or a removal of the whole document.
    """
    corrected = copy.deepcopy(document)
    unmatched: list[Finding] = []
    faults: list[Finding] = []
    for index, action in enumerate(overlay.actions):
        pointer = child("", "actions", index)
        nodes = action.target.find(corrected)
        if not nodes:
            what = f"the target {action.target} matches nothing in the document"
            unmatched.append(Finding(pointer, what, f"this correction did not take place: {action.description}"))
        try:
            if action.remove:
                _remove(corrected, {node.location for node in nodes})
            else:
                for node in nodes:
                    _update(node.value, action.update, node.path())
        except _ActionError as error:
            faults.append(Finding(pointer, str(error), _WHY_COMPATIBLE))
    if faults:
        raise Refused("overlay", faults)
    return corrected, unmatched


class _ActionError(Exception):
    """An action asks for what cannot be done to the node that it selects."""


def _update(node: Any, update: Any, path: str) -> None:
    if isinstance(node, dict):
        if not isinstance(update, dict):
            raise _ActionError(f"{path} is an object, so its update has to be an object")
        _merge(node, update, path)
    elif isinstance(node, list):
        if isinstance(update, list):
            raise _ActionError(f"{path} is an array, so its update is the one entry to append, not an array")
        node.append(copy.deepcopy(update))
    else:
        raise _ActionError(f"{path} is neither object nor array; select the object that contains it and update that")


def _merge(node: dict[str, Any], update: dict[str, Any], path: str) -> None:
    for key, value in update.items():
        old = node.get(key)
        if isinstance(old, dict) and isinstance(value, dict):
            _merge(old, value, f"{path}[{key!r}]")
        elif isinstance(old, list) and isinstance(value, list):
            old.extend(copy.deepcopy(value))
        elif isinstance(old, dict | list):
            raise _ActionError(f"{path}[{key!r}] is of another kind than its update; remove it first, then add it anew")
        else:
            node[key] = copy.deepcopy(value)


def _remove(document: Document, locations: set[tuple[int | str, ...]]) -> None:
    # Inner nodes before outer ones and the ends of arrays before their beginnings, so that no location shifts.
    for location in sorted(locations, key=lambda keys: (len(keys), str(keys[:-1]), _index(keys)), reverse=True):
        if not location:
            raise _ActionError("the whole document cannot be removed")
        parent: Any = document
        for key in location[:-1]:
            parent = parent[key]
        del parent[location[-1]]


def _index(location: tuple[int | str, ...]) -> int:
    return location[-1] if location and isinstance(location[-1], int) else 0


def _faults(raw: object) -> Iterator[Finding]:
    if not isinstance(raw, dict):
        yield Finding("", "an overlay is an object", _WHY_VALID)
        return
    yield from _unknown_keys("", raw, {"overlay", "info", "extends", "actions"})
    if raw.get("overlay") != "1.0.0":
        yield Finding("", '`overlay` is not "1.0.0"', _WHY_VALID)
    info = raw.get("info")
    if not isinstance(info, dict) or not all(isinstance(info.get(key), str) for key in ("title", "version")):
        yield Finding("", "`info` is not an object with the texts `title` and `version`", _WHY_VALID)
    else:
        yield from _unknown_keys("/info", info, {"title", "version"})
    if not isinstance(raw.get("extends", ""), str):
        yield Finding("/extends", "`extends` is not a text", _WHY_VALID)
    actions = raw.get("actions")
    if not isinstance(actions, list) or not actions:
        yield Finding("", "`actions` is not an array with at least one entry", _WHY_VALID)
        return
    for index, action in enumerate(actions):
        yield from _action_faults(child("/actions", index), action)


def _action_faults(pointer: str, action: object) -> Iterator[Finding]:
    if not isinstance(action, dict):
        yield Finding(pointer, "an action is an object", _WHY_VALID)
        return
    yield from _unknown_keys(pointer, action, {"target", "description", "update", "remove"})
    try:
        jsonpath.compile(str(action.get("target")))  # what is no text never begins with `$`, so it is refused as well
    except jsonpath.JSONPathError as error:
        yield Finding(pointer, f"`target` is not a JSONPath query: {error.args[0]}", _WHY_VALID)
    description = action.get("description")
    if not isinstance(description, str) or not description.strip():
        yield Finding(pointer, "the action has no reason (`description`)", _WHY_REASON)
    if action.get("remove", True) is not True:
        yield Finding(child(pointer, "remove"), "`remove` can only be true", _WHY_VALID)
    if ("update" in action) == ("remove" in action):
        yield Finding(pointer, "an action has either `update` or `remove`", _WHY_VALID)
    yield from _no_json(child(pointer, "update"), action.get("update"))


def _unknown_keys(pointer: str, node: dict[Any, Any], known: set[str]) -> Iterator[Finding]:
    for key in node:
        if key not in known and not str(key).startswith("x-"):
            yield Finding(child(pointer, key), f"unknown key {key!r}", _WHY_VALID)


def _no_json(pointer: str, value: object) -> Iterator[Finding]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if not isinstance(key, str):
                yield Finding(child(pointer, key), f"the key {key!r} is not a text; write it in quotes", _WHY_VALID)
            yield from _no_json(child(pointer, key), inner)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _no_json(child(pointer, index), inner)
    elif not isinstance(value, str | int | None) and not (isinstance(value, float) and math.isfinite(value)):
        yield Finding(pointer, f"{value!r} is nothing that JSON has; write it in quotes", _WHY_VALID)
