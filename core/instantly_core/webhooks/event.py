"""The base class of delivered events: one flat object with the event's fields and the lead's own data."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from hashlib import sha256
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeVar

from attrs import define

from ..models.decode import IGNORED, Drift
from ..models.encode import jsonable
from ..models.fields import fields_of
from ..models.model import Model
from ..models.unset import UNSET, Unset
from .names import ALL_EVENTS, SUBSCRIBED
from .reply import Replies, is_address, is_uuid, reply_subject

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler
    from pydantic_core import CoreSchema

T = TypeVar("T")

# Field -> where else a delivery has its value, and what shows that a value is one.
_ELSEWHERE: Mapping[str, tuple[str, Callable[[object], bool]]] = {
    "campaign_id": ("campaign", is_uuid),
    "lead_email": ("email", is_address),
}

_ABOUT = ("lead_email", "campaign_id", "email_id", "email_account")


@define(kw_only=True)
class DeliveredEvent(Model):
    """An event that a webhook delivered: the base class of what `webhooks.parse` returns.

    A field may have a value of any type, because the lead's own data replaces fields of the same name.
    """

    FURTHER: ClassVar[Literal["closed", "open", "unsaid"]] = "open"

    _REPEATED: ClassVar[tuple[str, ...]] = ("event_type", "timestamp", "step", "variant", *_ABOUT)
    """The fields that a repeated delivery has the same."""

    timestamp: datetime
    """When it happened."""
    event_type: str
    """Name of the event as it is delivered. That of a custom label is the label's text."""
    workspace: str
    """UUID of the workspace."""
    campaign_id: str | Unset | None = UNSET
    """UUID of the campaign."""
    campaign_name: str | Unset | None = UNSET
    """Name of the campaign."""
    lead_email: str | Unset | None = UNSET
    """Address of the lead."""
    email_account: str | Unset | None = UNSET
    """Address of the account that sent or received the email."""
    email_id: str | Unset | None = UNSET
    """UUID of the email. A reply has it as `reply_to_uuid`."""
    email_subject: str | Unset | None = UNSET
    """Subject of the email that was sent."""
    email_text: str | Unset | None = UNSET
    """The email that was sent, as text."""
    email_html: str | Unset | None = UNSET
    """The email that was sent, as HTML."""
    reply_text_snippet: str | Unset | None = UNSET
    """Beginning of the reply."""
    reply_subject: str | Unset | None = UNSET
    """Subject of the reply."""
    reply_text: str | Unset | None = UNSET
    """The reply as text."""
    reply_html: str | Unset | None = UNSET
    """The reply as HTML."""
    step: int | Unset | None = UNSET
    """Step of the sequence, from 1 on."""
    variant: int | Unset | None = UNSET
    """Variant of the step, from 1 on."""
    is_first: bool | Unset | None = UNSET
    """Whether it is the first event of its type for the lead."""
    unibox_url: str | Unset | None = UNSET
    """Address of the conversation in the Unibox of the web app."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], drift: Drift = IGNORED) -> Self:
        """Read an event of this class from JSON as it is delivered. Odd data never raises: what does not fit stays as
        it is.

        Raises:
            TypeError: the data is no mapping.
        """
        event = super().from_dict(data, drift)
        event._recover()
        return event

    def _recover(self) -> None:
        """Take the values of replaced fields from elsewhere. What replaced them stays in the lead's data."""
        further = self.additional_properties
        for name, (elsewhere, fits) in _ELSEWHERE.items():
            value, other = getattr(self, name), further.get(elsewhere)
            if value is not UNSET and value is not None and not fits(value) and fits(other):
                setattr(self, name, other)
                further[name] = value

    @property
    def lead_data(self) -> Mapping[str, Any]:
        """The lead's own data, by the lead's names for it: `firstName`, `companyName`, custom variables.

        It includes what replaced a field of the event, as far as that shows: by its type, or because the value of the
        field was found elsewhere in the delivery.
        """
        data = dict(self.additional_properties)
        for each in fields_of(type(self)):
            value = getattr(self, each.attribute)
            if value is not UNSET and value is not None and value.__class__ is not each.form:
                data.setdefault(each.json_name, value)
        return MappingProxyType(data)

    @property
    def subscription(self) -> str:
        """The `event_type` of a webhook that brings such events; "all_events", which brings all, if there is no other.

        A webhook for a custom label alone has the label's `interest_status` as its `custom_interest_value`.
        """
        return SUBSCRIBED.get(str(self.event_type), ALL_EVENTS)

    @property
    def key(self) -> str:
        """A text of 64 characters that is the same whenever the event is delivered again, to recognize repeats by.

        The service repeats what it takes for failed, two webhooks may bring the same event, and a delivery has no id.
        """
        moment: object = self.timestamp
        parts = jsonable({name: getattr(self, name) for name in self._REPEATED})
        if not isinstance(moment, datetime) or not any(name in parts for name in _ABOUT):
            parts = self.to_dict()  # Too little is known of it to say what else may differ.
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def reply(
        self,
        client: Replies[T],
        /,
        *,
        text: str | None = None,
        html: str | None = None,
        subject: str | None = None,
        eaccount: str | None = None,
        **arguments: Any,
    ) -> T:
        """Reply to the email that the event is about. This sends a real email to the lead.

        Args:
            client: The client that sends it; await the result of an asynchronous one.
            text: The reply as text. Give this, `html`, or both.
            html: The reply as HTML.
            subject: Its subject; by default "Re: " and that of the email.
            eaccount: Address of the account that sends it; by default the one that the email belongs to.
            arguments: Further arguments of `client.emails.reply`, such as `cc_address_email_list`.

        Returns:
            The email, as `client.emails.reply` returns it.

        Raises:
            ValueError: Neither text nor HTML is given, or the event has no email, account or subject.
            APIError: The reply could not be sent.
        """
        body = {name: value for name, value in (("html", html), ("text", text)) if value}
        if not body:
            raise ValueError("a reply needs text= or html=")
        if not is_uuid(self.email_id):
            raise ValueError(f"{self._without('email_id', 'UUID')}: there is no email to reply to")
        if not is_address(account := self.email_account if eaccount is None else eaccount):
            raise ValueError(f"{self._without('email_account', 'address')}; pass eaccount=")
        if subject is None:
            found = next((each for each in (self.reply_subject, self.email_subject) if isinstance(each, str)), None)
            if found is None:
                raise ValueError(f"{self._without('reply_subject', 'text')}; pass subject=")
            subject = reply_subject(found)
        return client.emails.reply(
            eaccount=account, reply_to_uuid=self.email_id, subject=subject, body=body, **arguments
        )

    def _without(self, name: str, kind: str) -> str:
        missing = getattr(self, name) in (UNSET, None)
        return f"{name} of this {type(self).__name__} {'is missing' if missing else f'is no {kind}'}"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from ..models.schema import model_schema
        from .schema import validated

        return model_schema(cls, handler, validated)
