"""Give everything its Python name, from the registry where it has one, by derivation where it is new.

`openapi/names.toml` is the registry. Its keys are what is stable in the vendor's document: tags, operationIds, and the
places of objects and enumerations. A name in it never changes by itself; a name that is derived is a proposal, which
the caller reports and may record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from keyword import iskeyword
from types import MappingProxyType
from typing import Any

from scripts.lib.identifiers import MAX_LENGTH, identifier, pascal_case, snake_case, tell_apart, usable
from scripts.lib.report import Finding
from scripts.naming.shapes import Shape
from scripts.spec.document import Document, operations
from scripts.spec.normalise.types import label_key
from scripts.spec.registry import Registry

RESERVED = {
    *("Any", "ClassVar", "Drift", "FailureWhen", "False", "IntEnumeration", "Limit", "ListOf", "MapOf", "Mapping"),
    *("Model", "None", "Nullable", "OneOf", "Operation", "Self", "Sequence", "StrEnumeration", "True", "Unset"),
}
VERBS = {"list": "list", "get": "get", "create": "create", "patch": "update", "update": "update", "delete": "delete"}


@dataclass
class Proposals:
    """The names that were derived because the registry has none, in the registry's own form.

    `contradictions` are names on record that could not be given.
    """

    names: Registry = field(default_factory=Registry)
    contradictions: list[Finding] = field(default_factory=list)

    def lines(self) -> list[str]:
        """One line a proposal, for people."""
        lines = [f"resource  {tag} -> client.{name}" for tag, name in self.names.resources.items()]
        lines += [f"operation {key} -> {name}" for key, name in self.names.operations.items()]
        places: dict[str, list[str]] = {}
        for place, name in self.names.classes.items():
            places.setdefault(name, []).append(place)
        lines += [
            f"class     {first}{f' and {len(rest)} more' if rest else ''} -> {name}"
            for name, (first, *rest) in places.items()
        ]
        for section, kind in ((self.names.fields, "field "), (self.names.members, "member")):
            lines += [
                f"{kind}    {owner}: {key!r} -> {name}"
                for owner, names in section.items()
                for key, name in names.items()
            ]
        return lines


class Namer:
    """Answers every question for a name, and remembers which answers are proposals.

    `pages` are the places of the responses that are pages, `known_shapes` the classes of shapes (`Shape.key`) that may
    now be at places which are not on record.
    """

    def __init__(
        self,
        registry: Registry,
        pages: Collection[str] = (),
        known_shapes: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self._registry = registry
        self._pages = pages
        self._known_shapes = known_shapes
        self._taken: set[str] = {snake_case(name) for name in registry.classes.values()}
        self._forms: dict[str, Any] = {}
        self.proposals = Proposals()

    def resources(self, document: Document) -> dict[str, str]:
        """Tag -> attribute of the client, for the tags that operations are under."""
        recorded = self._registry.resources
        alone: dict[str, str] = {}
        for operation in operations(document):
            tag = primary_tag(operation.raw)
            if (known := recorded.get(tag)) in CLIENT_NAMES:
                self._contradict(tag, known, "every client has something else under this name")
            alone[tag] = known or usable(_plural(identifier(tag)[: MAX_LENGTH - 16]), CLIENT_NAMES)
        new = tell_apart({tag: name for tag, name in alone.items() if tag not in recorded}, recorded.values())
        self.proposals.names.resources = new
        return {tag: recorded.get(tag) or new[tag] for tag in alone}

    def methods(self, document: Document) -> dict[str, str]:
        """OperationId -> method, unique within its resource."""
        names: dict[str, str] = {}
        resources = self.resources(document)
        every = list(operations(document))
        taken: dict[str, set[str]] = {resource: set() for resource in resources.values()}
        for alias in self.aliases(document):
            resource, _, method = alias.partition(".")
            taken.setdefault(resource, set()).add(method)
        for operation in every:
            known = self._registry.operations.get(operation.id)
            of_resource = taken[resources[primary_tag(operation.raw)]]
            if known in of_resource:
                self._contradict(operation.id, known, "another operation of the resource is called so")
            elif known:
                of_resource.add(known)
        for operation in every:
            known = self._registry.operations.get(operation.id)
            tag = primary_tag(operation.raw)
            of_resource = taken[resources[tag]]
            names[operation.id] = known or _unused(method_name(operation.id, tag), of_resource)
            of_resource.add(names[operation.id])
            if not known:
                self.proposals.names.operations[operation.id] = names[operation.id]
        return names

    def aliases(self, document: Document) -> dict[str, str]:
        """`resource.method` -> operationId, of the calls on record outside their operation's own resource."""
        resources = self.resources(document)
        of_operation = {operation.id: resources[primary_tag(operation.raw)] for operation in operations(document)}
        return {
            alias: id_
            for alias, id_ in self._registry.aliases.items()
            if id_ in of_operation and of_operation[id_] != alias.partition(".")[0]
        }

    def classes(self, shape: Shape) -> dict[str, str]:
        """Place -> class, for the places of one shape."""
        if self.is_internal(shape):
            return {place: self._unused_class([_shortened(pascal_case(place))]) for place in shape.places}
        on_record: dict[str, str] = {}
        for place in shape.places:
            name = self._registry.classes.get(place)
            if name is not None and self._fits(name, shape):
                on_record[place] = name
            elif name is not None:
                self._contradict(place, name, "other places of this class have something else there")
        known = self._known_shapes.get(shape.key, "")
        if on_record and _is_telling(shape):
            default = next(iter(on_record.values()))
        elif known and _is_telling(shape) and self._fits(known, shape):
            default = known
        else:
            alike = {_last_word(place): name for place, name in on_record.items()}
            new = [place for place in shape.places if place not in on_record]
            on_record |= {place: alike[word] for place in new if (word := _last_word(place)) in alike}
            new = [place for place in new if place not in on_record]
            default = self._unused_class(_class_candidates(new[0])) if new else ""
        recorded = self._registry.classes
        named = {place: on_record.get(place, default) for place in shape.places}
        self.proposals.names.classes.update(
            {place: name for place, name in named.items() if recorded.get(place) != name}
        )
        return named

    def _contradict(self, key: str, name: str, because: str) -> None:
        why = "a class or a call would change under its users; give the place or the operation another name on record"
        self.proposals.contradictions.append(Finding(key, f"cannot be {name}: {because}", why))

    def is_internal(self, shape: Shape) -> bool:
        """Whether a shape is no class of the client: a whole body becomes arguments, a page becomes `Page`."""
        return all(place.endswith(":body") or place in self._pages for place in shape.places)

    def _fits(self, name: str, shape: Shape) -> bool:
        """Whether a shape can be part of the class on record: the registry may unite shapes, but not contradictions."""
        form = json.loads(shape.key)
        known = self._forms.setdefault(name, form)
        if known["type"] != form["type"]:
            return False
        fields, more = (
            {field: _without_mark(type_) for field, type_ in each.get("properties", {}).items()}
            for each in (known, form)
        )
        if any(fields.get(field, type_) != type_ for field, type_ in more.items()):
            return False
        known["properties"] = fields | more
        return True

    def _unused_class(self, candidates: Iterable[str]) -> str:
        """The first of the candidates, or of the last one numbered, whose module is not taken."""
        candidate = ""
        for candidate in candidates:
            if self._take(candidate):
                return candidate
        return next(name for number in count(2) if self._take(name := f"{candidate[: MAX_LENGTH - 4]}{number}"))

    def _take(self, name: str) -> bool:
        if snake_case(name) in self._taken or name in RESERVED:
            return False
        self._taken.add(snake_case(name))
        return True

    def attributes(self, owner: str, fields: Collection[str], reserved: Collection[str]) -> dict[str, str]:
        """Field -> attribute of a class, or argument of an operation; unique within `owner`, none of `reserved`."""
        on_record = self._registry.fields.get(owner, {})
        alone = {name: usable(identifier(name)[:MAX_LENGTH], reserved) for name in fields if name not in on_record}
        names = tell_apart(alone, {*on_record.values(), *reserved})
        if settled := {name: attribute for name, attribute in names.items() if attribute != alone[name]}:
            self.proposals.names.fields[owner] = settled
        return {name: on_record.get(name) or names[name] for name in fields}

    def members(self, owner: str, values: Collection[Any], labels: Mapping[str, str]) -> dict[Any, str]:
        """Value -> member of an enumeration, from its label or its text."""
        on_record = self._registry.members.get(owner, {})
        keys = {label_key(value): value for value in values}
        alone = {key: member_name(value, labels.get(key)) for key, value in keys.items() if key not in on_record}
        names = tell_apart(alone, on_record.values())
        if names:
            self.proposals.names.members[owner] = names
        return {value: on_record.get(key) or names[key] for key, value in keys.items()}


def _without_mark(form: Any) -> Any:
    """The form of a field, whether or not the vendor has dropped it at this place."""
    return {key: value for key, value in form.items() if key != "x-removed"} if isinstance(form, dict) else form


CLIENT_NAMES = {
    *("call", "close", "for_workspace", "page", "request", "user_agent", "with_options", "with_raw_response"),
}
MODEL_NAMES = {"additional_properties", "decode", "field", "from_dict", "self", "to_dict"}
METHOD_NAMES = {"builtins", "everything", "max_items", "operations", "require_filter", "self"}
"""Names that generated classes have, or use, already."""


def primary_tag(operation: Mapping[str, Any]) -> str:
    """The tag whose resource carries the operation: its first one."""
    return str(next(iter(operation.get("tags") or ["default"])))


def method_name(operation_id: str, tag: str) -> str:
    """A proposal for a method: the operationId without the words of its tag, the common verbs in their short form."""
    words = snake_case(operation_id).split("_")
    noun = {*snake_case(tag).split("_")}
    noun |= {_plural(word) for word in noun}
    rest = [word for index, word in enumerate(words) if word not in noun or (index == 0 and word in VERBS)] or words
    if rest[0] in VERBS:
        rest[0] = VERBS[rest[0]]
    if len(rest) > 1 and rest[0] == "get":
        rest = rest[1:]
    name = identifier("_".join(rest)[:MAX_LENGTH].strip("_")).rstrip("_") or "call"
    return f"{name}_" if iskeyword(name) else name  # a builtin is a good name for a method, unlike a keyword


def member_name(value: Any, label: str | None = None) -> str:
    """A proposal for an enumeration member: a short label if there is one, else the value."""
    text = label if label and len(label) <= 40 else str(value)
    if isinstance(value, int) and text == str(value):
        text = f"VALUE_{'MINUS_' if value < 0 else ''}{abs(value)}"
    name = re.sub(r"[^A-Za-z0-9]+", "_", text).strip("_").upper()[:MAX_LENGTH].strip("_")
    if not name:
        name = "EMPTY" if not text else "VALUE"
    return f"VALUE_{name}" if name[0].isdigit() else name


def _is_telling(shape: Shape) -> bool:
    """Whether what looks the same is the same: numbers without labels can mean anything."""
    form = json.loads(shape.key)
    return form["type"] != "integer" or bool(form["labels"])


def _last_word(place: str) -> str:
    return re.split(r"[.:|]", re.sub(r"\[\]|\{\}", "", place))[-1]


def _class_candidates(place: str) -> list[str]:
    """Names for the class of a place, the shortest first."""
    root, *path = filter(snake_case, re.split(r"[.:|]", re.sub(r"\[\]|\{\}", "", place)))
    base = pascal_case(root)
    words = [pascal_case(part) for part in path if part not in ("query", "path", "header", "cookie", "body")]
    if not words:
        words = ["Body"] if path == ["body"] else [""]
    return [_shortened(base + "".join(words[-length:])) for length in range(1, len(words) + 1)]


def _shortened(name: str) -> str:
    name = name if name.isidentifier() else f"Model{name}"
    # The generator begins a word at a letter after a digit, and would rename the class.
    name = re.sub(r"(?<=[0-9])[a-z]", lambda match: match[0].upper(), name)
    return usable(name if len(name) <= MAX_LENGTH else name[:28] + name[-(MAX_LENGTH - 28) :])


def _plural(name: str) -> str:
    if name.endswith(("s", "x", "ch", "sh")):
        return name if name.endswith("s") else name + "es"
    return name[:-1] + "ies" if name.endswith("y") and name[-2:-1] not in "aeiou" else name + "s"


def _unused(name: str, taken: Iterable[str]) -> str:
    taken = set(taken)
    if name not in taken:
        return name
    stem = name[: MAX_LENGTH - 4]
    return next(numbered for number in count(2) if (numbered := f"{stem}_{number}") not in taken)
