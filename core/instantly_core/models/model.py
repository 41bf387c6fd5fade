"""The base class of the generated models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from inspect import get_annotations
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

from .decode import IGNORED, Drift
from .display import line, short, table
from .encode import jsonable
from .forms import plain
from .unset import UNSET

_NO_FIELDS = {"RENAMED", "FIELDS", "KNOWN", "additional_properties"}


class Model:
    """An object of the API. Fields that a response left out are UNSET; fields beyond the document are kept in
    `additional_properties`."""

    __slots__ = ()

    RENAMED: ClassVar[Mapping[str, str]] = {}
    """JSON name -> attribute, for the fields whose JSON name is no fitting attribute."""

    FIELDS: ClassVar[Mapping[str, str]] = {}
    """JSON name -> attribute, for all fields."""

    KNOWN: ClassVar[frozenset[str]] = frozenset()
    """The JSON names of all fields."""

    additional_properties: dict[str, Any]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        json_names = {attribute: name for name, attribute in cls.RENAMED.items()}
        attributes = [name for name in get_annotations(cls) if name not in _NO_FIELDS]
        # attrs makes the class a second time, for its slots, and that one must not lose what the first one found.
        if attributes and "FIELDS" not in cls.__dict__:
            own = {json_names.get(attribute, attribute): attribute for attribute in attributes}
            cls.FIELDS = {**cls.FIELDS, **own}
            cls.KNOWN = frozenset(cls.FIELDS)

    @classmethod
    def from_dict(cls, data: dict[str, Any], drift: Drift = IGNORED) -> Self:
        """Read the model from JSON as the API sends it. Odd data never raises: what does not fit stays as it is."""
        raise NotImplementedError

    @classmethod
    def decode(cls, value: Any, container: Any, key: str | int, drift: Drift) -> Self:
        """The decoder (see `instantly_core.models.decode`) of this model."""
        if value.__class__ is dict:
            return cls.from_dict(value, drift)
        drift(container, key, cls.__name__)
        return value  # type: ignore[no-any-return]

    def to_dict(self, mode: Literal["json", "python"] = "json") -> dict[str, Any]:
        """Return the fields that are set, and those beyond the document, by their names in JSON.

        Args:
            mode: "json" for JSON: the fields of a response come out again, timestamps equal in value. "python" for
                timestamps and enumerations as they are.
        """
        if mode not in ("json", "python"):
            raise ValueError(f'mode must be "json" or "python", not {mode!r}')
        convert = jsonable if mode == "json" else plain
        result: dict[str, Any] = {}
        for name, attribute in self.FIELDS.items():
            value = getattr(self, attribute)
            if value is not UNSET:
                result[name] = convert(value)
        for name, value in self.additional_properties.items():
            result[name] = convert(value)
        return result

    def to_json(self) -> str:
        """Return the model as JSON text, in ASCII."""
        return json.dumps(self.to_dict(), separators=(",", ":"), allow_nan=False)

    if not TYPE_CHECKING:

        def __iter__(self):
            # For `dict(model)`, which encoders of other libraries try. Nobody means to iterate over a model.
            return iter(self.to_dict(mode="python").items())

    def __str__(self) -> str:
        return line(self)

    def __repr__(self) -> str:
        return short(self)

    def _repr_html_(self) -> str:
        """Return the table that notebooks show."""
        return table(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """Print the line that IPython shows."""
        printer.text(line(self))
