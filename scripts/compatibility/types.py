"""Types as annotations spell them, compared as sets of values: does one hold everything that another one does?"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

COVARIANT = {
    *("AsyncIterable", "AsyncIterator", "AsyncPage", "Awaitable", "Iterable", "Iterator", "Mapping", "Page"),
    *("RawResponse", "Sequence", "dict", "frozenset", "list", "tuple"),
}
WIDER = {"list": "Sequence", "dict": "Mapping", "int": "float"}
EVERYTHING = {"Any", "object"}
SPELLED = {"Flag": "bool"}
"""Name of a type of the engine -> the type that it is to a checker."""

PARAMS = "params."
"""Begins the name of a mapping with known keys."""

Enumerations = Mapping[str, str]
"""Name of an enumeration -> what its values are, `int` or `str`."""


@dataclass(frozen=True)
class Member:
    """One alternative of a type: `head` is all of it, or what precedes the brackets with `inside` in them."""

    head: str
    inside: tuple[frozenset[Member], ...] = ()


Type = frozenset[Member]


Bases = Mapping[str, tuple[str, ...]]
"""Name of a class -> the classes that it extends."""


def takes(wide: str, narrow: str, enumerations: Enumerations, bases: Bases = MappingProxyType({})) -> bool:
    """Whether every value of a place annotated with `narrow` fits a place annotated with `wide`."""
    return _covers(parse(wide), parse(narrow), _parents(enumerations, bases))


def _parents(enumerations: Enumerations, bases: Bases) -> Bases:
    return {**{name: (type_,) for name, type_ in enumerations.items()}, **bases}


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
    head = ast.unparse(node)
    return frozenset({Member(SPELLED.get(head, head))})


def _covers(wide: Type, narrow: Type, parents: Bases) -> bool:
    return all(any(_holds(member, other, parents) for member in wide) for other in narrow)


def _holds(member: Member, other: Member, parents: Bases) -> bool:
    """Whether every value of `other` is one of `member`."""
    if member.head in EVERYTHING or (member.head == "Mapping" and other.head.startswith(PARAMS)):
        return True
    heads = _ancestry(other.head, parents)
    if member.head not in {*heads, *(WIDER.get(head) for head in heads)} or len(member.inside) != len(other.inside):
        return False
    return all(_covers(one, another, parents) for one, another in zip(member.inside, other.inside, strict=True))


def _ancestry(name: str, parents: Bases) -> list[str]:
    """A type, and all that it is one of."""
    found = [name]
    for each in found:
        found += [parent for parent in parents.get(each, ()) if parent not in found]
    return found
