"""Find methods, objects and enumerations by words: `python -m instantly_client find "emails of a lead"`.

The index is made of the docstrings in the package's source, in a tenth of a second; nothing is imported for it.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import pairwise
from textwrap import shorten
from typing import NamedTuple

_WORD = re.compile(r"[a-z]+|\d+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SMALL = frozenset(
    [
        *("a", "all", "an", "and", "any", "are", "as", "at", "be", "by", "do", "for", "from", "has", "have", "how"),
        *("i", "in", "is", "it", "me", "my", "of", "on", "or", "that", "the", "to", "with"),
    ]
)
_ALIKE = {
    "address": "email",
    "contact": "lead",
    "inbox": "account",
    "mail": "email",
    "mailbox": "account",
    "many": "bulk",
    "remove": "delete",
    "start": "activate",
    "stop": "pause",
}
_PLAIN = frozenset({"list", "get"})
"""Words that nearly every resource has in the name of a method."""
_NAME, _SUMMARY, _PART, _TEXT = 4.0, 3.0, 1.5, 0.3
"""What a word weighs in a name, in the first sentence, in the name of an argument or field, and anywhere else."""
_METHOD = 1.5
"""How much more a method weighs than an object, to which its methods lead."""
_WIDTH = 100


class Entry(NamedTuple):
    """A method or a class: how it is written, its first sentence, all it says, and what each of its parts means."""

    title: str
    summary: str
    text: str
    parts: Mapping[str, str]


class Hit(NamedTuple):
    """An entry that was found, with the parts that the words are in."""

    entry: Entry
    parts: Mapping[str, str]


def main(package: str, arguments: Sequence[str]) -> int:
    """Run the command; returns its exit status: 1 if nothing was found."""
    parser = argparse.ArgumentParser(f"python -m {package} find", description="Find methods and objects by words.")
    parser.add_argument("words", nargs="+", help="what to look for, in plain words")
    parser.add_argument("--limit", type=_number, default=8, metavar="N", help="show at most so many; 8 without it")
    parser.add_argument("--json", action="store_true", help="print what is found as JSON")
    options = parser.parse_args(arguments)
    found = find(" ".join(options.words), index(package))[: options.limit]
    if options.json:
        print(json.dumps([{**hit.entry._asdict(), "parts": hit.parts} for hit in found], indent=2))
        return 0 if found else 1
    if not found:
        print("nothing was found; try other words, or fewer", file=sys.stderr)
        return 1
    for entry, parts in found:
        print(entry.title)
        print(f"    {entry.summary}")
        for name, text in parts.items():
            print(f"    {shorten(f'{name}: {text}', _WIDTH, placeholder=' ...')}")
    return 0


def _number(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def find(words: str, entries: Iterable[Entry]) -> list[Hit]:
    """The entries that have the words, best first: most of the words, the rarest, and few others in the name."""
    wanted = dict.fromkeys(_terms(words))
    weighed = [(entry, _weights(entry)) for entry in entries]
    having = Counter(term for _, weights in weighed for term in wanted if term in weights)
    scores: list[tuple[float, Hit]] = []
    for entry, weights in weighed:
        there = [term for term in wanted if term in weights]
        if there:
            rarity = sum(weights[term] * math.log(1 + len(weighed) / having[term]) for term in there)
            names = set(_terms(_name(entry))) - _PLAIN
            rarity *= 0.5 + len(names.intersection(there)) / max(len(names), 1)
            rarity *= _METHOD if entry.title.startswith("client.") else 1
            parts = {name: text for name, text in entry.parts.items() if wanted.keys() & set(_terms(name))}
            scores.append((rarity * (len(there) / len(wanted)) ** 2, Hit(entry, parts)))
    return [hit for _, hit in sorted(scores, key=lambda each: -each[0])]


def index(package: str) -> Iterator[Entry]:
    """Everything that can be found: each method, object and enumeration of the package."""
    for module in _modules(f"{package}.resources"):
        yield from _methods(*module)
    for _, tree in _modules(f"{package}.models"):
        yield from (_object(node) for node in tree.body if isinstance(node, ast.ClassDef))


def _modules(package: str) -> Iterator[tuple[str, ast.Module]]:
    """The modules of a package whose source is there, by name."""
    for file in sorted(files(package).iterdir(), key=lambda each: each.name):
        if file.name.endswith(".py") and file.name != "__init__.py":
            yield file.name.removesuffix(".py"), ast.parse(file.read_text("utf-8"))


def _methods(resource: str, tree: ast.Module) -> Iterator[Entry]:
    """The methods of a resource, and those of its hand-written help."""
    imported = {
        name.name: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom) and node.module
        for name in node.names
    }
    for owner in tree.body:
        if not isinstance(owner, ast.ClassDef):
            continue
        bases = [base.id for base in owner.bases if isinstance(base, ast.Name)]
        if "Resource" in bases:
            for each in [owner, *(found for base in bases for found in _helpers(base, imported.get(base, "")))]:
                methods = [method for method in each.body if isinstance(method, ast.FunctionDef)]
                # Of an overloaded one the last has the docstring.
                last = {method.name: method for method in methods if not method.name.startswith("_")}
                yield from (_method(resource, method) for method in last.values())


def _helpers(name: str, module: str) -> Iterator[ast.ClassDef]:
    folder, _, file = module.rpartition(".")
    if folder.endswith(".helpers"):
        source = files(folder).joinpath(f"{file}.py").read_text("utf-8")
        yield from (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == name)


def _method(resource: str, method: ast.FunctionDef) -> Entry:
    arguments = method.args.posonlyargs + method.args.args
    names = [each.arg for each in arguments if each.arg != "self"]
    if method.args.kwonlyargs:
        names.append("...")
    doc = ast.get_docstring(method) or ""
    entries = re.findall(r"^ {4}(\w+):(.*(?:\n {8}.*)*)", doc, re.MULTILINE)
    parts = {name: " ".join(text.split()) for name, text in entries}
    taken = {each.arg for each in (*arguments, *method.args.kwonlyargs)}
    result = re.sub(r"\b(?:models|builtins)\.", "", ast.unparse(method.returns)) if method.returns else "None"
    return Entry(
        f"client.{resource}.{method.name}({', '.join(names)}) -> {result}",
        doc.split("\n\n")[0].replace("\n", " "),
        doc,
        {name: text for name, text in parts.items() if name in taken},
    )


def _object(node: ast.ClassDef) -> Entry:
    parts: dict[str, str] = {}
    for field, after in pairwise([*node.body, ast.Pass()]):
        match field:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                parts[name] = _text_of(after)
    parts = {name: " ".join(text.split()) for name, text in parts.items() if not name.startswith("_")}
    doc = ast.get_docstring(node) or ""
    return Entry(
        f"models.{node.name}", doc.split("\n\n")[0].replace("\n", " "), " ".join([doc, *parts.values()]), parts
    )


def _text_of(node: ast.stmt) -> str:
    """The text that a statement is; "" for any other statement."""
    match node:
        case ast.Expr(value=ast.Constant(value=str(text))):
            return text
    return ""


def _name(entry: Entry) -> str:
    return entry.title.partition("(")[0].removeprefix("client.").removeprefix("models.")


def _weights(entry: Entry) -> dict[str, float]:
    weights: dict[str, float] = {}
    for weight, text in (
        (_TEXT, entry.text),
        (_PART, " ".join(entry.parts)),
        (_SUMMARY, entry.summary),
        (_NAME, _name(entry)),
    ):
        for term in _terms(text):
            weights[term] = max(weight, weights.get(term, 0))
    return weights


def _terms(text: str) -> Iterator[str]:
    """The words of a text in one form each: without endings, and with one word for what means the same."""
    for word in _WORD.findall(
        _CAMEL.sub(" ", text).lower().replace("e-mail", "email").replace("time zone", "timezone")
    ):
        if word not in _SMALL:
            stem = _stem(word)
            yield _STEMS.get(stem, stem)


def _stem(word: str) -> str:
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) > 2 and not word.endswith("ss"):
            word = word.removesuffix(ending) + instead
    return word


_ENDINGS = (("ies", "y"), ("s", ""), ("ing", ""), ("ed", ""), ("e", ""))

_STEMS = {_stem(word): _stem(other) for word, other in _ALIKE.items()}
