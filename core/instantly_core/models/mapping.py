"""The base class of models with fields of any name, such as a lead's custom variables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from .model import Model
from .unset import UNSET


class OpenModel(Model, Mapping[str, Any]):
    """An object that may have any fields. It is a mapping of their names in JSON to their values, without those that
    are UNSET; the fields that the document names are attributes too."""

    __slots__ = ()

    FURTHER: ClassVar[Literal["closed", "open", "unsaid"]] = "open"

    def __getitem__(self, key: str) -> Any:
        attribute = self.FIELDS.get(key)
        value = self.additional_properties.get(key, UNSET) if attribute is None else getattr(self, attribute)
        if value is UNSET:
            raise KeyError(key)
        return value

    __contains__ = Mapping.__contains__

    def __len__(self) -> int:
        return sum(1 for _ in self._names())

    if TYPE_CHECKING:

        def __iter__(self) -> Iterator[str]: ...

    else:

        def __iter__(self):
            return self._names()

    def _names(self) -> Iterator[str]:
        for name, attribute in self.FIELDS.items():
            if getattr(self, attribute) is not UNSET:
                yield name
        yield from self.additional_properties
