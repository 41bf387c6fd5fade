"""Types as signatures have them, compared as sets of values: does one hold everything that another one does?"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

_COVARIANT = {
    *("AsyncIterable", "AsyncIterator", "AsyncPage", "Awaitable", "Iterable", "Iterator", "Mapping", "Page"),
    *("RawResponse", "Sequence", "dict", "frozenset", "list", "tuple"),
}
_WIDER = {"list": "Sequence", "dict": "Mapping", "int": "float"}
_EVERYTHING = {"Any", "object"}


@dataclass(frozen=True)
class Member:
    """One alternative of a type: `head` is all of it, or what stands before the brackets with `inside` in them."""

    head: str
    inside: tuple[Type, ...] = ()
    text: str = field(default="", compare=False)

    def covers(self, other: Member) -> bool:
        """Whether every value of `other` is one of this."""
        if self.head in _EVERYTHING:
            return True
        kin = self.head in (other.head, _WIDER.get(other.head)) and len(self.inside) == len(other.inside)
        return kin and all(map(_covers, self.inside, other.inside))


Type = frozenset[Member]


def covers(wider: str, narrower: str) -> bool:
    """Whether the type `wider` holds every value of the type `narrower`; both as Python spells annotations."""
    return wider == narrower or _covers(parse_type(wider), parse_type(narrower))


def missing_from(type_: str, other: str) -> str:
    """The alternatives of `other` that `type_` does not hold, as a type."""
    held = parse_type(type_)
    return " | ".join(sorted(member.text for member in parse_type(other) if not _covers(held, frozenset({member}))))


@cache
def names_given(type_: str) -> frozenset[str]:
    """The names in a type of which values are handed over, but for what a callback in it is called with."""
    return frozenset(_names(_parse(type_)))


@cache
def parse_type(text: str) -> Type:
    """A type as the set of its alternatives."""
    return frozenset(_members(_parse(text)))


def _covers(wider: Type, narrower: Type) -> bool:
    return all(any(member.covers(other) for member in wider) for other in narrower)


def _parse(text: str) -> ast.expr:
    try:
        return ast.parse(text, mode="eval").body
    except SyntaxError:
        # No annotation: one name, equal only to itself.
        return ast.Name(text)


def _members(node: ast.expr) -> Iterator[Member]:
    text = ast.unparse(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        yield from _members(node.left)
        yield from _members(node.right)
    elif isinstance(node, ast.Subscript):
        head = ast.unparse(node.value)
        inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if head == "Literal":
            values = [f"Literal[{ast.unparse(value)}]" for value in inside]
            yield from (Member(value, text=value) for value in values)
        elif head in _COVARIANT:
            yield Member(head, tuple(frozenset(_members(part)) for part in inside), text)
        else:
            yield Member(text, text=text)
    else:
        yield Member(text, text=text)


def _names(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name):
        yield node.id
    elif not (isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Callable"):
        for inner in ast.iter_child_nodes(node):
            yield from _names(inner)
