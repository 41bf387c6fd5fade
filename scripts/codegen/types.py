"""From the generator's properties to Python: annotations, and the classes that they mention."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from openapi_python_client.parser.properties import AnyProperty, EnumProperty, ModelProperty
from openapi_python_client.parser.properties.boolean import BooleanProperty
from openapi_python_client.parser.properties.date import DateProperty
from openapi_python_client.parser.properties.datetime import DateTimeProperty
from openapi_python_client.parser.properties.float import FloatProperty
from openapi_python_client.parser.properties.int import IntProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.none import NoneProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol as Property
from openapi_python_client.parser.properties.string import StringProperty
from openapi_python_client.parser.properties.union import UnionProperty

from scripts.lib.report import Failed

PLAIN = {
    StringProperty: "str",
    IntProperty: "int",
    FloatProperty: "float",
    BooleanProperty: "bool",
    NoneProperty: "None",
    AnyProperty: "Any",
    DateProperty: "date",
    DateTimeProperty: "datetime",
}
"""Property of a JSON scalar -> its annotation."""


@dataclass(frozen=True)
class PythonTypes:
    """Says types. `maps` gives the value type of the components that are plain mappings; `open` are the classes with
    fields of any name, of which no type can list the keys.
    """

    maps: Mapping[str, Property]
    open: Collection[str] = ()

    def annotation(self, prop: Property) -> str:
        """The type of a value that was decoded."""
        return " | ".join(self._members(prop, argument=False))

    def argument(self, prop: Property) -> str:
        """The type of a value that a caller gives: models also as mappings, dates and enumerations also plain."""
        return " | ".join(self._members(prop, argument=True))

    def _members(self, prop: Property, *, argument: bool) -> list[str]:
        plain = PLAIN.get(type(prop))
        if plain:
            return [plain, "str"] if argument and isinstance(prop, DateProperty | DateTimeProperty) else [plain]
        if isinstance(prop, EnumProperty):
            return [str(prop.class_info.name), *([prop.value_type.__name__] if argument else [])]
        if isinstance(prop, ListProperty):
            inner = " | ".join(self._members(prop.inner_property, argument=argument))
            return [f"Sequence[{inner}]" if argument else f"list[{inner}]"]
        if isinstance(prop, ModelProperty) and prop.class_info.name in self.maps:
            inner = " | ".join(self._members(self.maps[prop.class_info.name], argument=argument))
            return [f"Mapping[str, {inner}]" if argument else f"dict[str, {inner}]"]
        if isinstance(prop, ModelProperty):
            name = str(prop.class_info.name)
            mapping = "Mapping[str, Any]" if name in self.open else f"params.{name}Param"
            return [name, mapping] if argument else [name]
        if isinstance(prop, UnionProperty):
            members = [text for inner in prop.inner_properties for text in self._members(inner, argument=argument)]
            members = list(dict.fromkeys(members))
            if "Any" in members:
                return ["Any"]
            return [member for member in members if member != "None"] + ["None"] * ("None" in members)
        raise Failed("generate", f"there is no Python type for {_named(prop)}")


def _named(prop: Property) -> str:
    return f"{type(prop).__name__} {prop.name.get_untrusted_value()!r}"


def split_null(prop: Property) -> tuple[list[Property], bool]:
    """The members of a property other than null, and whether null is one."""
    members = list(prop.inner_properties) if isinstance(prop, UnionProperty) else [prop]
    rest = [member for member in members if not isinstance(member, NoneProperty)]
    return rest or members, len(rest) < len(members)


def classes(prop: Property, maps: Mapping[str, Property]) -> set[str]:
    """The names of the classes that a property mentions."""
    if isinstance(prop, ListProperty):
        return classes(prop.inner_property, maps)
    if isinstance(prop, UnionProperty):
        return set().union(*(classes(inner, maps) for inner in prop.inner_properties))
    if isinstance(prop, ModelProperty) and prop.class_info.name in maps:
        return classes(maps[prop.class_info.name], maps)
    return {str(prop.class_info.name)} if isinstance(prop, EnumProperty | ModelProperty) else set()
