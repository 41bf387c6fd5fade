"""Suggestions for names that do not exist."""

from __future__ import annotations

from collections.abc import Collection

_CLOSE = 0.6

_SYNONYMS = {
    "page_size": "limit",
    "per_page": "limit",
    "cursor": "starting_after",
    "page_token": "starting_after",
    "params": "query",
    "body": "json",
    "data": "json",
}
"""What other APIs call an argument -> what it is called here."""


def hint(name: object, known: Collection[str]) -> str:
    """Say which name was probably meant, or which names there are."""
    nearest = nearest_to(str(name), known)
    return f"did you mean {nearest!r}?" if nearest else f"it takes: {', '.join(known) or 'none'}"


def nearest_to(name: str, known: Collection[str]) -> str | None:
    """The name that was probably meant: one spelt nearly alike, or one of which all words are in the other."""
    from difflib import SequenceMatcher

    if _SYNONYMS.get(name) in known:
        return _SYNONYMS[name]
    by_ratio = {each: SequenceMatcher(None, _letters(name), _letters(each)).ratio() for each in known}
    alike = [
        each for each, ratio in by_ratio.items() if ratio >= _CLOSE or _one_in_the_other(_words(name), _words(each))
    ]
    return max(alike, key=by_ratio.__getitem__, default=None)


def _letters(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


def _words(name: str) -> set[str]:
    return {*name.lower().replace("-", "_").split("_")} - {""}


def _one_in_the_other(some: set[str], others: set[str]) -> bool:
    return bool(some and others) and (some <= others or others <= some)
