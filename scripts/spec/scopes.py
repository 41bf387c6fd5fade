"""Scopes of an operation, which the vendor names only in the prose of its description.

A sentence that speaks of scopes names them, wherever it is and however it lists them: in a row, as bullets, with or
without backticks. What looks like a scope (`resource:action`) is one; any other word is only one where it is listed
in backticks after the words that require it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

_SCOPE = r"(?:`[\w*.-]+(?::[\w*.-]+)+`|(?<![\w:/@.`*-])[a-z][a-z0-9_-]*(?::(?:[a-z][a-z0-9_-]*|\*))+(?![\w:/@`]))"
_BULLET = r"(?:[-*+•]|[0-9]{1,2}[.)]|<li>)"
_LISTED = rf"\s*(?:{_BULLET}\s*(?:\w+\s+){{0,3}})?(?:<code>|\*\*)?{_SCOPE}"
# What a list of scopes follows ends no sentence.
_END = re.compile(
    rf"(?:(?<!\be\.g)(?<!\bi\.e)[.!?](?=[\s<]|\Z)|(?<!:)\n[ \t]*\n|<br ?/?>\s*<br ?/?>)(?!{_LISTED})", re.ASCII
)
_SUBJECT = re.compile(r"\b(?:(?:scope|permission)s?|granted)\b", re.IGNORECASE)
_REQUIRES = r"\b(?:requires?|required|needs?|must)\b"
_IN_BACKTICKS = re.compile(
    rf"(?:{_REQUIRES}[^`\n]{{0,80}}\bscopes?\b[^`\n]{{0,80}}|\bscopes?\b[^`\n]{{0,80}}:\s*)"
    r"((?:`[^`\n]+`(?:,?\s(?:or\s)?|,)?)+)",
    re.IGNORECASE,
)
_NAMED = re.compile(_SCOPE, re.ASCII)
_ANNOUNCES = re.compile(rf"{_REQUIRES}|\b(?:one|any|either) of\b|:\s*\Z", re.IGNORECASE)
_SEPARATOR = re.compile(
    # The rest of a bullet or of a row in a table says what the scope is for.
    rf"(?:[^\n]*\n\s*(?:{_BULLET}|\|(?:[^|\n]*\|){{0,9}})|(?:</\w+>)?[^\n<]*</(?:li|tr)>)?"
    rf"(?:[\s,;|/()\"']|{_BULLET}|</?\w+ ?/?>|\b(?:or|and|an?|the|scopes?|permissions?)\b)*",
    re.IGNORECASE,
)
_MAX_SENTENCE = 20_000
_MAX_INTRODUCTION = 100


def scopes(operation: dict[str, Any]) -> tuple[str, ...]:
    """The scopes of which any one permits an operation, in the order of its description.

    Of several lists a key has to satisfy each, so these are the scopes that are in all of them; if there are none,
    those of any list.
    """
    required = scope_lists(operation)
    every = dict.fromkeys(name for names in required for name in names)
    return tuple(name for name in every if all(name in names for names in required)) or tuple(every)


def scope_lists(operation: dict[str, Any]) -> list[list[str]]:
    """The lists of scopes that the description of an operation requires, no two with the same names."""
    lists = [each for sentence in _sentences(operation) for each in _lists(sentence)]
    required = [names for names, announced in lists if announced] or [names for names, _ in lists]
    return list({frozenset(names): names for names in reversed(required)}.values())[::-1]


def combined_scopes(operation: dict[str, Any]) -> str:
    """The sentence that a key without a scope of all lists needs one of each; "" where that is never so."""
    lists = scope_lists(operation)
    shared = {*lists[0]}.intersection(*lists) if lists else set()
    alone = [[name for name in names if name not in shared] for names in lists]
    if len(lists) < 2 or not all(alone):
        return ""
    groups = "; ".join(" or ".join(f"`{name}`" for name in names) for names in alone)
    return f"A key{' without any of the scopes below' if shared else ''} needs one of each group: {groups}."


def description_without_scopes(operation: dict[str, Any]) -> str:
    """The description of an operation without the sentences that do nothing but list its scopes."""
    kept = [sentence for sentence in _sentences(operation) if not _only_lists(sentence)]
    return re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()


def _sentences(operation: dict[str, Any]) -> Iterator[str]:
    """The sentences of a description, each with what ends it."""
    text, start = str(operation.get("description", "")), 0
    for end in _END.finditer(text):
        yield text[start : end.end()]
        start = end.end()
    yield text[start:]


def _lists(sentence: str) -> Iterator[tuple[list[str], bool]]:
    """The lists of scopes in a sentence, and of each whether the words before it require one."""
    found = _found(sentence)
    names: list[str] = []
    announced = False
    for index, (start, end) in enumerate(found):
        before = sentence[found[index - 1][1] if index else 0 : start]
        if names and not _SEPARATOR.fullmatch(before):
            yield names, announced
            names = []
        if not names:
            announced = bool(_ANNOUNCES.search(before))
        names.append(sentence[start:end].strip("`"))
    if names:
        yield names, announced


def _found(sentence: str) -> list[tuple[int, int]]:
    """Where a sentence names scopes."""
    if len(sentence) > _MAX_SENTENCE or not _SUBJECT.search(sentence):
        return []
    spans = {match.span() for match in _NAMED.finditer(sentence)}
    for listed in _IN_BACKTICKS.finditer(sentence):
        spans |= {match.span() for match in re.compile(r"`[^`\n]+`").finditer(sentence, *listed.span(1))}
    return sorted(spans)


def _only_lists(sentence: str) -> bool:
    found = _found(sentence)
    if not found:
        return False
    introduction, rest = sentence[: found[0][0]].strip(), sentence[found[-1][1] :]
    return len(introduction) <= _MAX_INTRODUCTION and not re.search(r"\w", re.sub(r"</?\w+ ?/?>", "", rest))
