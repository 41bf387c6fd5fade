"""Bring every quirk of the document into one form, so that the generator meets nothing that it drops or breaks on.

Each rule is a function from document to document, mends one thing, and is of use on any version of the document.
Corrections of single operations are the overlay's. `normalise` checks that no field and no value was lost.
"""

from __future__ import annotations

from collections.abc import Callable

from scripts.spec.document import Document, Schema, map_schemas
from scripts.spec.normalise.aliases import inline_aliases
from scripts.spec.normalise.bodies import drop_null_bodies, drop_read_only_fields, keep_one_body
from scripts.spec.normalise.conservation import check_conserved
from scripts.spec.normalise.meanings import give_meanings
from scripts.spec.normalise.parameters import drop_null_from_paths
from scripts.spec.normalise.references import inline_shared_parts, say_titles
from scripts.spec.normalise.responses import (
    drop_content_of_empty_responses,
    drop_error_responses,
    drop_null_pages,
    join_successes,
)
from scripts.spec.normalise.size import check_size, too_deep
from scripts.spec.normalise.text import (
    defaults_are_documented,
    formats_are_documented,
    scalar_enumerations_are_documented,
)
from scripts.spec.normalise.types import (
    const_as_enumeration,
    drop_examples,
    give_arrays_items,
    one_type_each,
    say_the_type,
    tuples_as_arrays,
)
from scripts.spec.normalise.unions import fold_combinators


def _everywhere(rule: Callable[[Schema], Schema]) -> Callable[[Document], Document]:
    return lambda document: map_schemas(document, rule)


SELECTION: tuple[Callable[[Document], Document], ...] = (
    inline_shared_parts,
    drop_error_responses,
    drop_content_of_empty_responses,
    join_successes,
    keep_one_body,
    drop_null_bodies,
    drop_read_only_fields,
)
"""Rules that leave out what no call can send or receive."""

FORM: tuple[Callable[[Document], Document], ...] = (
    say_titles,
    give_meanings,
    _everywhere(tuples_as_arrays),
    _everywhere(drop_examples),
    _everywhere(const_as_enumeration),
    _everywhere(say_the_type),
    _everywhere(give_arrays_items),
    _everywhere(one_type_each),
    _everywhere(give_arrays_items),
    fold_combinators,
    check_size,
    inline_aliases,
    say_titles,
    check_size,
    fold_combinators,
    check_size,
    drop_null_from_paths,
    _everywhere(defaults_are_documented),
    _everywhere(formats_are_documented),
    _everywhere(scalar_enumerations_are_documented),
    drop_null_pages,
)
"""Rules that say the same in one form."""


def normalise(document: Document) -> Document:
    """The document in the one form that the later steps read.

    Raises `Failed` if a field or an enumeration value that was there is not there any more, `Refused` if the document
    is too large or too deep where schemas are written out in one another.
    """
    try:
        for rule in SELECTION:
            document = rule(document)
        before = document
        for rule in FORM:
            document = rule(document)
    except RecursionError:
        raise too_deep() from None
    check_conserved(before, document)
    return document
