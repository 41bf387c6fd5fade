"""The ways in which a vendor changes a document, each as a function from one version to the next.

A revision takes a document and a chooser, which says where it happens, and gives a changed copy with what that means
to those who use the client. Where it cannot happen at all it raises `NoPlaceError`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, Literal

from scripts.lib.identifiers import identifier, snake_case
from scripts.naming.hoist import NamedDocument
from scripts.naming.names import primary_tag
from scripts.spec.document import (
    METHODS,
    SCHEMA_REF,
    Document,
    Operation,
    Schema,
    all_schemas,
    component_key,
    component_place,
    component_title,
    map_schema,
    operations,
    resolve,
)
from scripts.spec.normalise.types import label_key

Effect = Literal["breaking", "behaviour", "additive", "prose", "none"]
Kind = Literal["", "operation", "argument", "field", "value", "resource"]

Chooser = Callable[[Sequence[str]], str]
"""Takes one of the places, names or forms that are possible."""


@dataclass(frozen=True)
class Expected:
    """What a revision means to users when what is dropped is kept: its worst effect, and on what, if on one thing.

    `subject` is a place of the document: `getRobot`, `listRobot:query.limit`, `Robot.name`, `Robot.status=1`.
    """

    effect: Effect
    kind: Kind = ""
    subject: str = ""

    def in_python(self, named: NamedDocument) -> str:
        """The subject as users write it, "" where they have no name for it."""
        if self.kind == "resource":
            return f"client.{named.resources[self.subject]}"
        if self.kind == "value":
            place, _, key = self.subject.partition("=")
            owner = named.class_at[place]
            return next(f"{owner}.{name}" for value, name in named.members[owner].items() if label_key(value) == key)
        if self.kind == "field":
            place, _, name = self.subject.rpartition(".")
            owner = named.class_at[place]
            return "" if owner in named.internal else f"{owner}.{named.attributes[owner][name]}"
        if self.kind in ("operation", "argument"):
            id_, _, rest = self.subject.partition(":")
            operation = next(each for each in operations(named.document) if each.id == id_)
            call = f"client.{named.resources[primary_tag(operation)]}.{named.methods[id_]}"
            place, _, name = rest.partition(".")
            equals = "" if place == "path" else "="
            return f"{call}({named.attributes[id_][name]}{equals})" if rest else call
        return ""


class NoPlaceError(Exception):
    """The document has no place for a revision."""


Revised = tuple[Document, Expected]
Revision = Callable[[Document, Chooser], Revised]

REVISIONS: dict[str, Revision] = {}
"""Every kind of change that leaves a sound document."""
BROKEN: dict[str, Revision] = {}
"""Every kind of mistake that makes a document unfit."""


def first(options: Sequence[str]) -> str:
    """The chooser that takes what comes first."""
    return options[0]


def at(*wanted: str) -> Chooser:
    """The chooser that takes one after the other of `wanted`, each of which must be possible; then what comes first."""
    left = list(wanted)

    def choose(options: Sequence[str]) -> str:
        if not left:
            return options[0]
        assert left[0] in options, f"{left[0]!r} is none of {list(options)}"
        return left.pop(0)

    return choose


def _in(table: dict[str, Revision]) -> Callable[[Callable[[Document, Chooser], Expected]], Revision]:
    """Make a revision of a function that changes the document in place."""

    def decorate(change: Callable[[Document, Chooser], Expected]) -> Revision:
        def checked(choose: Chooser) -> Chooser:
            def choice(options: Sequence[str]) -> str:
                if not options:
                    raise NoPlaceError(change.__name__)
                return choose(options)

            return choice

        @wraps(change)
        def revise(document: Document, choose: Chooser = first) -> Revised:
            document = copy.deepcopy(document)
            return document, change(document, checked(choose))

        table[change.__name__] = revise
        return revise

    return decorate


revision = _in(REVISIONS)
broken = _in(BROKEN)


def back_to(earlier: Document) -> Revision:
    """The revision that takes everything back that was done since `earlier`."""

    def revise(document: Document, choose: Chooser = first) -> Revised:
        return copy.deepcopy(earlier), Expected("behaviour")

    return revise


# --- Operations ---


@revision
def operation_added(document: Document, choose: Chooser) -> Expected:
    taken = {identifier(id_) for id_ in _operations(document)}
    tag = choose(_tags(document))
    # Some of these would be called like a method that is there.
    ids = ["diagnoseRobot", "getRobots", "updateRobot", "createRobot", "robot", "listRobotArms", "enlist"]
    id_ = choose([id_ for id_ in ids if identifier(id_) not in taken])
    raw = {
        "operationId": id_,
        "summary": "Do something new",
        "tags": [tag],
        "responses": {"204": {"description": "Done."}},
    }
    document["paths"].setdefault(f"/api/new/{id_}", {})["post"] = raw
    return Expected("additive", "operation", id_)


@revision
def operation_removed(document: Document, choose: Chooser) -> Expected:
    there = _operations(document)
    id_ = choose(list(there) if len(there) > 1 else [])
    del document["paths"][there[id_].path][there[id_].method]
    if not document["paths"][there[id_].path].keys() & {*METHODS}:
        del document["paths"][there[id_].path]
    return Expected("behaviour", "operation", id_)


@revision
def operation_renamed(document: Document, choose: Chooser) -> Expected:
    there = _operations(document)
    id_ = choose(list(there))
    taken = {identifier(other) for other in there}
    new = choose([n for n in (f"{id_}V2", "inspectRobot", "getRobots", "do&go") if identifier(n) not in taken])
    there[id_].raw["operationId"] = new
    return Expected("prose", "operation", id_)


@revision
def operation_retagged(document: Document, choose: Chooser) -> Expected:
    there = _operations(document)
    id_ = choose(list(there))
    raw = there[id_].raw
    raw["tags"] = [choose([tag for tag in [*_tags(document), "Workshop"] if tag != primary_tag(there[id_])])]
    return Expected("additive", "operation", id_)


@revision
def tag_renamed(document: Document, choose: Chooser) -> Expected:
    tags = _tags(document)
    old = choose(tags)
    new = choose([tag for tag in ("Automaton", "Golem", f"{old} V2") if tag not in tags])
    for operation in operations(document):
        operation.raw["tags"] = [new if tag == old else tag for tag in operation.raw.get("tags", ["default"])]
    for tag in document.get("tags", []):
        tag["name"] = new if tag["name"] == old else tag["name"]
    return Expected("none", "resource", old)


@revision
def operation_moved(document: Document, choose: Chooser) -> Expected:
    there = _operations(document)
    id_ = choose(list(there))
    path, method, raw = there[id_]
    shared = document["paths"][path].get("parameters")
    new = next(p for n in range(2, 99) if (p := f"/v{n}{path}") not in document["paths"])
    del document["paths"][path][method]
    if not document["paths"][path].keys() & {*METHODS}:
        del document["paths"][path]
    document["paths"][new] = {method: raw, **({"parameters": copy.deepcopy(shared)} if shared else {})}
    return Expected("behaviour", "operation", id_)


@revision
def scopes_changed(document: Document, choose: Chooser) -> Expected:
    there = _operations(document)
    id_ = choose(list(there))
    raw = there[id_].raw
    told = raw.get("description", "")
    if told.startswith("Requires one of the following scopes"):
        told = told.partition("\n\n")[2]
    scope = choose(["robots:read", "robots:all", "all:all"])
    raw["description"] = f"Requires one of the following scopes: `{scope}`, `x{len(told)}:{id_}`\n\n{told}"
    return Expected("behaviour", "operation", id_)


# --- Parameters ---


@revision
def parameter_added(document: Document, choose: Chooser) -> Expected:
    return _add_parameter(document, choose, required=False)


@revision
def required_parameter_added(document: Document, choose: Chooser) -> Expected:
    return _add_parameter(document, choose, required=True)


@revision
def parameter_removed(document: Document, choose: Chooser) -> Expected:
    there = _parameters(document)
    place = choose(list(there))
    operation, raw = there[place]
    operation.raw["parameters"].remove(raw)
    return Expected("behaviour", "argument", place)


@revision
def parameter_made_required(document: Document, choose: Chooser) -> Expected:
    there = _parameters(document)
    place = choose([place for place, (_, raw) in there.items() if not raw.get("required")])
    there[place][1]["required"] = True
    return Expected("breaking", "argument", place)


def _add_parameter(document: Document, choose: Chooser, *, required: bool) -> Expected:
    there = _operations(document)
    id_ = choose(list(there))
    taken = {identifier(raw["name"]) for raw in there[id_].raw.get("parameters", []) if "name" in raw}
    taken |= {identifier(name) for name in _body_fields(document, there[id_])}
    name = choose(
        [name for name in ("colour", "from", "max_items", "Per Page", "self") if identifier(name) not in taken]
    )
    schema = choose(["text", "values"])
    raw = {"name": name, "in": "query", "required": required, "schema": copy.deepcopy(FORMS[schema])}
    there[id_].raw.setdefault("parameters", []).append(raw)
    return Expected("breaking" if required else "additive", "argument", f"{id_}:query.{name}")


# --- Fields ---

FORMS: dict[str, Schema] = {
    "text": {"type": "string"},
    "number": {"type": "integer"},
    "values": {"type": "string", "enum": ["slow", "fast", "class"]},
    "numbers": {"type": "integer", "enum": [1, 2]},
    "object": {"type": "object", "properties": {"size": {"type": "integer"}, "kind": {"enum": ["a", "b"]}}},
    "objects": {"type": "array", "items": {"type": "object", "properties": {"size": {"type": "integer"}}}},
    "map": {"type": "object", "additionalProperties": {"type": "string"}},
}
"""What a new field can be."""


@revision
def field_added(document: Document, choose: Chooser) -> Expected:
    there = _objects(document)
    place = choose(list(there))
    taken = {identifier(name) for name in there[place]["properties"]}
    names = ["colour", "class", "field", "to_dict", "X-Ray", "name_2", "Colour Of It"]
    name = choose([name for name in names if identifier(name) not in taken])
    there[place]["properties"][name] = copy.deepcopy(FORMS[choose(list(FORMS))])
    return _field("additive", document, place, name)


@revision
def field_removed(document: Document, choose: Chooser) -> Expected:
    place, owner, name = _choose_field(document, choose)
    del owner["properties"][name]
    if name in owner.get("required", []):
        owner["required"].remove(name)
    return _field("behaviour", document, place, name)


@revision
def field_retyped(document: Document, choose: Chooser) -> Expected:
    place, owner, name = _choose_field(document, choose)
    new: Schema = {"type": "string"} if owner["properties"][name].get("type") == "boolean" else {"type": "boolean"}
    owner["properties"][name] = new
    return _field("breaking", document, place, name)


@revision
def field_respelled(document: Document, choose: Chooser) -> Expected:
    place, owner, name = _choose_field(document, choose)
    new = next(other for other in (snake_case(name), name.title(), name.upper(), f"{name} ") if other != name)
    owner["properties"] = {new if key == name else key: value for key, value in owner["properties"].items()}
    owner["required"] = [new if key == name else key for key in owner.get("required", [])]
    return _field("behaviour", document, place, new)


@revision
def field_made_nullable(document: Document, choose: Chooser) -> Expected:
    place, owner, name = _choose_field(
        document, choose, lambda schema: isinstance(schema.get("type"), str) and "enum" not in schema
    )
    schema = owner["properties"][name]
    schema["type"] = [schema["type"], "null"]
    return _field("breaking" if _is_read(document, place) else "additive", document, place, name)


@revision
def field_requirement_toggled(document: Document, choose: Chooser) -> Expected:
    place, owner, name = _choose_field(document, choose)
    required = owner.setdefault("required", [])
    if name in required:
        required.remove(name)
        return _field("breaking" if _is_read(document, place) else "additive", document, place, name)
    required.append(name)
    return _field("breaking" if _is_sent(document, place) else "additive", document, place, name)


@revision
def formats_dropped(document: Document, choose: Chooser) -> Expected:
    there = [schema for _, schema in all_schemas(document) if "format" in schema]
    format_ = choose(list(dict.fromkeys(schema["format"] for schema in there)))
    for schema in there:
        if schema.get("format") == format_:
            del schema["format"]
    # The client takes an identifier as text whatever the document calls it, and a timestamp as one only by its format.
    return Expected("breaking" if format_ == "date-time" else "prose")


# --- Enumerations ---


@revision
def value_added(document: Document, choose: Chooser) -> Expected:
    there = _enumerations(document)
    place = choose(list(there))
    schema = there[place]
    if all(isinstance(value, str) for value in schema["enum"] if value is not None):
        values: list[Any] = ["brand-new", "Brand New", "", "mro", "asleep"]
    else:
        values = [99, -99]
    keys = {label_key(value): value for value in values if value not in schema["enum"]}
    key = choose(list(keys))
    schema["enum"].append(keys[key])
    return Expected("additive", "value", f"{place}={key}")


@revision
def value_removed(document: Document, choose: Chooser) -> Expected:
    there = _enumerations(document)
    options = {
        f"{place}={label_key(value)}": (schema, value)
        for place, schema in there.items()
        for value in schema["enum"]
        if value is not None and len(schema["enum"]) > 2
    }
    place = choose(list(options))
    schema, value = options[place]
    schema["enum"].remove(value)
    schema.get("x-enumDescriptions", {}).pop(label_key(value), None)
    return Expected("behaviour", "value", place)


# --- Components ---


@revision
def schemas_renumbered(document: Document, choose: Chooser) -> Expected:
    """Every key is that of another schema before."""
    keys = list(_components(document))
    turn = choose(["by one", "backwards"])
    others = [*keys[1:], *keys[:1]] if turn == "by one" else keys[::-1]
    _rename_keys(document, dict(zip(keys, others, strict=True)))
    return Expected("none")


@revision
def schemas_titled(document: Document, choose: Chooser) -> Expected:
    """Every key becomes the title."""
    titles = {key: component_title(key, schema) for key, schema in _components(document).items()}
    choose([key for key, title in titles.items() if key != title])
    _rename_keys(document, titles)
    return Expected("none")


@revision
def schema_retitled(document: Document, choose: Chooser) -> Expected:
    there = {component_title(key, schema): schema for key, schema in _components(document).items()}
    old = choose(list(there))
    there[old]["title"] = next(
        title for n in range(2, 99) if (title := f"{old.rstrip('0123456789 ')} {n}") not in there
    )
    return Expected("none")


@revision
def schema_added(document: Document, choose: Chooser) -> Expected:
    """A schema that no operation mentions, as those of webhooks are."""
    there = _components(document)
    taken = {component_title(key, schema) for key, schema in there.items()}
    title = choose([title for title in ("Robot Event", "Robot Status", "Event") if title not in taken])
    key = next(key for n in range(99) if (key := f"def-{n}") not in there)
    at_ = identifier(f"{title} at")
    there[key] = {"title": title, "type": "object", "properties": {"kind": FORMS["values"], at_: {"type": "string"}}}
    return Expected("additive")


@revision
def schema_removed(document: Document, choose: Chooser) -> Expected:
    """A schema goes that nothing refers to."""
    there = _components(document)
    used = {component_key(schema["$ref"]) for _, schema in all_schemas(document) if "$ref" in schema}
    titles = {component_title(key, schema): key for key, schema in there.items()}
    title = choose([title for title, key in titles.items() if key not in used])
    del there[titles[title]]
    return Expected("behaviour")  # of its class, and of those that only it leads to


@revision
def schema_inlined(document: Document, choose: Chooser) -> Expected:
    """A schema goes, and what it said is wherever it was referred to."""
    there = _components(document)
    used = {component_key(schema["$ref"]) for _, schema in all_schemas(document) if "$ref" in schema}
    titles = {component_title(key, schema): key for key, schema in there.items() if key in used}
    key = titles[choose(list(titles))]
    target = there.pop(key)
    bare = {name: value for name, value in target.items() if name != "title"}

    def rule(schema: Schema) -> Schema:
        if schema.get("$ref") == SCHEMA_REF + key:
            return copy.deepcopy(bare)
        return schema

    _replace_schemas(document, rule)
    return Expected("none")


# --- Noise ---


@revision
def keys_shuffled(document: Document, choose: Chooser) -> Expected:
    order = choose(["reversed", "sorted"])

    def walk(node: Any) -> Any:
        if isinstance(node, list):
            return [walk(inner) for inner in node]
        if not isinstance(node, dict):
            return node
        keys = sorted(node) if order == "sorted" else list(reversed(node))
        return {key: walk(node[key]) for key in keys}

    shuffled = walk(document)
    document.clear()
    document.update(shuffled)
    return Expected("none")


@revision
def examples_redrawn(document: Document, choose: Chooser) -> Expected:
    drawn = choose(["019cc043-aee6-7ae9-a545-d7de53430e37", "2026-03-04T05:06:07.890Z"])
    for _, schema in all_schemas(document):
        if schema.get("type") == "string" and "enum" not in schema:
            schema["example"] = drawn
    return Expected("none")


@revision
def prose_changed(document: Document, choose: Chooser) -> Expected:
    there = _operations(document)
    id_ = choose(list(there))
    raw = there[id_].raw
    raw["summary"] = f"{raw.get('summary', '')} well"
    return Expected("prose", "operation", id_)


def with_byte_order_mark(data: bytes) -> bytes:
    """The file of a document as it is served on many days."""
    return b"\xef\xbb\xbf" + data


# --- More of it ---


def grown(document: Document, times: int = 10) -> Document:
    """A document of `times` the size: its paths again under other prefixes, with operationIds of their own."""
    document = copy.deepcopy(document)
    for number in range(2, times + 1):
        for operation in list(operations(document)):
            if operation.path.startswith("/copy"):
                continue
            raw = {**copy.deepcopy(operation.raw), "operationId": f"{operation.id}Copy{number}"}
            item = document["paths"].setdefault(f"/copy{number}{operation.path}", {})
            item[operation.method] = raw
            if "parameters" in document["paths"][operation.path]:
                item["parameters"] = copy.deepcopy(document["paths"][operation.path]["parameters"])
    return document


# --- Mistakes ---


@broken
def reference_dangles(document: Document, choose: Chooser) -> Expected:
    place = choose([place for place, schema in all_schemas(document) if "$ref" in schema])
    schema = next(schema for at_, schema in all_schemas(document) if at_ == place and "$ref" in schema)
    schema["$ref"] = SCHEMA_REF + "def-999"
    return Expected("none", "", "def-999")


@broken
def operation_id_doubled(document: Document, choose: Chooser) -> Expected:
    there = _operations(document)
    id_ = choose(list(there))
    other = choose([other for other in there if other != id_])
    there[id_].raw["operationId"] = other
    return Expected("none", "", other)


@broken
def paths_missing(document: Document, choose: Chooser) -> Expected:
    if choose(["none", "empty"]) == "none":
        del document["paths"]
    else:
        document["paths"] = {}
    return Expected("none", "", "paths")


def truncated(data: bytes) -> bytes:
    """The file of a document whose transfer broke off."""
    return data[: len(data) // 2]


# --- Where things stand ---


def _operations(document: Document) -> dict[str, Operation]:
    return {operation.id: operation for operation in operations(document)}


def _tags(document: Document) -> list[str]:
    return list(dict.fromkeys(primary_tag(operation) for operation in operations(document)))


def _components(document: Document) -> dict[str, Schema]:
    schemas: dict[str, Schema] = document["components"]["schemas"]
    return schemas


def _parameters(document: Document) -> dict[str, tuple[Operation, dict[str, Any]]]:
    """Place -> operation and parameter, of those that are the operation's own and not part of its path."""
    return {
        f"{operation.id}:{raw['in']}.{raw['name']}": (operation, raw)
        for operation in operations(document)
        for raw in operation.raw.get("parameters", [])
        if raw.get("in", "path") != "path"
    }


def _objects(document: Document) -> dict[str, Schema]:
    """Place -> schema, of the objects with fields; pages are none."""
    found: dict[str, Schema] = {}
    for place, schema in all_schemas(document):
        if "properties" in schema and "items" not in schema["properties"]:
            found.setdefault(place, schema)
    return found


def _choose_field(
    document: Document, choose: Chooser, fits: Callable[[Schema], bool] = lambda schema: True
) -> tuple[str, Schema, str]:
    """An object's place, the object, and the name of one of its fields; objects of one field are left alone."""
    fields = {
        f"{place}.{name}": (place, schema, name)
        for place, schema in _objects(document).items()
        for name, inner in schema["properties"].items()
        if len(schema["properties"]) > 1 and fits(inner)
    }
    return fields[choose(list(fields))]


def _enumerations(document: Document) -> dict[str, Schema]:
    found: dict[str, Schema] = {}
    for place, schema in all_schemas(document):
        if "enum" in schema and len({type(value) for value in schema["enum"] if value is not None}) == 1:
            found.setdefault(place, schema)
    return found


def _field(effect: Effect, document: Document, place: str, name: str) -> Expected:
    """A field of a body is an argument."""
    return Expected(effect, "argument" if place.endswith(":body") else "field", f"{place}.{name}")


def _body_fields(document: Document, operation: Operation) -> Iterator[str]:
    for place, schema in all_schemas(document):
        if place == f"{operation.id}:body":
            yield from resolve(document, schema).get("properties", {})


def _is_sent(document: Document, place: str) -> bool:
    return _is_used(document, place, "body", "query")


def _is_read(document: Document, place: str) -> bool:
    return _is_used(document, place, "response") or not _is_sent(document, place)


def _is_used(document: Document, place: str, *parts: str) -> bool:
    """Whether what is at `place` is reached from one of these `parts` of an operation."""
    inner: dict[str, set[str]] = {}
    for at_, schema in all_schemas(document):
        if "$ref" in schema:
            inner.setdefault(_root(at_), set()).add(
                component_place(component_key(schema["$ref"]), resolve(document, schema))
            )
    waiting = [root for root in {_root(at_) for at_, _ in all_schemas(document)} if root.partition(":")[2] in parts]
    reached: set[str] = set()
    while waiting:
        root = waiting.pop()
        if root not in reached:
            reached.add(root)
            waiting += inner.get(root, set())
    return _root(place) in reached


def _root(place: str) -> str:
    """The component or the part of an operation that a place is in."""
    for sign in (".", "[", "{"):
        place = place.partition(sign)[0]
    return place


def _rename_keys(document: Document, keys: dict[str, str]) -> None:
    def rule(schema: Schema) -> Schema:
        if schema.get("$ref", "").startswith(SCHEMA_REF):
            return {**schema, "$ref": SCHEMA_REF + keys[component_key(schema["$ref"])]}
        return schema

    _replace_schemas(document, rule)
    schemas = _components(document)
    document["components"]["schemas"] = {keys[key]: schema for key, schema in schemas.items()}


def _replace_schemas(document: Document, rule: Callable[[Schema], Schema]) -> None:
    """Apply `rule` to every schema, those of failures included."""
    nodes: list[Any] = [
        document["paths"],
        *(value for key, value in document["components"].items() if key != "schemas"),
    ]
    while nodes:
        node = nodes.pop()
        if isinstance(node, dict):
            if isinstance(node.get("schema"), dict):
                node["schema"] = map_schema(node["schema"], rule)
            nodes += node.values()
        elif isinstance(node, list):
            nodes += node
    schemas = _components(document)
    for key, schema in schemas.items():
        schemas[key] = map_schema(schema, rule)
