"""A named document after the generator has parsed it: its properties, by the names that we gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from graphlib import TopologicalSorter

from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import EnumProperty, ModelProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol as Property
from openapi_python_client.strings import PythonIdentifier

from scripts.codegen.types import classes
from scripts.lib.identifiers import tell_apart
from scripts.lib.report import Failed
from scripts.naming.grammar import attribute_name
from scripts.naming.hoist import NamedDocument
from scripts.spec.document import Operation, Schema, address

PARSED_AS = {"path": "path", "query": "query", "header": "cookie", "cookie": "cookie"}
"""The place of a parameter -> its place for the generator, which would refuse arrays and dates in headers."""


def _key(method: str, path: str, name: str) -> tuple[str, str, str]:
    # The generator gives two operations one name now and then, and the parameters in paths other names.
    return *address(method, path), name


def generator_names(keys: Iterable[str]) -> dict[str, str]:
    """Field -> what the generator gets to read in its place, each another also without signs and capitals."""
    return tell_apart({key: attribute_name(key) for key in keys})


class ParsedDocument:
    """The models, enumerations and endpoints of the generator, with the document that they came from."""

    def __init__(self, named: NamedDocument, data: GeneratorData, field_prefix: str) -> None:
        self.named = named
        self.data = data
        self.models: dict[str, ModelProperty] = {str(model.class_info.name): model for model in data.models}
        self.enumerations: dict[str, EnumProperty] = {
            str(enum.class_info.name): enum for enum in data.enums if isinstance(enum, EnumProperty)
        }
        self.maps: dict[str, Property] = {
            name: model.additional_properties
            for name, model in self.models.items()
            if name in named.maps and model.additional_properties
        }
        self._field_prefix = field_prefix
        self._endpoints = {
            _key(endpoint.method, endpoint.path.get_untrusted_value(), str(endpoint.name)): endpoint
            for collection in data.endpoint_collections_by_tag.values()
            for endpoint in collection.endpoints
        }
        lost = named.document["components"]["schemas"].keys() - self.models.keys() - self.enumerations.keys()
        if lost:
            raise Failed("generate", f"the generator renamed or left out: {', '.join(sorted(lost))}")

    @cached_property
    def modules(self) -> dict[str, str]:
        """Class -> module, for the classes of the client, in the order of their names.

        Models that contain each other share a module, so that no two modules import each other, and what only the
        classes of one module mention is in that module, unless it is what a call returns.
        """
        names = sorted((self.models.keys() | self.enumerations) - self.named.internal - self.named.maps)
        models = [name for name in names if name in self.models]
        first = {name: min({name} | {o for o in self._reached[name] if name in self._reached[o]}) for name in models}
        home = {name: first.get(name, name) for name in names}
        mentions = {name: self.mentions(name) for name in models}
        while moved := {at: to for at, to in _owned(home, mentions).items() if at not in self._returned}:
            home = {name: moved.get(at, at) for name, at in home.items()}
        return {name: self._module_called_after(home[name]) for name in names}

    @cached_property
    def _returned(self) -> set[str]:
        """The classes of answers and of the items of pages."""
        answers = [answer.prop for each in self._endpoints.values() for answer in each.responses.patterns]
        found = set().union(*(classes(prop, self.maps) for prop in answers))
        return found.union(*(self.mentions(name) for name in found & self.named.internal if name in self.models))

    def _module_called_after(self, name: str) -> str:
        return str((self.models.get(name) or self.enumerations[name]).class_info.module_name)

    def defined_in(self, module: str) -> list[str]:
        """The classes of a module, each after what it extends: enumerations, what the module is called after, parts."""
        names = [name for name, home in self.modules.items() if home == module]
        names.sort(key=lambda name: self._module_called_after(name) != module)
        order = TopologicalSorter({name: {self.extended(name)} & {*names} for name in names if name in self.models})
        return [*(name for name in names if name in self.enumerations), *order.static_order()]

    @cached_property
    def open(self) -> frozenset[str]:
        """The classes with fields of any name."""
        return frozenset(name for name in self.models if further(self.component(name)) == "open")

    def component(self, name: str) -> Schema:
        """The schema of a class."""
        schema: Schema = self.named.document["components"]["schemas"][name]
        return schema

    def endpoint(self, operation: Operation) -> Endpoint:
        """The generator's view of an operation."""
        name = str(PythonIdentifier(operation.id, prefix=self._field_prefix))
        return self._endpoints[_key(operation.method, operation.path, name)]

    def fields(self, name: str) -> dict[str, Property]:
        """The fields of a class by their JSON names."""
        model = self.models[name]
        props = [*(model.required_properties or []), *(model.optional_properties or [])]
        by_name = {prop.name.get_untrusted_value(): prop for prop in props}
        keys = generator_names(self.component(name).get("properties", {}))
        return {key: by_name[generator_name] for key, generator_name in keys.items()}

    def extra(self, name: str) -> Property | None:
        """The property of fields beyond the known ones of a class, where the document has one."""
        values = self.component(name).get("additionalProperties")
        return self.models[name].additional_properties or None if isinstance(values, dict) and values else None

    def extended(self, name: str) -> str:
        """The class that a class is with more; "" for most."""
        return str(self.component(name).get("x-extends", ""))

    def mentions(self, name: str) -> set[str]:
        """The classes that a class mentions: those of its fields, and the one that it extends."""
        extra = self.extra(name)
        props = [*self.fields(name).values(), *([extra] if extra else [])]
        return {self.extended(name)} - {""} | set().union(*(classes(prop, self.maps) for prop in props))

    @cached_property
    def _reached(self) -> dict[str, set[str]]:
        """Class -> the classes that it mentions, directly or not."""
        direct = {name: self.mentions(name) for name in self.models}
        reached: dict[str, set[str]] = {name: set() for name in self.enumerations}
        for name in direct:
            reached[name] = set()
            todo = list(direct[name])
            while todo:
                other = todo.pop()
                if other not in reached[name]:
                    reached[name].add(other)
                    todo += direct.get(other, ())
        return reached


def further(schema: Schema) -> str:
    """How the document speaks of fields beyond those of an object."""
    further = schema.get("additionalProperties")
    return "unsaid" if further is None else "closed" if further is False else "open"


def _owned(home: Mapping[str, str], mentions: Mapping[str, set[str]]) -> dict[str, str]:
    """The homes whose classes are mentioned from one other home only, with that home."""
    users: dict[str, set[str]] = {}
    for name, others in mentions.items():
        for other in others:
            if home[other] != home[name]:
                users.setdefault(home[other], set()).add(home[name])
    return {name: min(found) for name, found in users.items() if len(found) == 1}
