"""Facts and words apart: the structure of a document from the vendor, its descriptions and examples from us.

`openapi/texts.toml` has our words by place. A key is a place (`Campaign.name`, `listLead:query.limit`,
`pauseCampaign:404`, `Account.status=3` for the label of a value), a place of all operations of a tag
(`Campaign:path.id`), or `*` with the end of places (`*.timing.from`). The most exact key is taken.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import jsonschema_rs

from scripts.lib.identifiers import pascal_case, words
from scripts.lib.report import Finding, Refused, refused
from scripts.spec.document import COMBINATORS, METHODS, Document, component_place, derived_id, operations
from scripts.spec.equivalence import MOMENT, UUID
from scripts.spec.load import Source, from_bytes
from scripts.spec.scopes import description_without_scopes, scope_lists

WORDS = {"description", "summary", "example", "examples", "externalDocs", "$comment"} | {
    *("contact", "license", "termsOfService"),
}
"""Keys whose value is for people, in every object of a document."""

FACTS = {"$ref", "const", "default", "enum", "operationId", "pattern", "required", "title"}
"""Keys whose value is a fact, however much it reads like a sentence."""

MAX_LABEL = 6
"""Words of a label. It is a fact, from which names are made; what is longer is a sentence."""

_ONE_SCHEMA = (
    *("additionalItems", "additionalProperties", "contains", "else", "if", "items", "not", "propertyNames", "then"),
    *("unevaluatedItems", "unevaluatedProperties"),
)
_SCHEMA_TABLES = ("$defs", "dependentSchemas", "patternProperties", "properties")
_ONE, _LIST, _TABLE = "one", "list", "table"
_INNER: dict[str, dict[str, tuple[str, str]]] = {
    "document": {
        "info": (_ONE, "info"), "servers": (_LIST, "server"), "tags": (_LIST, "tag"),
        "components": (_ONE, "components"), "paths": (_TABLE, "path"), "webhooks": (_TABLE, "path"),
    },
    "components": {
        "schemas": (_TABLE, "schema"), "parameters": (_TABLE, "parameter"), "headers": (_TABLE, "header"),
        "requestBodies": (_TABLE, "body"), "responses": (_TABLE, "response"), "pathItems": (_TABLE, "path"),
        "securitySchemes": (_TABLE, "security"),
    },
    "path": dict.fromkeys(METHODS, (_ONE, "operation"))
    | {"parameters": (_LIST, "parameter"), "servers": (_LIST, "server")},
    "operation": {
        "parameters": (_LIST, "parameter"), "requestBody": (_ONE, "body"), "responses": (_TABLE, "response"),
        "servers": (_LIST, "server"),
    },
    "parameter": {"schema": (_ONE, "schema"), "content": (_TABLE, "media")},
    "header": {"schema": (_ONE, "schema"), "content": (_TABLE, "media")},
    "body": {"content": (_TABLE, "media")},
    "response": {"content": (_TABLE, "media"), "headers": (_TABLE, "header")},
    "media": {"schema": (_ONE, "schema")},
    "schema": dict.fromkeys(_SCHEMA_TABLES, (_TABLE, "schema"))
    | dict.fromkeys(_ONE_SCHEMA, (_ONE, "schema"))
    | dict.fromkeys((*COMBINATORS, "prefixItems"), (_LIST, "schema")),
}  # fmt: skip
"""What is inside the objects of a document: under which key, alone or how many, and of which kind."""

_SAYS = {"info", "operation", "parameter", "header", "response", "schema", "security", "server", "tag"}
"""Kinds of object that have a description."""

_LIMITS = {"type", "enum", "const", "format", "pattern", "minimum", "maximum", "minLength", "maxLength"}

_FORMS = {UUID: "019c4849-622b-7c4a-9251-ef409166a750", MOMENT: "2026-02-01T09:00:00.000Z"}
"""Examples of ours for texts whose form only an example of the vendor's shows, such as cursors."""

_STATUS = re.compile(r":([1-5]([0-9][0-9]|XX)|default)")
_PHRASES = {f":{status.value}": f"{status.phrase}." for status in HTTPStatus}

_WHY = "words that are not understood would be lost; mend them in that file"


@dataclass(frozen=True)
class Texts:
    """Our words, and our examples, by place."""

    texts: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, Any] = field(default_factory=dict)


class Worded(NamedTuple):
    """A document in our words: `stubs` are places whose words are only derived, `unused` keys that no place has.

    `theirs` has a digest of the vendor's words at each place: when it changes, ours may no longer hold.
    """

    source: Source
    stubs: tuple[str, ...]
    unused: tuple[str, ...]
    theirs: Mapping[str, str] = MappingProxyType({})


def read_texts(path: Path) -> Texts:
    """The words in the file `path`; none if there is no such file.

    Raises:
        Refused: the file cannot be read, is not TOML, or has an entry that is not words.
    """
    try:
        entries = tomllib.loads(path.read_text("utf-8")) if path.exists() else {}
    except (OSError, ValueError) as error:
        raise refused("texts", f"{path} cannot be read: {error}", _WHY) from error
    wrong = [f"{name} is not a table; there are texts and examples" for name in entries.keys() - {"texts", "examples"}]
    tables = {name: entries.get(name, {}) for name in ("texts", "examples")}
    for name, table in tables.items():
        if not isinstance(table, dict):
            wrong.append(f"{name} is not a table")
    if isinstance(tables["texts"], dict):
        wrong += [f"{key!r} is {text!r}, not a text" for key, text in tables["texts"].items() if type(text) is not str]
    if wrong:
        raise Refused("texts", [Finding("", f"{path}: {what}", _WHY) for what in sorted(wrong)])
    return Texts(**tables)


def structure(document: Document) -> Document:
    """A copy of a document without its words."""
    bare: Document = _Writer(Texts(), {}, {}, keep_words=False).node(document, "document", ("",))
    return bare


def in_our_words(
    source: Source, texts: Texts, renamed: Mapping[str, Mapping[str, str]] = MappingProxyType({})
) -> Worded:
    """`source`, which has passed lint, with its own structure and our words: the same for the same input.

    What the vendor has `renamed` (see `Registry`) keeps the words that it has under the name on record.
    """
    writer = _Writer(texts, _tags(source.document), _owners(renamed))
    document = writer.node(source.document, "document", ("",))
    text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    known = {f"texts.{key}" for key in texts.texts} | {f"examples.{key}" for key in texts.examples}
    stubs = tuple(dict.fromkeys(writer.stubs))
    unused = tuple(sorted(known - writer.used))
    theirs = {place: digest(" ".join(said).encode()) for place, said in sorted(writer.theirs.items())}
    return Worded(from_bytes(source.path, text.encode()), stubs, unused, theirs)


def digest(content: bytes) -> str:
    """A few characters that other words hardly give."""
    return hashlib.sha256(content).hexdigest()[:8]


def read_words(path: Path) -> Mapping[str, str]:
    """The digests of the vendor's words on record, by place; none if there is no such file.

    Raises:
        Refused: the file cannot be read.
    """
    try:
        return dict(json.loads(path.read_text("utf-8"))) if path.exists() else {}
    except (OSError, TypeError, ValueError) as error:
        raise refused("texts", f"{path} cannot be read: {error}", "a pin writes it; drop it, and pin again") from error


def write_words(theirs: Mapping[str, str]) -> bytes:
    return (json.dumps(theirs, indent=0, ensure_ascii=False) + "\n").encode()


def changed_words(old: Mapping[str, str], new: Mapping[str, str]) -> tuple[str, ...]:
    """The places where the vendor has other words than before."""
    return tuple(sorted(place for place in old.keys() & new.keys() if old[place] != new[place]))


Place = tuple[str, ...]
"""A place in its parts: `("Campaign", ".schedules[]", ".timing")`. `/object` is the member of a union."""


class _Writer:
    """Copies a document with other words, and remembers which were missing and which were used."""

    def __init__(
        self, texts: Texts, tags: Mapping[str, str], renamed: Mapping[str, str], *, keep_words: bool = True
    ) -> None:
        self.stubs: list[str] = []
        self.used: set[str] = set()
        self.theirs: dict[str, list[str]] = {}
        self._texts = texts
        self._tags = tags
        self._renamed = renamed
        self._says = keep_words

    def node(self, node: Any, kind: str, place: Place, *, silent: bool = False) -> Any:
        """A copy of an object of this kind. With `silent` it is described by the object around it."""
        if not isinstance(node, dict):
            return node
        said = self._words(node, kind, place, silent=silent) if self._says else {}
        copy: dict[str, Any] = {}
        for key, value in node.items():
            if key in said:
                copy[key] = said[key]
            elif key in WORDS:
                continue
            elif key in _INNER.get(kind, {}):
                copy[key] = self._inner(key, value, kind, place)
            elif key == "x-enumDescriptions" and isinstance(value, dict):
                copy[key] = {name: self._label(place, name, label) for name, label in value.items()}
            elif key in FACTS or value is None:
                copy[key] = value
            elif (fact := _fact(value)) is not None:
                copy[key] = fact
        return {**copy, **said}

    def _inner(self, key: str, value: Any, kind: str, place: Place) -> Any:
        form, inner = _INNER[kind][key]
        silent = kind in ("parameter", "header")
        if form == _TABLE and isinstance(value, dict):
            return {
                name: self.node(each, inner, _place(each, inner, key, name, place), silent=silent)
                for name, each in value.items()
            }
        if form == _LIST and isinstance(value, list):
            kinds = [_kind_of_member(each) for each in value]
            names = [name if kinds.count(name) == 1 else f"{name}{number}" for number, name in enumerate(kinds)]
            return [
                self.node(each, inner, _place(each, inner, key, name, place))
                for name, each in zip(names, value, strict=True)
            ]
        return self.node(value, inner, _place(value, inner, key, "", place), silent=silent)

    def _words(self, node: dict[str, Any], kind: str, place: Place, *, silent: bool) -> dict[str, Any]:
        """The words of an object: ours, or a stub where the vendor has some and we have none."""
        said: dict[str, Any] = {}
        described = description_without_scopes(node) if kind == "operation" else node.get("description")
        if theirs := f"{node.get('summary', '')} {described or ''}".split():
            self.theirs.setdefault("".join(place), []).extend(theirs)
        if kind == "operation":
            said["summary"] = self._text((*place, ":summary"), node, needed=bool(node.get("summary")))
            needed = bool(description_without_scopes(node))
            said["description"] = f"{_scopes_sentence(node)}\n\n{self._text(place, node, needed=needed)}".strip()
        elif kind in _SAYS and not silent:
            schema = node.get("schema") if kind in ("parameter", "header") else None
            needed = any(isinstance(each, dict) and each.get("description") for each in (node, schema))
            said["description"] = self._text(place, node, needed=needed or (kind == "response" and "$ref" not in node))
        if kind == "schema":
            example = self._find("examples", place)
            said["example"] = _form(node) if example is None or not _fits(node, example) else example
        return {key: words for key, words in said.items() if words not in (None, "")}

    def _text(self, place: Place, node: dict[str, Any], *, needed: bool) -> str:
        text = self._find("texts", place)
        if text is None and needed:
            self.stubs.append("".join(place))
            return self._stub(place, node)
        return str(text or "")

    def _label(self, place: Place, value: str, label: Any) -> Any:
        if not self._says:
            return ""
        # Of one place only: the same value of another enumeration means something else.
        for owner in filter(None, (place[0], self._renamed.get(place[0]))):
            if (own := self._find("texts", (f"{owner}{''.join(place[1:])}={value}",))) is not None:
                return own
        if _fact(label) is not None:
            return label
        self.stubs.append(f"{''.join(place)}={value}")
        return _humanized(value).removesuffix(".")

    def _find(self, table: str, place: Place) -> Any:
        found = getattr(self._texts, table)
        for key in _keys(place, self._tags, self._renamed):
            if key in found:
                self.used.add(f"{table}.{key}")
                return found[key]
        return None

    def _stub(self, place: Place, node: dict[str, Any]) -> str:
        """A sentence for a place that has none: that of its name elsewhere if it is the same everywhere, or its own."""
        last = next(part for part in reversed(place) if part[0] != "/")
        if _STATUS.fullmatch(last):
            return _PHRASES.get(last, "Another answer.")
        name = last.rpartition(".")[2]
        if last[0] == ".":
            elsewhere = [text for key, text in self._texts.texts.items() if key.endswith(last)]
            named = f"{'One of the' if name.endswith('[]') else 'The'} `{name.rstrip('[]{}')}`"
            # What one place alone says speaks of the thing there.
            general = len(elsewhere) > 1 and len({*elsewhere}) == 1
            return elsewhere[0] if general else f"{named} of the {_owner(place)}."
        if len(place) == 1 and "responses" in node:
            return ""
        if last.startswith("tags."):
            return f"Operations with the tag `{last.removeprefix('tags.')}`."
        if last[0] == ":" and last != ":summary":
            part = last[1:].partition(".")[0]
            return f"The `{name}` of the {part}." if "." in last else f"The {_PARTS.get(last, part)} of `{place[0]}`."
        said = _humanized(str(node.get("title") or (name if name != last else place[0])))
        return _with_article(said) if len(place) == 1 and last not in ("info", "components") else said


def _keys(place: Place, tags: Mapping[str, str], renamed: Mapping[str, str]) -> Iterator[str]:
    """The keys under which the words of a place can be, the most exact first."""
    owner, *inner = place
    yield from _with_and_without_members("", place)
    if owner in renamed:
        root, _, rest = renamed[owner].partition(":")
        yield from _keys((root, *re.findall(r"[:.][^:.]+", f":{rest}"), *inner), tags, {})
    if owner in tags and inner:
        yield from _with_and_without_members(tags[owner], inner)
        # A field that is sent or read is one of the component that the tag names.
        if inner[0] in (":body", ":response") and any(part[0] != "/" for part in inner[1:]):
            yield from _with_and_without_members(tags[owner], inner[1:])
    for start, part in enumerate(place):
        if part[0] in ".:" and start:
            yield from _with_and_without_members("*", place[start:])


def _with_and_without_members(owner: str, parts: Sequence[str]) -> Iterator[str]:
    """The key of these parts of a place, and, for what is inside a member of a union, one that does not say which."""
    yield owner + "".join(parts)
    if parts[-1][0] != "/" and any(part[0] == "/" for part in parts):
        yield owner + "".join(part for part in parts if part[0] != "/")


def _owners(renamed: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    """The first part of the places of what was renamed, as it is now and as it is on record."""
    tag = "tags.{}".format
    spelled: dict[str, tuple[Callable[[str], str], Callable[[str], str]]] = {
        "operations": (str, str), "schemas": (pascal_case, pascal_case), "tags": (tag, tag),
        "places": (pascal_case, str),
    }  # fmt: skip
    return {
        now(name): before(recorded)
        for section, (now, before) in spelled.items()
        for name, recorded in renamed.get(section, {}).items()
    }


def _tags(document: Document) -> dict[str, str]:
    """The first tag of each operation, spelled as the component of that name."""
    return {each.id: pascal_case(tag) for each in operations(document) for tag in each.raw.get("tags", [])[:1]}


def _place(node: Any, kind: str, key: str, name: str, around: Place) -> Place:
    """The place of an object under `key`, and `name` in a table or list, of the object whose place is `around`."""
    *outer, last = around
    named = node if isinstance(node, dict) else {}
    if kind == "schema" and key == "schemas":
        return (component_place(name, named),)
    if around == ("components",):
        return (f"{key}.{name}",)
    match key:
        case "info" | "components":
            return (key,)
        case "tags" | "servers":
            return (f"{key}.{named.get('name' if key == 'tags' else 'url', '')}",)
        case "paths" | "webhooks":
            return (name,)
        case "parameters":
            return (*around, f":{named.get('in')}.{named.get('name')}")
        case "requestBody":
            return (*around, ":body")
        case "responses":
            return (*around, f":{name}")
        case "headers":
            return (*outer, ":header", f".{name}")
        case "content" if _STATUS.fullmatch(last):
            return (*outer, ":response") if last[1] == "2" else (*around, ":error")
        case "content" | "schema":
            return around
        case "properties" | "$defs":
            return (*around, f".{name}")
        case "items":
            return (*outer, f"{last}[]")
        case "additionalProperties" | "patternProperties":
            return (*outer, f"{last}{{}}")
    if kind == "operation":
        return (str(named.get("operationId") or derived_id(last, key)),)
    return (*around, f"/{name or key}")


def _kind_of_member(schema: Any) -> str:
    """A name for the member of a union that it keeps when others come or are shuffled, unless they are of its kind."""
    if not isinstance(schema, dict):
        return "any"
    named = schema.get("title") or schema.get("$ref", "").rpartition("/")[2] or schema.get("type") or "any"
    return named if isinstance(named, str) else "any"


def _fits(schema: dict[str, Any], example: Any) -> bool:
    """Whether an example is what the schema itself says of a value; one key has examples for places that differ."""
    own = {key: value for key, value in schema.items() if key in _LIMITS}
    return jsonschema_rs.is_valid(own, example, validate_formats=True)


def _form(schema: dict[str, Any]) -> str | None:
    """An example of ours in the form of the vendor's, where that is an id or a moment; a `format` says as much."""
    example = schema.get("example")
    if not isinstance(example, str) or "format" in schema:
        return None
    forms = (own[: len(example)] for form, own in _FORMS.items() if re.fullmatch(form, example))
    return next((own for own in forms if _fits(schema, own)), None)


def _fact(value: Any) -> Any:
    """What is no sentence of a value under a key that is not known; None if nothing is left."""
    if isinstance(value, str):
        return value if len(value.split()) <= MAX_LABEL else None
    if isinstance(value, list):
        facts: Any = [fact for each in value if (fact := _fact(each)) is not None]
    elif isinstance(value, dict):
        facts = {k: fact for k, each in value.items() if k not in WORDS and (fact := _fact(each)) is not None}
    else:
        return value
    return facts if facts or not value else None


def _scopes_sentence(operation: dict[str, Any]) -> str:
    lists = [", ".join(f"`{scope}`" for scope in names) for names in scope_lists(operation)]
    return "\n\n".join(f"Needs a key with any one of these scopes: {listed}." for listed in lists)


_PARTS = {":body": "request", ":response": "answer", ":error": "failure", ":header": "headers"}


def _owner(place: Place) -> str:
    """The noun for what a field is in: a part of a call, a component, or the field around it."""
    *around, _ = (part for part in place if part[0] != "/")
    last = around[-1] if around else ""
    return _PARTS.get(last.strip("[]{}"), " ".join(words(last)) or "object")


def _with_article(sentence: str) -> str:
    """A noun that ends like a sentence as one about the thing: `Depot.` is `A depot.`"""
    noun = sentence[:1].lower() + sentence[1:]
    return f"{'An' if noun[:1] in 'aeiou' else 'A'} {noun}" if noun[:1].isalpha() else sentence


def _humanized(name: str) -> str:
    return " ".join(words(name)).capitalize() + "." if words(name) else f"{name}."
