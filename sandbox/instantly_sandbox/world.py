"""Worlds to begin with, so that lists, pages and analytics have something to show."""

from __future__ import annotations

from .service import Service
from .state import Workspace


def furnish(world: str, service: Service, workspace: Workspace) -> None:
    """Fill a new workspace.

    Raises:
        ValueError: there is no world of this name.
    """
    if world != "demo":
        raise ValueError(f"there is no world {world!r}: the only one is 'demo'")
