"""The grammar of names: what a resource, method, class or member is called that has no name on record.

`docs/names.md` says it for people.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from keyword import iskeyword
from typing import Any

from scripts.lib.identifiers import MAX_LENGTH, identifier, letters, pascal_case, singular, usable, words
from scripts.spec.document import Operation

SHORT = {"patch": "update", "put": "update", "retrieve": "get", "fetch": "get"}
"""Verbs of operationIds -> the one verb for the same thing."""

_VERBS = """
    accept activate add analyze apply approve archive assign attach authorize buy calculate call cancel change check
    claim clear clone close complete configure confirm connect convert copy count create deactivate decline delete
    deploy detach detect disable disconnect discard dismiss download duplicate edit enable end enrich enroll
    estimate evaluate execute expire export extend filter find finish forward generate get grant hide import ingest
    init initiate install invite join launch leave link list lock login logout lookup mark match merge migrate move
    notify open order pause pin poll predict prepare preview process provision publish purchase query read rebuild
    record redeem refresh register reject release reload remove rename renew reorder replace reply report request
    resend reset resolve restart restore resume retry return revert revoke rotate run save schedule score search
    select send set share show simulate skip snooze sort split start stop stream submit subscribe suggest suspend swap
    switch sync tag test toggle track train transfer translate trigger unarchive unassign unlink unlock unsnooze
    unsubscribe update upgrade upload upsert use validate verify view warm whitelist withdraw write
"""
VERBS = frozenset(_VERBS.split())
"""First words of operationIds that say what is done. Of what only reads, another word is taken for a thing."""

DEFAULTS = {"post": "create", "put": "update", "patch": "update"}
READING = {"get", "list", "count", "check", "search", "preview", "find", "test"}
KINDS = {"count": "Count", "check": "Check", "search": "Result", "preview": "Preview", "test": "Result"}
PREPOSITIONS = {"a", "an", "and", "by", "for", "from", "in", "of", "on", "the", "to", "with"}
SMALL = PREPOSITIONS | {"at", "as", "is", "or", "per", "that"}
SIGNS = {"&": "and", "+": "plus", "%": "percent", ">": "over", "<": "under", "$": "usd", "€": "eur"}
SIGNS_ALONE = {"!=": "not equals", ">=": "at least", "<=": "at most", "=": "equals", "-": "minus", "*": "star"}
SIGNS_ALONE |= {"/": "slash", **SIGNS}
"""The words of a sign, and of a text that is nothing but signs."""


# Words


def plural(word: str) -> str:
    """The plural of a word, or of several in snake case."""
    if word.endswith(("x", "ch", "sh", "ss")):
        return word + "es"
    if word.endswith("s"):
        return word
    return word[:-1] + "ies" if word.endswith("y") and word[-2:-1] not in "aeiou" else word + "s"


def _singulars(text: str) -> list[str]:
    return [singular(word) for word in words(text)]


def fitting(
    parts: Sequence[str], sign: str = "_", limit: int = MAX_LENGTH, *, keep: Collection[str] = frozenset()
) -> str:
    """The words joined; of a name that is too long without the last of the small words, then without the middle.

    As long as others can go, the words to `keep` stay.
    """
    parts = list(parts)
    while len(sign.join(parts)) > limit and len(parts) > 1:
        inner = [index for index, word in enumerate(parts[1:-1], 1) if word not in keep]
        small = [index for index in inner if parts[index].lower() in SMALL]
        middle = len(parts) // 2
        del parts[small[-1] if small else min(inner, key=lambda index: abs(index - middle), default=middle)]
    return sign.join(parts)[:limit].rstrip("_")


# Resources


def segments(path: str) -> list[str]:
    """The segments of a path below the root of the API."""
    return re.sub(r"^/(api/)?(v\d+/)?", "", path).strip("/").split("/")


def resource_name(tag: str, paths: Iterable[str], other_paths: Iterable[str]) -> str:
    """A resource: its tag in the plural, or the first segment of its paths where that is shorter and nobody else's."""
    heads = {segments(path)[0] for path in paths}
    if len(heads) == 1 and not heads & {segments(path)[0] for path in other_paths}:
        (head,) = heads
        rest = iter(_singulars(tag))
        if "{" not in head and len(words(head)) < len(words(tag)) and all(word in rest for word in _singulars(head)):
            return identifier(head)
    limit = MAX_LENGTH - len("AsyncRaw")  # before the name of its class
    word = identifier(tag).removesuffix("_")  # in the plural it may be no keyword any more, or have become one
    return usable(fitting(plural(word).split("_"), limit=limit))


# Methods


def nouns(tag: str, resource: str, paths: Collection[str]) -> set[str]:
    """The words, in the singular, that go without saying in the methods of a resource."""
    known = {*_singulars(tag), *_singulars(resource)}
    named_by_tag = {*_singulars(resource)} >= {*_singulars(tag)}
    split = [segments(path) for path in paths]
    found = known | {"current"}
    for level in zip(*split, strict=False):
        if len({*level}) > 1 or "{" in level[0] or len(split) < 2:
            break
        if known & {*_singulars(level[0])}:
            found |= {*_singulars(level[0])}
    if not named_by_tag:  # the tag is of a part of the thing, which its paths name after the thing
        below = [segment for each in split for segment in _after_parameter(each)]
        found -= {word for segment in below for word in _singulars(segment)}
    return found


def _after_parameter(path: Sequence[str]) -> list[str]:
    first = next((index for index, segment in enumerate(path) if "{" in segment), len(path))
    return [segment for segment in path[first:] if "{" not in segment]


def method_name(operation: Operation, noun: Collection[str], *, lists: bool = False) -> str:
    """A method: a verb, and what it is done to if that is not the resource; `lists` if the answer is a list."""
    parts = words(operation.id)
    if parts[-2:] == ["by", "id"]:
        parts = parts[:-2]
    if not _begins_with_verb(parts) and parts[-1:] and parts[-1] in READING:
        parts = [parts[-1], *parts[:-1]]
    begun = _begins_with_verb(parts)
    verb, parts = (parts[:begun], parts[begun:])
    parts = [word for word in parts if singular(word) not in noun]
    parts = [word for index, word in enumerate(parts) if word not in PREPOSITIONS or parts[index + 1 :]]
    if not verb and parts and parts[0] in VERBS:
        verb, parts = parts[:1], parts[1:]
    while parts and (parts[0] in PREPOSITIONS and not verb):
        parts = parts[1:]
    reads = operation.method == "get" or operation.raw.get("x-safe")
    # Of what changes something the first word is nearly always a verb.
    if not (verb or reads) and parts and parts[0].isalpha():
        verb, parts = parts[:1], parts[1:]
    verb = [SHORT.get(word, word) for word in verb] or [DEFAULTS.get(operation.method, operation.method)]
    if verb == ["get"] and not parts:
        verb = ["list"] if lists else ["get"] if "{" in operation.path else ["get", "current"]
    name = fitting([*verb, *parts])
    return f"{name}_" if iskeyword(name) else name  # a builtin is a good name for a method, unlike a keyword


def _begins_with_verb(parts: Sequence[str]) -> int:
    """How many of the first words are a verb."""
    if parts[:1] == ["bulk"] and parts[1:2] and (parts[1] in VERBS or parts[1] in SHORT):
        return 2
    return int(bool(parts) and (parts[0] in VERBS or parts[0] in SHORT))


def differences(operation: Operation, name: str, others: Collection[Operation]) -> Iterator[str]:
    """Names for an operation that would be called `name`, as `others` are: by what they do not have."""
    verb, *rest = name.split("_")
    if "{" not in operation.path and any("{" in other.path for other in others):
        several = any(word != singular(word) for word in words(operation.id))
        yield fitting([verb, *rest, "many"] if several and verb not in READING else [verb, "current", *rest])
    for mine, theirs in (
        (
            words(operation.id)[_begins_with_verb(words(operation.id)) :],
            [word for other in others for word in words(other.id)],
        ),
        (words(operation.path), [word for other in others for word in words(other.path)]),
        ([operation.method], [other.method for other in others]),
    ):
        if own := [word for word in mine if word not in theirs]:
            yield fitting([verb, *rest, *own])
    yield f"{fitting([verb, *rest], limit=MAX_LENGTH - 9)}_{letters(operation.id)}"


# Classes


def class_candidates(place: str, call: tuple[str, str], *, parent: str = "", last: str = "") -> Iterator[str]:
    """Names for the class of a place, the best first.

    `call` is the resource and method of an operation's place, `parent` the class of the object around, if it has one
    on record, and `last` what to say for the last step of the place.
    """
    root, *path = _steps(place)
    if last and path:
        path[-1] = last
    if parent and path:
        yield from _joined(parent, path[-1])
    if ":" not in place:
        if _is_of_item(place):
            yield from _joined(pascal_case(root), "".join(path[-2:]))
        for length in range(1, len(path) + 1):
            yield from _joined(pascal_case(root), "".join(path[-length:]))
        yield pascal_case(root) + "".join(path)
    elif path:
        yield from _of_part(place, path, *call)
    else:
        yield from _of_answer(place, *call)


def _of_answer(place: str, resource: str, method: str) -> Iterator[str]:
    """Names for what a method returns: what it reads, makes or changes is called so, and all else is a result.

    What it takes a list of is an item.
    """
    owner = pascal_case(singular(resource))
    verb, *rest = method.split("_")
    if ":body" in place and place.endswith(("[]", "{}")):
        yield f"{owner}{_capitals(method.split('_'))}Item"
    elif verb in (*READING, "create", "update"):
        kind = KINDS.get(verb, "")
        if place.endswith(("[]", "{}")):
            thing = _capitals([*rest[:-1], *map(singular, rest[-1:])])
            yield from (owner + thing + kind, f"{owner}{thing}ListItem")
        thing = _capitals(rest)
        yield from (owner + thing + kind, *([f"{owner}{thing}List"] if verb == "list" else []), f"{owner}{thing}Result")
    whole = [part.capitalize() for part in method.split("_")]
    yield f"{owner}{fitting(whole, '', max(MAX_LENGTH - len(owner) - len('Result'), len(whole[0])))}Result"
    yield f"{''.join(whole)}Result"


def _of_part(place: str, path: list[str], resource: str, method: str) -> Iterator[str]:
    """Names for a part of what a method takes or returns."""
    owner, whole, last = pascal_case(singular(resource)), _capitals(method.split("_")), path[-1]
    thing = _capitals([singular(word) for word in method.split("_")[1:] if word not in ("current", "many")])
    if ":response" in place and len(path) == 1 and thing:
        if not thing.endswith(last):
            yield owner + thing + last
        elif place.endswith("[]"):
            yield f"{owner}{thing}Item"
    if len(path) > 1 and _is_of_item(place):
        yield from _joined(owner, "".join(path[-2:]))
    for length in range(1, len(path) + 1):
        yield from _joined(owner, "".join(path[-length:]))
    if ":query." in place:
        yield f"{owner}{last}Filter"
    yield from (owner + whole + last, "".join(path[-2:]), whole + "".join(path))


def _is_of_item(place: str) -> bool:
    """Whether a place is right in an item of a list: what is there is called after the item."""
    return bool(re.search(r"(\[\]|\{\})(\|\w+)?\.[^.]+$", place))


def _joined(owner: str, part: str) -> Iterator[str]:
    """The two words after one another, and first without the word that both have in the middle."""
    shared = re.match(r"[A-Z][a-z0-9]*", part)
    if shared and owner.endswith(shared[0]) and part != shared[0]:
        yield owner + part.removeprefix(shared[0])
    yield owner + part


def _capitals(parts: Iterable[str]) -> str:
    return "".join(map(str.capitalize, parts))


def _steps(place: str) -> list[str]:
    """The root of a place, then its steps as a class name has them, in the singular where they are of an item."""
    root, *steps = re.split(r"[.:]", place)
    found = [re.sub(r"[\[\]{}]", "", root)]
    for step, _, kind in (each.partition("|") for each in steps):
        parts = [] if step.rstrip("[]{}") in ("query", "path", "header", "cookie", "body", "response") else words(step)
        if parts and step.endswith(("[]", "{}")):
            parts[-1] = singular(parts[-1])
        if named := [*parts, *words(_OF_KIND.get(kind, kind))]:
            found.append(_capitals(named))
    return found


_OF_KIND = {"string": "", "integer": "code", "number": "code"}
"""The word for a member of a union by its type in JSON: texts are called after their place alone, numbers are codes."""


def last_step(place: str) -> str:
    """The last step of a place, in snake case."""
    return "_".join(words(re.split(r"[.:|]", place)[-1]))


def common_ending(places: Collection[str]) -> str:
    """The words with which the last steps of all these places end, as a class name has them."""
    ending: list[str] = []
    for level in zip(*(reversed(last_step(place).split("_")) for place in places), strict=False):
        if len({*level}) > 1:
            break
        ending.insert(0, level[0])
    return _capitals(ending)


def class_name(name: str) -> str:
    """The name as the generator leaves it: it begins a word at a letter after a digit, and hides no builtin."""
    name = name if name.isidentifier() else f"Model{name}"
    return usable(re.sub(r"(?<=[0-9])[a-z]", lambda match: match[0].upper(), name))


# Attributes and members


def attribute_name(field: str, keep: Collection[str] = frozenset()) -> str:
    """An attribute or argument: the field in snake case, of one without letters its signs; for `keep` see `fitting`."""
    signs = " ".join(SIGNS_ALONE.get(sign, f"u{ord(sign):x}") for sign in field)
    parts = words(field) or words(signs) or ["no", "name"]
    prefix = "field_" if parts[:1] and parts[0][0].isdigit() else ""
    return identifier(fitting(parts, limit=MAX_LENGTH - len(prefix), keep=keep))


def member_name(value: Any, label: str | None = None, keep: Collection[str] = frozenset()) -> str:
    """A member: the text of a value, or the label of a number if that is a label and not a sentence.

    For `keep` see `fitting`.
    """
    if isinstance(value, int):
        named = re.split(r"[:;(\u2013\u2014]|\s-\s|\.(?:\s|$)", label or "")[0]
        parts = re.findall(r"[a-z0-9]+", named.lower())
        if not 0 < len(parts) <= 5:
            return f"VALUE_{'MINUS_' if value < 0 else ''}{abs(value)}"[:MAX_LENGTH]
    else:
        text = re.sub(r"(?<=\d)([a-zA-Z]?)\s-\s(?=\d)", r"\1 to ", str(value))
        for sign, word in (SIGNS if words(text) else SIGNS_ALONE).items():
            text = text.replace(sign, f" {word} ")
        parts = words(re.sub(r"(?<=\d)[A-Z](?![A-Za-z])", lambda unit: unit[0].lower(), text))
        if re.match(r"-[A-Za-z0-9]", text):
            parts = [*(["value"] if text[1].isdigit() else []), "minus", *parts]
    name = fitting(parts, keep=keep).upper()
    if not name:
        return "VALUE" if str(value) else "EMPTY"
    return f"VALUE_{name}"[:MAX_LENGTH].rstrip("_") if name[0].isdigit() else name
