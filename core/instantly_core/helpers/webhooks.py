"""Subscribe a receiver to events, and find the webhooks that were disabled."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias, TypeVar, overload

from ..call.arguments import explained, in_methods
from ..models.unset import UNSET, Unset
from ..webhooks.disabled import DisabledWebhook, disabled
from ..webhooks.subscription import changes, is_disabled, subscriptions

_Headers: TypeAlias = Mapping[str, str] | Unset | None
_Text: TypeAlias = str | Unset | None


class _Webhook(Protocol):
    id: str
    target_hook_url: str


W = TypeVar("W", bound=_Webhook)
W_co = TypeVar("W_co", bound=_Webhook, covariant=True)

_MAX_FAILURES = 100


class _Subscribes(Protocol[W_co]):
    _client: Any

    def list(self) -> Iterable[W_co]: ...

    def create(self, *, target_hook_url: str, headers: _Headers, name: _Text) -> W_co: ...

    def update(self, id: str, /, *, headers: _Headers = UNSET, name: _Text = UNSET) -> W_co: ...

    def resume(self, id: str, /) -> W_co: ...


class _AsyncSubscribes(Protocol[W_co]):
    _client: Any

    def list(self) -> AsyncIterable[W_co]: ...

    async def create(self, *, target_hook_url: str, headers: _Headers, name: _Text) -> W_co: ...

    async def update(self, id: str, /, *, headers: _Headers = UNSET, name: _Text = UNSET) -> W_co: ...

    async def resume(self, id: str, /) -> W_co: ...


class WebhookHelpers:
    """Helpers of the resource `webhooks`."""

    __slots__ = ()

    @overload
    def ensure(  # type: ignore[overload-overlap] # a str is a sequence, and comes first
        self: _Subscribes[W],
        url: str,
        events: str | int,
        *,
        headers: Mapping[str, str] | Unset | None = UNSET,
        campaign: str | Unset | None = UNSET,
        name: str | Unset | None = UNSET,
    ) -> W: ...
    @overload
    def ensure(
        self: _Subscribes[W],
        url: str,
        events: Sequence[str | int],
        *,
        headers: Mapping[str, str] | Unset | None = UNSET,
        campaign: str | Unset | None = UNSET,
        name: str | Unset | None = UNSET,
    ) -> list[W]: ...
    def ensure(
        self: _Subscribes[W],
        url: str,
        events: str | int | Sequence[str | int],
        *,
        headers: Mapping[str, str] | Unset | None = UNSET,
        campaign: str | Unset | None = UNSET,
        name: str | Unset | None = UNSET,
    ) -> W | list[W]:
        """Have a webhook that delivers events to a URL: create it, correct it, or resume it where it was disabled.

        Do so whenever your receiver starts: what is as it should be stays untouched. A webhook has one type of event,
        so several types are several webhooks. Others that deliver to the URL stay, too. Two processes that do so at
        the same moment may each create one; `event.key` then finds the repeated events.

            client.webhooks.ensure(url, ["reply_received", "email_bounced"], headers={"X-Webhook-Secret": secret})

        Args:
            url: Where to deliver to, with `https://`.
            events: A type of event by the name that is subscribed to or delivered, or the number of a custom label (its
                `interest_status`); or a list of these. `all_events` has every event.
            headers: Headers that each delivery has. Deliveries have no signature, so give them a secret here, and check
                it by `instantly_client.webhooks.verify`. If left out, those of a webhook that there is stay.
            campaign: Id of the campaign whose events are delivered; the whole workspace if left out.
            name: Name of the webhooks, for people. If left out, that of a webhook that there is stays.

        Returns:
            The webhook; for a list of events, the list of their webhooks.

        Raises:
            ValueError: There are no events, or one has no subscription of its own, such as `auto_reply_received`.
            APIError: The webhooks could not be listed, created, updated or resumed.
        """
        wanted = subscriptions(url, events, campaign)
        known = [webhook for webhook in self.list() if webhook.target_hook_url == url]
        ensured = []
        for each in wanted:
            found = each.find(known)
            if found is None:
                webhook = self.create(**each.fields(), headers=headers, name=name)
            elif changed := changes(found, {"headers": headers, "name": name}):
                webhook = self.update(found.id, **changed)
            else:
                webhook = found
            ensured.append(self.resume(webhook.id) if is_disabled(webhook) else webhook)
        return ensured[0] if isinstance(events, str | int) else ensured

    def check(self: _Subscribes[W]) -> list[DisabledWebhook[W]]:
        """Find the webhooks that the service has disabled because deliveries failed. It says so nowhere else.

        `client.webhooks.resume(found.webhook.id)` turns one on again, once its receiver works; so does `ensure`.

        Returns:
            Each disabled webhook, with the moment and the reason of the failure.

        Raises:
            APIError: The webhooks or their deliveries could not be listed.
        """
        found = []
        for webhook in [webhook for webhook in self.list() if is_disabled(webhook)]:
            url = webhook.target_hook_url
            failed = self._client.webhook_events.list(success=False, search=url, max_items=_MAX_FAILURES)
            found.append(disabled(webhook, [failure for failure in failed if failure.webhook_url == url]))
        return found


class AsyncWebhookHelpers:
    """Helpers of the resource `webhooks`."""

    __slots__ = ()

    @overload
    async def ensure(  # type: ignore[overload-overlap] # a str is a sequence, and comes first
        self: _AsyncSubscribes[W],
        url: str,
        events: str | int,
        *,
        headers: Mapping[str, str] | Unset | None = UNSET,
        campaign: str | Unset | None = UNSET,
        name: str | Unset | None = UNSET,
    ) -> W: ...
    @overload
    async def ensure(
        self: _AsyncSubscribes[W],
        url: str,
        events: Sequence[str | int],
        *,
        headers: Mapping[str, str] | Unset | None = UNSET,
        campaign: str | Unset | None = UNSET,
        name: str | Unset | None = UNSET,
    ) -> list[W]: ...
    async def ensure(
        self: _AsyncSubscribes[W],
        url: str,
        events: str | int | Sequence[str | int],
        *,
        headers: Mapping[str, str] | Unset | None = UNSET,
        campaign: str | Unset | None = UNSET,
        name: str | Unset | None = UNSET,
    ) -> W | list[W]:
        """Have a webhook that delivers events to a URL: create it, correct it, or resume it where it was disabled.

        Do so whenever your receiver starts: what is as it should be stays untouched. A webhook has one type of event,
        so several types are several webhooks. Others that deliver to the URL stay, too. Two processes that do so at
        the same moment may each create one; `event.key` then finds the repeated events.

            await client.webhooks.ensure(url, ["reply_received", "email_bounced"], headers={"X-Webhook-Secret": secret})

        Args:
            url: Where to deliver to, with `https://`.
            events: A type of event by the name that is subscribed to or delivered, or the number of a custom label (its
                `interest_status`); or a list of these. `all_events` has every event.
            headers: Headers that each delivery has. Deliveries have no signature, so give them a secret here, and check
                it by `instantly_client.webhooks.verify`. If left out, those of a webhook that there is stay.
            campaign: Id of the campaign whose events are delivered; the whole workspace if left out.
            name: Name of the webhooks, for people. If left out, that of a webhook that there is stays.

        Returns:
            The webhook; for a list of events, the list of their webhooks.

        Raises:
            ValueError: There are no events, or one has no subscription of its own, such as `auto_reply_received`.
            APIError: The webhooks could not be listed, created, updated or resumed.
        """
        wanted = subscriptions(url, events, campaign)
        known = [webhook async for webhook in self.list() if webhook.target_hook_url == url]
        ensured = []
        for each in wanted:
            found = each.find(known)
            if found is None:
                webhook = await self.create(**each.fields(), headers=headers, name=name)
            elif changed := changes(found, {"headers": headers, "name": name}):
                webhook = await self.update(found.id, **changed)
            else:
                webhook = found
            ensured.append(await self.resume(webhook.id) if is_disabled(webhook) else webhook)
        return ensured[0] if isinstance(events, str | int) else ensured

    async def check(self: _AsyncSubscribes[W]) -> list[DisabledWebhook[W]]:
        """Find the webhooks that the service has disabled because deliveries failed. It says so nowhere else.

        `client.webhooks.resume(found.webhook.id)` turns one on again, once its receiver works; so does `ensure`.

        Returns:
            Each disabled webhook, with the moment and the reason of the failure.

        Raises:
            APIError: The webhooks or their deliveries could not be listed.
        """
        found = []
        for webhook in [webhook async for webhook in self.list() if is_disabled(webhook)]:
            url = webhook.target_hook_url
            failed = self._client.webhook_events.list(success=False, search=url, max_items=_MAX_FAILURES)
            found.append(disabled(webhook, [failure async for failure in failed if failure.webhook_url == url]))
        return found


in_methods(WebhookHelpers, explained)
in_methods(AsyncWebhookHelpers, explained)
