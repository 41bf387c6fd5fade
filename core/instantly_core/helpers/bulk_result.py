"""What became of leads that were added by several requests."""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from attrs import define, field

from ..models.model import Model
from ..models.unset import UNSET

Created = TypeVar("Created")


@define(kw_only=True)
class BulkAddResult(Model, Generic[Created]):
    """What became of all the leads that were sent: the results of the requests, added up.

    Counters that the service has beyond these are in `additional_properties`, added up as well.
    """

    status: str = ""
    """Outcome of the latest request as a whole."""
    total_sent: int = 0
    """How many leads the requests contained."""
    leads_uploaded: int = 0
    """How many leads were created."""
    in_blocklist: int = 0
    """How many leads were skipped because the blocklist contains their email address."""
    blocklist_used: str | None = None
    """Id of the blocklist the leads were checked against."""
    duplicated_leads: int = 0
    """How many leads were not added again because this particular campaign or list already had them."""
    skipped_count: int = 0
    """How many leads the enabled `skip_if_in_...` flags caused to be skipped."""
    invalid_email_count: int = 0
    """How many leads were skipped for a missing or malformed email address."""
    incomplete_count: int = 0
    """How many leads were skipped for having neither an email address nor names. Calculated for lists only."""
    duplicate_email_count: int = 0
    """How many leads were skipped because the same email address occurred more than once in a request."""
    remaining_in_plan: int | None = None
    """Lead uploads left in the current billing plan after the latest request. None without a `campaign_id`."""
    created_leads: list[Created] = field(factory=list)
    """Short records of the leads that were created. Their `index` counts from the first of all leads."""

    def add(self, result: object, offset: int, *, collect: bool = True) -> None:
        """Add the result of a request whose first lead is at `offset` of all leads; `collect` its lists too."""
        if not isinstance(result, Model):
            return  # The service said yes, but not what to.
        for name, attribute in result.FIELDS.items():
            self._add_field(name, getattr(result, attribute), offset, collect)
        for name, value in result.additional_properties.items():
            self._add_field(name, value, offset, collect)

    def _add_field(self, name: str, value: Any, offset: int, collect: bool) -> None:
        if value is UNSET or value is None:
            return
        if name == "created_leads" and isinstance(value, list):
            for lead in value:
                if type(getattr(lead, "index", None)) is int:
                    lead.index += offset
        if isinstance(value, list) and not collect:
            return
        attribute = self.FIELDS.get(name)
        if attribute is not None:
            setattr(self, attribute, _sum(name, getattr(self, attribute), value))
        else:
            self.additional_properties[name] = _sum(name, self.additional_properties.get(name), value)


def _sum(name: str, old: Any, new: Any) -> Any:
    """Add two values of a field: numbers and lists; of anything else the new one counts."""
    if name == "remaining_in_plan":  # A level, no counter.
        return new if _is_number(new) else old
    if isinstance(old, list):
        if isinstance(new, list):
            old.extend(new)
        return old
    if _is_number(old):
        return old + new if _is_number(new) else old
    return new


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
