"""Give everything its Python name, from the registry where it has one, by derivation where it is new.

`openapi/names.toml` is the registry. Its keys are what is stable in the vendor's document: tags, operationIds, and the
places of objects and enumerations. A name in it never changes by itself; a name that is derived is a proposal, which
the caller reports and may record.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from scripts.lib.identifiers import MAX_LENGTH, letters, pascal_case, snake_case, tell_apart, usable, words
from scripts.lib.report import Finding
from scripts.naming.grammar import (
    attribute_name,
    class_candidates,
    class_name,
    common_ending,
    differences,
    fitting,
    last_step,
    member_name,
    method_name,
    nouns,
    plural,
    resource_name,
    segments,
)
from scripts.naming.shapes import Shape
from scripts.spec.document import (
    Document,
    Operation,
    Schema,
    all_schemas,
    component_key,
    component_place,
    operations,
    resolve,
    root_of,
    successes,
)
from scripts.spec.normalise.types import label_key
from scripts.spec.pages import paging, resolved
from scripts.spec.registry import Registry

_RESERVED = """
    Any AsyncClient AsyncInstantly AsyncPage AsyncRawMethod AsyncRawPageMethod AsyncResource AuthenticationError
    BulkAddError BulkAddProgress BulkAddResult CallEnd Canceller ClassVar ClientClosedError ConfigurationError
    ConflictError DecodeError Drift DriftError DriftEvent DryRun EdgeBlockedError Event FailureWhen Fallback False
    Flag ImportReport ImportedRow Instantly InstantlyError IntEnumeration JobFailedError Limit Limiter ListOf
    LocalLimiter MapOf Mapping Mass Model None NotFoundError Nullable Obstacle OneOf OpenModel Operation
    OperationFailedError Page Paging Paid Param PathLike PayloadTooLargeError PaymentRequiredError
    PermissionDeniedError RateLimitError RawInstantly RawMethod RawResource RawResponse RedisLimiter RemovedField
    RemovedMembers Required Resource Routes RowImportError Self Sequence ServerError StatusError StrEnumeration
    StreamedResponse SubWorkspace SyncClient True TypedDict Unset ValidationError VerifiedAddress VerifyManyError
    WaitTimeoutError Watcher WebhookParseError WebhookVerificationError
"""
RESERVED = frozenset(_RESERVED.split())
"""Classes that generated modules import, or a program imports from the client: none of the document is called so."""


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
    now be at places which are not on record. `components` are the places of components, whose names no other class
    gets, and `removed` the roots of places that the vendor has removed.
    """

    def __init__(
        self,
        registry: Registry,
        pages: Collection[str] = (),
        known_shapes: Mapping[str, str] = MappingProxyType({}),
        components: Collection[str] = (),
        removed: Collection[str] = (),
    ) -> None:
        self._registry = registry
        self._pages = pages
        self._known_shapes = known_shapes
        self._taken: set[str] = {snake_case(name) for name in registry.classes.values()}
        self._forms: dict[str, Any] = {}
        self._calls: dict[str, tuple[str, str]] = {}
        self._items: dict[str, str] = {}
        self._resources_of: dict[str, set[str]] = {}
        self._only_bodies: set[str] = set()
        self._numbers: dict[tuple[str, str], set[str]] = {}
        self._components = {snake_case(class_name(place)): place for place in components}
        self._removed = removed
        self.proposals = Proposals()

    def resources(self, document: Document) -> dict[str, str]:
        """Tag -> attribute of the client, for the tags that operations are under."""
        recorded = self._registry.resources
        paths: dict[str, list[str]] = {}
        for operation in operations(document):
            paths.setdefault(primary_tag(operation), []).append(operation.path)
        alone: dict[str, str] = {}
        for tag, mine in paths.items():
            if (known := recorded.get(tag)) in CLIENT_NAMES:
                self._contradict(tag, known, "every client has something else under this name")
            others = [path for other, theirs in paths.items() if other != tag for path in theirs]
            if not known:
                name = resource_name(tag, mine, others)
                alone[tag] = usable(plural(name) if pascal_case(name) in RESERVED else name, CLIENT_NAMES)
        self.proposals.names.resources = new = tell_apart(alone, recorded.values())
        return {tag: recorded.get(tag) or new[tag] for tag in paths}

    def methods(self, document: Document) -> dict[str, str]:
        """OperationId -> method, unique within its resource."""
        resources = self.resources(document)
        every = list(operations(document))
        of_resource: dict[str, list[Operation]] = {resource: [] for resource in resources.values()}
        for operation in every:
            of_resource[resources[primary_tag(operation)]].append(operation)
        names: dict[str, str] = {}
        for resource, mine in of_resource.items():
            aliases = [alias for alias in self.aliases(document) if alias.startswith(f"{resource}.")]
            taken = {alias.partition(".")[2] for alias in aliases} | HELPER_NAMES
            for operation in mine:
                known = self._registry.operations.get(operation.id)
                if known in taken:
                    self._contradict(operation.id, known, "another operation of the resource is called so")
                elif known:
                    taken.add(known)
            names |= self._new_methods(document, resource, mine, taken)
        self.proposals.names.operations = {each.id: names[each.id] for each in every if each.id in names}
        names |= {each.id: self._registry.operations[each.id] for each in every if each.id not in names}
        for each in every:
            keys = how.items if (how := paging(document, each)) else ("items",)
            self._items[each.id] = ".".join([f"{each.id}:response", *keys]) + "[]"
        self._calls = {each.id: (resources[primary_tag(each)], names[each.id]) for each in every}
        refers: dict[str, set[str]] = {}
        used_at: dict[str, set[bool]] = {}
        for place, schema in all_schemas(document):
            if "$ref" in schema:
                component = component_place(component_key(schema["$ref"]), resolve(document, schema))
                refers.setdefault(root_of(place), set()).add(component)
                used_at.setdefault(component, set()).add(place.endswith(":body"))
        self._only_bodies = {component for component, of_bodies in used_at.items() if of_bodies == {True}}
        for each in every:
            roots = [each.id]
            for root in roots:
                self._resources_of.setdefault(root, set()).add(resources[primary_tag(each)])
                roots += refers.get(root, set()).difference(roots)
        return {each.id: names[each.id] for each in every}

    def _new_methods(
        self, document: Document, resource: str, every: list[Operation], taken: set[str]
    ) -> dict[str, str]:
        """OperationId -> method, for the operations of one resource that have none on record."""
        tags: dict[str, list[str]] = {}
        for operation in every:
            tags.setdefault(primary_tag(operation), []).append(operation.path)
        known_words = {tag: nouns(tag, resource, paths) for tag, paths in tags.items()}
        recorded = self._registry.operations
        alone = {
            operation.id: recorded.get(operation.id)
            or method_name(operation, known_words[primary_tag(operation)], lists=_lists(document, operation))
            for operation in every
        }
        names: dict[str, str] = {}
        for operation in sorted(every, key=lambda operation: _precedence(operation, alone[operation.id])):
            if operation.id in recorded:
                continue
            name = alone[operation.id]
            if name in taken:
                rivals = [other for other in every if other is not operation and alone[other.id] == name]
                others = differences(operation, name, rivals)
                name = next(other for other in others if other not in {*taken, *alone.values()})
            taken.add(name)
            names[operation.id] = name
        return names

    def aliases(self, document: Document) -> dict[str, str]:
        """`resource.method` -> operationId, of the calls on record outside their operation's own resource."""
        resources = self.resources(document)
        of_operation = {operation.id: resources[primary_tag(operation)] for operation in operations(document)}
        return {
            alias: id_
            for alias, id_ in self._registry.aliases.items()
            if id_ in of_operation and of_operation[id_] != alias.partition(".")[0]
        }

    def classes(self, shape: Shape) -> dict[str, str]:
        """Place -> class, for the places of one shape."""
        if self.is_internal(shape):
            return {place: self._unused_class([pascal_case(place)], place) for place in shape.places}
        named: dict[str, str] = {}
        for place in shape.places:
            name = self._registry.classes.get(place)
            if name is not None and self._fits(name, shape):
                named[place] = name
            elif name is None and self._was_there(place, shape):
                named[place] = self._known_shapes[place]
            elif name is not None:
                self._contradict(place, name, "other places of this class have something else there")
        known = next(iter(named.values()), self._known_shapes.get(shape.key, ""))
        alike = {last_step(place): name for place, name in named.items()}
        new: dict[str, list[str]] = {}
        own = self._with_a_class_of_their_own(shape, known, named)
        elsewhere = self._answers_elsewhere(shape, known, named)
        apart = {*own, *(place for places in elsewhere for place in places)}
        for place in shape.places:
            if place not in named and place not in apart:
                new.setdefault("" if _is_telling(shape) else last_step(place), []).append(place)
        for step, places in new.items():
            if _is_telling(shape) and known and (named or self._fits(known, shape)):
                name = known
            else:
                name = alike.get(step) or self._of_the_same_numbers(shape, step) or self._new_class(shape, places)
            named |= dict.fromkeys(places, name)
        for places in [*([place] for place in own), *elsewhere]:
            named |= dict.fromkeys(places, self._new_class(shape, places))
        if _is_telling(shape) and shape.schema["type"] == "integer":
            for place in shape.places:
                self._numbers.setdefault((_values(shape), last_step(place)), set()).add(named[place])
        recorded = self._registry.classes
        self.proposals.names.classes |= {place: name for place, name in named.items() if recorded.get(place) != name}
        return {place: named[place] for place in shape.places}

    def _with_a_class_of_their_own(self, shape: Shape, known: str, named: Mapping[str, str]) -> list[str]:
        """The new components of a shape other than the one that has, or gets, the class of the shape.

        What has replaced a component that the vendor has removed is still the same.
        """
        there = [p for p in sorted(shape.places) if p in self._components.values() and p not in self._removed]
        new = [place for place in there if place not in named]
        return new if any(named.get(place) == known for place in there) else new[1:]

    def _answers_elsewhere(self, shape: Shape, known: str, named: Mapping[str, str]) -> list[list[str]]:
        """The new answers written out in place that only look like what another resource has, by resource.

        Where no other resource has had the class before, its name is that of the first.
        """
        answers: dict[str, list[str]] = {}
        for place in sorted(shape.places):
            was_this = place in named or (known and self._known_shapes.get(place) == known)
            if self._is_answer(place) and not was_this and "enum" not in shape.schema:
                answers.setdefault(self._calls.get(root_of(place), ("", ""))[0], []).append(place)
        others = {*shape.places}.difference(*answers.values())
        others |= {place for place, name in self._registry.classes.items() if name == known}
        home = {resource for place in others for resource in self._resources_of.get(root_of(place), ())}
        away = [places for resource, places in answers.items() if resource and resource not in home]
        return away if others else away[1:]

    def _is_answer(self, place: str) -> bool:
        return self._without_page(place).endswith((":response", ":response[]"))

    def _was_there(self, place: str, shape: Shape) -> bool:
        """Whether a place had a class before, by a reference, and what is written out there now is much like it."""
        name = self._known_shapes.get(place, "")
        if name not in self._forms:
            return False
        fields = json.loads(shape.key).get("properties", {}).keys()
        known = self._forms[name].get("properties", {}).keys()
        return 2 * len(fields & known) >= len(fields | known) and self._fits(name, shape)

    def _of_the_same_numbers(self, shape: Shape, step: str) -> str:
        """The class of an enumeration of the same numbers that is the same, if there is one."""
        if shape.schema["type"] != "integer":
            return ""
        if not _is_telling(shape):  # one that says what they mean, in a field of the same name
            found = {*self._numbers.get((_values(shape), step), ())}
            return found.pop() if len(found) == 1 else ""
        labels = shape.schema["x-enumDescriptions"]
        members = {label_key(value): member_name(value, labels.get(label_key(value))) for value in shape.schema["enum"]}
        steps = {re.split("[.:]", place, maxsplit=1)[1] for place in shape.places if place.count(".") > 1}
        for place, name in self._registry.classes.items():
            known = self._registry.members.get(name, {})
            at_the_same_steps = known.keys() == members.keys() and re.split("[.:]", place, maxsplit=1)[-1] in steps
            if known == members or at_the_same_steps:
                return name
        return ""

    def _new_class(self, shape: Shape, places: list[str]) -> str:
        """A class for these places of a shape, called after the place that says most."""

        def parent(place: str) -> str:
            return self._registry.classes.get(place.rpartition(".")[0], "")

        def call(place: str) -> tuple[str, str]:
            return self._calls.get(root := place.partition(":")[0], (root, "get"))

        def order(place: str) -> tuple[Any, ...]:
            root = root_of(place)
            steps = len(re.split(r"[.:|]", place))
            answer = self._is_answer(place)
            return (
                root in self._removed,
                # A whole body becomes arguments: nobody sees a class there.
                place.endswith(":body"),
                place != root,
                not answer and not parent(place),
                ":" in place,
                not answer,
                steps,
                0 if ":" in place else len(words(root)),
                len(call(place)[1]),
                place,
            )

        first = min(places, key=order)
        several = len({*map(last_step, places)}) > 1 and not self._is_answer(first)
        last = common_ending(places) if several else ""
        candidates = class_candidates(self._without_page(first), call(first), parent=parent(first), last=last)
        return self._unused_class(candidates, first, enumeration="enum" in shape.schema)

    def _without_page(self, place: str) -> str:
        """The place as if the items of a list were all that its operation answers with."""
        root = place.partition(":")[0]
        items = self._items.get(root, f"{root}:response.items[]")
        return f"{root}:response[]{place.removeprefix(items)}" if place.startswith(items) else place

    def _contradict(self, key: str, name: str, because: str) -> None:
        why = "a class or a call would change under its users; give the place or the operation another name on record"
        self.proposals.contradictions.append(Finding(key, f"cannot be {name}: {because}", why))

    def is_internal(self, shape: Shape) -> bool:
        """Whether a shape is no class of the client: a whole body becomes arguments, a page becomes `Page`."""
        return all(
            place.endswith(":body")
            or place in self._pages
            or (place in self._only_bodies and "enum" not in shape.schema)
            for place in shape.places
        )

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

    def _unused_class(self, candidates: Iterable[str], place: str, *, enumeration: bool = False) -> str:
        """The first of the candidates that is not too long and whose module is not taken."""
        every = list(candidates)
        every.append(every[0] + ("Value" if enumeration else "Object"))
        fit = [name for name in every if len(name) <= MAX_LENGTH]
        last = [word.capitalize() for word in words(every[-1])]
        fit += [fitting(last, "", keep={word}) for word in ("", *last)]
        fit.append(fitting(last, "", MAX_LENGTH - 8) + letters(place).capitalize())
        return next(name for name in map(class_name, fit) if self._take(name, place))

    def _take(self, name: str, place: str) -> bool:
        module = snake_case(name)
        of_component = module in self._components and self._components[module] != place
        if module in self._taken or of_component or name in RESERVED:
            return False
        self._taken.add(module)
        return True

    def attributes(self, owner: str, fields: Collection[str], reserved: Collection[str]) -> dict[str, str]:
        """Field -> attribute of a class, or argument of an operation; unique within `owner`, none of `reserved`."""
        on_record = self._registry.fields.get(owner, {})
        new = [name for name in fields if name not in on_record]
        alone = _apart(new, lambda name, keep: usable(attribute_name(name, keep), reserved))
        names = tell_apart(alone, {*on_record.values(), *reserved})
        if settled := {name: attribute for name, attribute in names.items() if attribute != alone[name]}:
            self.proposals.names.fields[owner] = settled
        return {name: on_record.get(name) or names[name] for name in fields}

    def members(self, owner: str, values: Collection[Any], labels: Mapping[str, str]) -> dict[Any, str]:
        """Value -> member of an enumeration, from its label or its text."""
        on_record = self._registry.members.get(owner, {})
        keys = {label_key(value): value for value in values}
        new = [key for key in keys if key not in on_record]
        alone = _apart(new, lambda key, keep: member_name(keys[key], labels.get(key), keep))
        names = tell_apart(alone, on_record.values())
        if names:
            self.proposals.names.members[owner] = names
        return {value: on_record.get(key) or names[key] for key, value in keys.items()}


def _apart(texts: Iterable[str], spelled: Callable[[str, Collection[str]], str]) -> dict[str, str]:
    """Text -> name as it is `spelled`: of texts that get one name, with the words in which they differ to keep."""
    alone: dict[str, str] = {text: spelled(text, ()) for text in texts}
    alike: dict[str, list[str]] = {}
    for text, name in alone.items():
        alike.setdefault(name, []).append(text)
    for some in alike.values():
        shared = {*words(some[0])}.intersection(*map(words, some))
        alone |= {text: spelled(text, {*words(text)} - shared) for text in some if len(some) > 1}
    return alone


def _without_mark(form: Any) -> Any:
    """The form of a field, whether or not the vendor has dropped it at this place."""
    return {key: value for key, value in form.items() if key != "x-removed"} if isinstance(form, dict) else form


CLIENT_NAMES = {
    *("call", "close", "for_workspace", "page", "request", "user_agent", "with_options", "with_raw_response"),
    *("with_streaming_response", "workspaces"),
}
HELPER_NAMES = {
    *("add_many", "check", "ensure", "import_rows", "quote", "verify_many", "wait", "why_not_sending"),
}
MODEL_NAMES = {"additional_properties", "datetime", "decode", "field", "from_dict", "self", "to_dict", "to_json"}
MAPPING_NAMES = {"get", "items", "keys", "values"}
METHOD_NAMES = {
    *("builtins", "confirm", "cookies", "everything", "max_items", "operations", "plain_text", "self", "warn_removed"),
}
"""Names that generated classes have, or use, already."""


def names_of_model(schema: Schema) -> set[str]:
    """The names that the class of an object has already: one with further fields is a mapping."""
    return MODEL_NAMES | (MAPPING_NAMES if schema.get("additionalProperties") not in (None, False) else set())


def primary_tag(operation: Operation) -> str:
    """The tag whose resource carries the operation: its first one, or else the first segment of its path."""
    fixed = [segment for segment in segments(operation.path) if words(segment) and "{" not in segment]
    return str(next(iter([*(operation.raw.get("tags") or []), *fixed, "default"])))


def _lists(document: Document, operation: Operation) -> bool:
    """Whether an operation answers with a list, whole or in pages."""
    _, response = successes(operation)[0]
    schemas = [media.get("schema", {}) for media in resolve(document, response).get("content", {}).values()]
    return paging(document, operation) is not None or any(
        resolved(document, schema).get("type") == "array" for schema in schemas
    )


def _precedence(operation: Operation, name: str) -> tuple[Any, ...]:
    """The order in which operations take a name: what is still there, is of one thing, and has the verb itself."""
    other_verb = words(operation.id)[0] != name.partition("_")[0]
    return "x-removed" in operation.raw, "{" not in operation.path, other_verb, operation.path, operation.method


def _values(shape: Shape) -> str:
    return str(sorted(shape.schema.get("enum", [])))


def _is_telling(shape: Shape) -> bool:
    """Whether what looks the same is the same: numbers without labels can mean anything."""
    form = json.loads(shape.key)
    return form["type"] != "integer" or bool(form["labels"])
