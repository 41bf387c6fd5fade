"""Survey of a document: its objects by kind, and where it has another shape than it must have."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple, TypeVar
from urllib.parse import unquote

from scripts.lib.report import Finding, child
from scripts.spec.document import METHODS
from scripts.spec.lint.shapes import FIELDS, REFERENCED, REQUIRED, TEXT, Either, ListOf, MapOf, Shape, fits, type_of
from scripts.spec.load import kind_of

_T = TypeVar("_T")

MAX_NESTING = 64
MAX_SCHEMAS = 200_000

_WHY_SHAPE = "what should be read here cannot be, so it would be missing from the client or wrong in it"


class Place(NamedTuple):
    """An object of the document and its pointer."""

    pointer: str
    raw: dict[str, Any]


class Operation(NamedTuple):
    """An operation of the document, its pointer, and the path item that it is in."""

    pointer: str
    raw: dict[str, Any]
    path: str
    method: str
    path_item: Place


class Survey:
    """The objects of a document by kind, where they have the shape that they must have, and findings where not."""

    def __init__(self, document: object) -> None:
        self.document = as_kind(dict, document)
        self.places: defaultdict[str, list[Place]] = defaultdict(list)
        self.misshapen: list[Finding] = []
        self._visit("document", document, "")

    def operations(self) -> Iterator[Operation]:
        """The operations in document order."""
        for path, item in get(self.document, "paths", dict).items():
            path_item = self._path_item(child("/paths", path), as_kind(dict, item))
            for method in METHODS:
                raw = path_item.raw.get(method)
                if isinstance(raw, dict) and not path.startswith("x-"):
                    yield Operation(child(path_item.pointer, method), raw, path, method, path_item)

    def _path_item(self, pointer: str, raw: dict[str, Any]) -> Place:
        """The path item at `pointer`, or the component that it refers to."""
        key = unquote(get(raw, "$ref", str)).removeprefix("#/components/pathItems/")
        key = key.replace("~1", "/").replace("~0", "~")
        target = self.components("pathItems").get(key)
        return Place(child("/components/pathItems", key), target) if isinstance(target, dict) else Place(pointer, raw)

    def references(self) -> Iterator[tuple[str, str, str]]:
        """Each reference as its pointer, its text, and the section of the components that it must lead to."""
        for kind, section in REFERENCED.items():
            for pointer, raw in self.places[kind]:
                if isinstance(raw.get("$ref"), str):
                    yield child(pointer, "$ref"), raw["$ref"], section

    def components(self, section: str) -> dict[str, Any]:
        """The components of `section`, by key."""
        return get(get(self.document, "components", dict), section, dict)

    def _visit(self, shape: Shape, value: object, pointer: str) -> None:
        if pointer.count("/") > MAX_NESTING or len(self.places["schema"]) > MAX_SCHEMAS:  # findings of their own
            return
        shapes = shape.shapes if isinstance(shape, Either) else (shape,)
        for candidate in shapes:
            if fits(candidate, value):
                self._enter(candidate, value, pointer)
                return
        wanted = " or ".join(type_of(candidate)[0] for candidate in shapes)
        self.misshapen.append(Finding(pointer, f"this has to be {wanted}, and is {kind_of(value)}", _WHY_SHAPE))

    def _enter(self, shape: Shape, value: Any, pointer: str) -> None:
        if isinstance(shape, ListOf):
            for index, item in enumerate(value):
                self._visit(shape.item, item, child(pointer, index))
        elif isinstance(shape, MapOf):
            for key, item in value.items():
                if not (shape.extensible and key.startswith("x-")):
                    self._visit(shape.value, item, child(pointer, key))
        elif isinstance(shape, str):
            self._enter_object(shape, value, pointer)

    def _enter_object(self, kind: str, raw: dict[str, Any], pointer: str) -> None:
        self.places[kind].append(Place(pointer, raw))
        fields = FIELDS[kind]
        for key, value in raw.items():
            if key in fields:
                self._visit(fields[key], value, child(pointer, key))
        if "$ref" in raw and kind in REFERENCED:
            self._visit(TEXT, raw["$ref"], child(pointer, "$ref"))
        else:
            for key in REQUIRED.get(kind, ()):
                if key not in raw:
                    self.misshapen.append(Finding(pointer, f"the field `{key}` is missing", _WHY_SHAPE))


def quote(text: str) -> str:
    """A text of the document in a message: in quotes, and not long."""
    return f'"{text}"' if len(text) <= 80 else f'"{text[:79]}…"'


def as_kind(kind: type[_T], value: object) -> _T:
    """The value, or an empty one of its kind if it is of another kind, which is a finding elsewhere."""
    return value if isinstance(value, kind) else kind()


def get(raw: dict[str, Any], key: str, kind: type[_T]) -> _T:
    """`raw[key]`, or an empty value of its kind if it is missing or of another kind, which is a finding elsewhere."""
    return as_kind(kind, raw.get(key))
