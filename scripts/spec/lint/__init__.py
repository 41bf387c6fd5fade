"""Refuse a document that no sound client can be made from, with everything that is wrong with it at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from scripts.lib.report import Finding
from scripts.spec.lint.bounds import WHY_VERSION, check_sizes, check_version
from scripts.spec.lint.names import check_names, check_same_titles
from scripts.spec.lint.operations import (
    check_operation_ids,
    check_parameters,
    check_parameters_of_operations,
    check_path_items,
    check_paths,
    check_responses,
    check_schemas,
)
from scripts.spec.lint.references import check_chains, check_circles, check_references
from scripts.spec.lint.survey import Survey, quote

_RULES: tuple[Callable[[Survey], Iterator[Finding]], ...] = (
    check_version,
    check_sizes,
    check_paths,
    check_path_items,
    check_operation_ids,
    check_responses,
    check_parameters,
    check_parameters_of_operations,
    check_schemas,
    check_references,
    check_circles,
    check_chains,
    check_names,
    check_same_titles,
)


def lint(document: object) -> list[Finding]:
    """Everything that is wrong with `document`, any JSON value; an empty list if a client can be made from it.

    The pointers of the findings point into the document; where something is missing, at what should have it.
    """
    if isinstance(document, dict) and "swagger" in document and "openapi" not in document:
        what = f"this is Swagger {quote(str(document['swagger']))}, not OpenAPI 3.1"
        return [Finding("/swagger", what, f"{WHY_VERSION}; convert it to OpenAPI 3.1 first")]
    survey = Survey(document)
    findings = [*survey.misshapen, *(finding for rule in _RULES for finding in rule(survey))]
    return list(dict.fromkeys(findings))
