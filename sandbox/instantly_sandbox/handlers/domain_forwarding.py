"""Forwarding of domains: where their visitors go. Any domain can have one, whoever ordered it."""

from __future__ import annotations

from ..engine.context import RequestContext
from ..engine.registry import handles
from ..state.workspaces import Entity

FORWARDING = "Domain Forwarding"


def forward(context: RequestContext, domain: str, target: str, mode: str = "redirect") -> Entity:
    """Forward the visitors of a domain to another one."""
    forwarding = {"domain": domain, "forwarding_domain": target, "forwarding_mode": mode}
    context.of(FORWARDING)[domain] = forwarding
    return forwarding


@handles("getDomainForwarding")
def get(context: RequestContext) -> Entity:
    domain = _domain(context)
    nowhere = {"domain": domain, "forwarding_domain": None, "forwarding_mode": None}
    return context.of(FORWARDING).get(domain, nowhere)


@handles("updateDomainForwarding")
def update(context: RequestContext) -> Entity:
    target = context.body["forwarding_domain"].strip().lower()
    return forward(context, _domain(context), target, context.body.get("forwarding_mode", "redirect"))


@handles("deleteDomainForwarding")
def delete(context: RequestContext) -> Entity:
    context.of(FORWARDING).pop(_domain(context), None)
    return get(context)


def _domain(context: RequestContext) -> str:
    return context.path["domain"].strip().lower()
