"""Texts of fields for `help()`. Python drops the texts below attributes, so the source has to be read for them."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from inspect import cleandoc, getsource
from itertools import pairwise
from textwrap import indent, wrap
from typing import Any

from .fields import fields_of, once

_WIDTH = 100


@once
def field_texts(model: type[Any]) -> Mapping[str, str]:
    """Attribute -> its text, for the fields of a model that have one; nothing where there is no source."""
    return {name: text for base in reversed(model.__mro__) for name, text in _texts_in(base)}


def with_fields(doc: str | None, model: type[Any]) -> str | None:
    """Return the docstring of a model with the texts of its fields."""
    texts = field_texts(model)
    described = [f"{each.argument}: {texts[each.attribute]}" for each in fields_of(model) if each.attribute in texts]
    if not described:
        return doc
    lines = [line for text in described for line in wrap(text, _WIDTH, subsequent_indent="    ")]
    return f"{cleandoc(doc or '')}\n\nAttributes:\n{indent(chr(10).join(lines), '    ')}\n"


def _texts_in(owner: type) -> Iterator[tuple[str, str]]:
    """The texts of the fields that a class itself has."""
    try:
        source = getsource(sys.modules[owner.__module__])
    except (KeyError, OSError, TypeError):
        return
    for node in ast.parse(source).body:
        if isinstance(node, ast.ClassDef) and node.name == owner.__qualname__:
            for field, text in pairwise(node.body):
                match field, text:
                    case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(written))):
                        yield name, " ".join(written.split())
