"""Types as annotations spell them, compared as sets of values: does one hold everything that another one does?"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

COVARIANT = {
    *("AsyncIterable", "AsyncIterator", "AsyncPage", "Awaitable", "Iterable", "Iterator", "Mapping", "Page"),
    *("RawResponse", "Sequence", "dict", "frozenset", "list", "tuple"),
}
WIDER = {"list": "Sequence", "dict": "Mapping", "int": "float"}
EVERYTHING = {"Any", "object"}

Enumerations = Mapping[str, str]
"""Name of an enumeration -> what its values are, `int` or `str`."""


@dataclass(frozen=True)
class Member:
    """One alternative of a type: `head` is all of it, or what precedes the brackets with `inside` in them."""

    head: str
    inside: tuple[frozenset[Member], ...] = ()


Type = frozenset[Member]


def takes(wide: str, narrow: str, enumerations: Enumerations) -> bool:
    """Whether an argument annotated with `wide` takes everything that one annotated with `narrow` takes."""
    return _covers(parse(wide), parse(narrow), enumerations)


def reads(old: str, new: str, enumerations: Enumerations) -> bool:
    """Whether code that reads a value annotated with `old` can read one annotated with `new`.

    As in `takes`, but the plain type next to an enumeration is only for values that the enumeration does not know yet:
    it counts for none of its members.
    """
    return _covers(_known(parse(old), enumerations), _known(parse(new), enumerations), enumerations)


def same(one: str, other: str) -> bool:
    """Whether two annotations are one type: the order of alternatives does not matter."""
    return one == other or parse(one) == parse(other)


@cache
def parse(annotation: str) -> Type:
    """An annotation as the set of its alternatives."""
    try:
        node = ast.parse(annotation, mode="eval").body
    except SyntaxError:  # one name, equal only to itself
        return frozenset({Member(annotation)})
    return _parsed(node)


def _parsed(node: ast.expr) -> Type:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return _parsed(node.left) | _parsed(node.right)
    if isinstance(node, ast.Subscript):
        head = ast.unparse(node.value)
        inside = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if head == "Literal":
            return frozenset(Member(f"Literal[{ast.unparse(value)}]") for value in inside)
        if head in COVARIANT:
            return frozenset({Member(head, tuple(map(_parsed, inside)))})
    return frozenset({Member(ast.unparse(node))})


def _known(members: Type, enumerations: Enumerations) -> Type:
    fallbacks = {enumerations[member.head] for member in members if member.head in enumerations}
    return frozenset(
        Member(member.head, tuple(_known(inside, enumerations) for inside in member.inside))
        for member in members
        if member.head not in fallbacks
    )


def _covers(wide: Type, narrow: Type, enumerations: Enumerations) -> bool:
    return all(any(_holds(member, other, enumerations) for member in wide) for other in narrow)


def _holds(member: Member, other: Member, enumerations: Enumerations) -> bool:
    """Whether every value of `other` is one of `member`."""
    if member.head in EVERYTHING:
        return True
    if other.head in enumerations and member.head not in enumerations:
        other = Member(enumerations[other.head])
    if member.head not in (other.head, WIDER.get(other.head)) or len(member.inside) != len(other.inside):
        return False
    return all(_covers(one, another, enumerations) for one, another in zip(member.inside, other.inside, strict=True))
