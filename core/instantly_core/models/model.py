"""The base class of the generated models."""

from __future__ import annotations

import copyreg
import json
from collections.abc import Iterator, Mapping
from operator import attrgetter
from types import MemberDescriptorType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from attrs import define, field

from .build import model_decoder
from .decode import IGNORED, Drift
from .deprecation import RemovedField, warn_of_removed_fields
from .display import line, short, shown, table
from .encoders import of_model
from .fields import attributes_of, fields_of
from .forms import plain
from .pickles import exporting_package, new_model
from .unset import UNSET

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema


class _Attributes:
    """The class attribute `FIELDS`, read from the annotations when somebody asks for it."""

    def __get__(self, model: object, owner: type[Model]) -> Mapping[str, str]:
        return attributes_of(owner)


class _Doc:
    """The docstring of a model, to which the texts of its fields are added when somebody asks for it."""

    def __init__(self, doc: str | None) -> None:
        self._doc = doc

    def __get__(self, model: object, owner: type[Any]) -> str | None:
        from .help import with_fields

        return with_fields(self._doc, owner)


@define(kw_only=True, init=False, repr=False, eq=False, getstate_setstate=False)
class Model:
    """An object of the API: its fields are its annotations. Fields that a response left out are UNSET; fields beyond
    the document are kept in `additional_properties`."""

    RENAMED: ClassVar[Mapping[str, str]] = {}
    """JSON name -> attribute, for the fields whose JSON name is not their attribute."""

    READ_ONLY: ClassVar[str] = ""
    """The attributes of the fields that the API takes no value for, with spaces between."""

    FURTHER: ClassVar[Literal["closed", "open", "unsaid"]] = "unsaid"
    """Whether the document excludes or describes further fields, or does not speak of them."""

    FIELDS: ClassVar[Mapping[str, str]] = _Attributes()  # type: ignore[assignment] # ty: ignore[invalid-assignment]
    """JSON name -> attribute, for all fields."""

    additional_properties: dict[str, Any] = field(factory=dict)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if cls.__dict__.get("__doc__").__class__ is str:
            cls.__doc__ = _Doc(cls.__dict__["__doc__"])  # type: ignore[assignment]
        # attrs compiles these for each class that has none of its own, which costs most of its import. IPython asks the
        # first class that has one of its own for the `__repr__`, unless it has the other, too.
        for name in ("__eq__", "__repr__", "_repr_pretty_", "__getstate__", "__setstate__"):
            setattr(cls, name, getattr(cls, name))
        if any(isinstance(value, RemovedField) for value in vars(cls).values()):
            cls.__attrs_post_init__ = warn_of_removed_fields  # type: ignore[attr-defined]

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], drift: Drift = IGNORED) -> Self:
        """Read the model from JSON as the API sends it. Odd data never raises: what does not fit stays as it is.

        Raises:
            TypeError: the data is no mapping.
        """
        if data.__class__ is not dict and not isinstance(data, Mapping):
            raise TypeError(f"{cls.__name__}.from_dict takes a dict, not {type(data).__name__}")
        model: Self = model_decoder(cls)(data if data.__class__ is dict else dict(data), None, "", drift)
        return model

    def to_dict(self, mode: Literal["json", "python"] = "json") -> dict[str, Any]:
        """Return the fields that are set, and those beyond the document, by their names in JSON.

        Args:
            mode: "json" for JSON: the fields of a response come out again, each equal in value: a timestamp in UTC, a
                flag as 1 or 0. "python" for timestamps, flags and enumerations as they are.
        """
        if mode not in ("json", "python"):
            raise ValueError(f'mode must be "json" or "python", not {mode!r}')
        if mode == "json":
            return of_model(self)
        given = {name: getattr(self, attribute) for name, attribute in attributes_of(type(self)).items()}
        given = {name: value for name, value in given.items() if value is not UNSET} | self.additional_properties
        return {name: plain(value) for name, value in given.items()}

    def to_json(self) -> str:
        """Return the model as JSON text, in ASCII."""
        return json.dumps(self.to_dict(), separators=(",", ":"), allow_nan=False)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from .schema import model_schema

        return model_schema(cls, handler)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        from .schema import described

        return described(cls, schema, handler)

    if not TYPE_CHECKING:

        def __iter__(self):
            # For `dict(model)`, which encoders of other libraries try. Nobody means to iterate over a model.
            return iter(self.to_dict(mode="python").items())

        def __contains__(self, name):
            raise TypeError(f"a {type(self).__name__} has fields, not keys: ask whether one `is UNSET`")

        def __getattr__(self, name):
            # A field that `del` took is UNSET. A `__delattr__` that sets it makes whatever sets any field much slower.
            if isinstance(getattr(type(self), name, None), MemberDescriptorType):
                return UNSET
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

        def __eq__(self, other):
            # Hidden, for type checkers complain of a comparison with another type unless its class has equality.
            if other.__class__ is not self.__class__:
                return NotImplemented
            values = attrgetter(*attributes_of(type(self)).values(), "additional_properties")
            return values(self) == values(other)

    def __str__(self) -> str:
        return line(self)

    def __format__(self, spec: str) -> str:
        return format(line(self), spec)

    def __repr__(self) -> str:
        return short(self)

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        """The fields that rich shows: those that notebooks show."""
        return shown(self)

    def _repr_html_(self) -> str:
        """Return the table that notebooks show."""
        return table(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print the line that IPython shows."""
        printer.text(line(self))

    def __reduce__(self) -> tuple[Any, ...]:
        cls, state = type(self), self.__getstate__()
        if package := exporting_package(cls):
            return new_model, (package, cls.__name__), state
        return copyreg.__newobj__, (cls,), state  # type: ignore[attr-defined] # ty: ignore[missing-attribute]

    def __getstate__(self) -> dict[str, Any]:
        state = {field.argument: getattr(self, field.attribute) for field in fields_of(type(self))}
        return {**state, "additional_properties": self.additional_properties}

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        # Another version may have pickled it: before a field existed, or before the vendor removed one.
        for each in fields_of(type(self)):
            setattr(self, each.attribute, state.get(each.argument, state.get(each.attribute, UNSET)))
        self.additional_properties = state.get("additional_properties", {})
