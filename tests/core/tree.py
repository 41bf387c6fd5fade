"""A model that contains itself."""

from __future__ import annotations

from attrs import define

from instantly_core import Model


@define(kw_only=True)
class Tree(Model):
    """A tree has a name and branches, which are trees."""

    name: str
    """The name of the tree."""
    branches: list[Tree]
