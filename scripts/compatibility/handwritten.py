"""Read the public classes of the engine from its source, as a part of the client model; nothing is imported."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import griffe

from scripts.codegen.client_model import EITHER, KEYWORD, POSITIONAL, Argument, Class, Field, Function
from scripts.codegen.docstrings import entries, sections
from scripts.codegen.views import CLIENT_HELPERS, ENUMERATION_HELPERS, HELPERS
from scripts.lib.layout import PACKAGE
from scripts.lib.report import refused

CORE = "instantly_core"
CLIENTS = {"Instantly": "SyncClient", "AsyncInstantly": "AsyncClient"}
"""Generated client -> the class that it derives from."""

_KINDS = {
    griffe.ParameterKind.positional_only: POSITIONAL,
    griffe.ParameterKind.positional_or_keyword: EITHER,
    griffe.ParameterKind.keyword_only: KEYWORD,
}
_MADE_BY_THE_CLIENT = {"AsyncPage", "Page", "RawResponse", "StreamedResponse"}
"""Classes whose constructors are nobody's to call."""

_CALLED_BY_SYNTAX = {
    "__init__",
    "__enter__",
    "__exit__",
    "__aenter__",
    "__aexit__",
    "__iter__",
    "__aiter__",
    "__await__",
}
"""Methods that users call by `with`, `for`, `await`, or the name of the class."""

_BRACKETS = re.compile(r"\[(.*)\]")
_WHY = "a change of it would show to nobody; say it in the source, as a plain annotation"


def read_handwritten(core: Path, package: Path) -> dict[str, Class]:
    """The hand-written classes that the generated `package` hands out, and its modules that export them, by name.

    `core` holds the engine's package.

    Raises:
        Refused: a module cannot be read, or a public attribute has no type.
    """
    try:
        loader = griffe.GriffeLoader(search_paths=[core], allow_inspection=False)
        engine = loader.load(CORE)
        loader.resolve_aliases(implicit=True)
        modules = _modules(package)
    except (ImportError, OSError, SyntaxError, ValueError) as error:
        raise refused("surface", f"the package cannot be read: {error}", _WHY) from error
    return _Reader(engine, modules).read()


class _Module(NamedTuple):
    """A module of the package: each name that it exports with the path of its object in the engine, "" for what is
    generated; its docstring; and those of its constants.
    """

    exports: dict[str, str]
    prose: str
    constants: dict[str, str]

    @classmethod
    def read(cls, file: Path) -> _Module:
        tree = ast.parse(file.read_text("utf-8"))
        imported = {
            each.name: f"{node.module}.{each.name}".removeprefix(f"{CORE}.")
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.level == 0
            for each in node.names
        }
        lists = [
            ast.literal_eval(node.value)
            for node in tree.body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        ]
        exports = {str(name): imported.get(str(name), "") for names in lists for name in names}
        constants = {
            ast.unparse(node.targets[0]): ast.literal_eval(words.value)
            for node, words in pairwise(tree.body)
            if isinstance(node, ast.Assign) and isinstance(words, ast.Expr)
        }
        return cls(exports, ast.get_docstring(tree) or "", constants)


def _modules(package: Path) -> dict[str, _Module]:
    """The package itself, by its name, and its modules that export objects of the engine alone."""
    top = _Module.read(package / "__init__.py")
    files = {name: package / f"{name}.py" for name in top.exports}
    modules = {f"{PACKAGE}.{name}": _Module.read(file) for name, file in files.items() if file.exists()}
    return {PACKAGE: top, **{name: module for name, module in modules.items() if all(module.exports.values())}}


class _Reader:
    def __init__(self, engine: Any, modules: Mapping[str, _Module]) -> None:
        self._engine = engine
        self._modules = modules
        self._read: dict[str, Class] = {}

    def read(self) -> dict[str, Class]:
        for name, derived in CLIENTS.items():
            if name in self._modules[PACKAGE].exports:
                self._class(name, _target(self._engine.members[derived]), PACKAGE, whole=True)
        for origin, module in self._modules.items():
            targets = [_target(self._engine[path]) for path in module.exports.values() if path]
            found = [each for each in targets if each is not None]
            for each in found:
                if each.is_class:
                    self._class(each.name, each, origin)
            name = origin.rpartition(".")[2]
            constants = {each.name: _prose(each) for each in found if each.is_attribute} | module.constants
            fields = [Field(each, "", prose=constants.get(each, "")) for each in module.exports if origin == PACKAGE]
            functions = tuple(_function(each) for each in found if each.is_function)
            self._read[name] = Class(name, tuple(fields), functions, prose=module.prose, origin=origin)
        for module_, helper in {**HELPERS, **CLIENT_HELPERS}.items():
            for prefix in ("", "Async"):
                self._class(prefix + helper, self._engine["helpers"][module_][prefix + helper])
        for module_, helper in ENUMERATION_HELPERS.items():
            self._class(helper, self._engine["helpers"][module_][helper])
        return self._read

    def _class(self, name: str, found: Any, origin: str = "", *, whole: bool = False) -> None:
        """Read a class and the classes that it derives from, or the `whole` of it with what it inherits. `origin` is
        the module that exports it.
        """
        if name in self._read:
            if origin:
                # What the package itself exports too is at home in the module.
                self._read[name] = replace(self._read[name], origin=origin)
            return
        bases = [str(base).partition("[")[0] for base in found.bases]
        bases = [base for base in bases if not (whole or base == "Generic")]
        members = found.all_members if whole else found.members
        read = Class(name, bases=tuple(bases), prose=_prose(found), origin=origin)
        self._read[name] = read
        fields, functions = [], []
        for member in map(_target, members.values()):
            if member is None:
                continue
            public = not member.name.startswith("_")
            if member.is_attribute and public:
                fields.append(self._field(name, member))
            elif member.is_function and (public or member.name in _CALLED_BY_SYNTAX):
                functions.append(_function(member))
        if variables := _variables(found) if whole else {}:
            functions = [_substituted(function, variables) for function in functions]
        if name in _MADE_BY_THE_CLIENT:
            functions = [function for function in functions if function.name != "__init__"]
        self._read[name] = replace(read, fields=tuple(fields), functions=tuple(functions))
        for base in [] if whole else found.resolved_bases:
            if base.is_class and base.path.startswith(f"{CORE}.") and not base.name.startswith("_"):
                self._class(base.name, base)

    def _field(self, owner: str, member: Any) -> Field:
        stated = member.annotation or _of_parameter(member)
        if stated is None:
            what = f"{member.filepath.name}: {owner}.{member.name} has no type"
            raise refused("surface", what, _WHY)
        annotation = _type(stated, member.module)
        kept = "property" in member.labels or "class-attribute" not in member.labels
        given = not kept and member.value is not None
        default = _default(member.value, member.module) if given else ""
        words = entries(sections(_prose(member.parent)).get("Attributes", ""))
        return Field(member.name, annotation, default=default, prose=_prose(member) or words.get(member.name, ""))


def _of_parameter(member: Any) -> Any:
    """The annotation of the argument of the constructor that an attribute keeps."""
    constructor = member.parent.members.get("__init__")
    named = {each.name: each.annotation for each in constructor.parameters} if constructor else {}
    return named.get(str(member.value))


def _target(member: Any) -> Any:
    """The object that a name means, None for one of another's package."""
    if member is None or not member.is_alias:
        return member
    try:
        return member.final_target
    except (griffe.AliasResolutionError, griffe.CyclicAliasError):
        return None


def _variables(found: Any) -> dict[str, str]:
    """The values of a class for the type variables of its bases: `Base[Client]` makes Client of its variable."""
    variables: dict[str, str] = {}
    for stated, base in zip(found.bases, found.resolved_bases, strict=False):
        generic = next((str(each) for each in base.bases if str(each).startswith("Generic[")), "")
        names, values = (_BRACKETS.search(text) for text in (generic, str(stated)))
        if names and values:
            variables |= zip(names[1].split(", "), map(_spelled, values[1].split(", ")), strict=True)
    return variables


def _substituted(function: Function, variables: dict[str, str]) -> Function:
    def spelled(annotation: str) -> str:
        return re.sub(r"\w+", lambda name: variables.get(name[0], name[0]), annotation)

    arguments = tuple(replace(each, annotation=spelled(each.annotation)) for each in function.arguments)
    return replace(function, arguments=arguments, result=spelled(function.result))


def _function(found: Any) -> Function:
    parameters = list(found.parameters)
    if found.parent.is_class and "staticmethod" not in found.labels:
        parameters = parameters[1:]
    result = _type(found.returns, found.module) if found.returns else "None"
    # An asynchronous generator is walked over, everything else is awaited.
    awaited = "async" in found.labels and not result.startswith(("AsyncIterator[", "AsyncGenerator["))
    prose = _prose(found)
    if found.name == "__init__" and "Args" not in sections(prose):
        prose = _prose(found.parent)
    arguments = tuple(_arguments(parameters, found.module, entries(sections(prose).get("Args", ""))))
    return Function(found.name, arguments, f"Awaitable[{result}]" if awaited else result, prose=prose)


def _prose(found: Any) -> str:
    return inspect.cleandoc(found.docstring.value) if found.docstring else ""


def _arguments(parameters: list[Any], module: Any, words: Mapping[str, str]) -> Iterator[Argument]:
    for each in parameters:
        stars = {griffe.ParameterKind.var_positional: "*", griffe.ParameterKind.var_keyword: "**"}.get(each.kind, "")
        default = _default(each.default, module) if each.default is not None and not stars else ""
        annotation = _type(each.annotation or "Any", module)
        kind = _KINDS.get(each.kind, KEYWORD)
        yield Argument(stars + each.name, annotation, kind, default, prose=words.get(each.name, ""))


def _type(annotation: Any, module: Any) -> str:
    """An annotation in one spelling, private aliases as what they mean; their one variable is called alike."""
    text = re.sub(r"^ClassVar\[(.*)\]$", r"\1", _spelled(annotation))

    def alias(match: re.Match[str]) -> str:
        found = _target(module.members.get(match[1]))
        return _type(found.value, found.module) if found is not None and found.is_attribute else match[0]

    return re.sub(r"\b(_[A-Z]\w*)(?:\[\w+\])?", alias, text)


def _default(value: Any, module: Any) -> str:
    """A default as users see it: of a constant its value, of an attrs field its value or factory; "" for none."""
    text = _spelled(value)
    found = _target(module.members.get(text)) if text.isidentifier() and text != "UNSET" else None
    if found is not None and found.is_attribute and found.value is not None:
        return _default(found.value, found.module)
    if not text.startswith("field("):
        return text
    given = {each.arg: ast.unparse(each.value) for each in ast.parse(text, mode="eval").body.keywords}  # type: ignore[attr-defined]
    return f"{given['factory']}()" if "factory" in given else given.get("default", "")


def _spelled(expression: Any) -> str:
    """An expression in one spelling: without quotes around types, and without the names of modules."""
    return re.sub(r"\b(?:builtins|http|models|library)\.(?=[A-Za-z])", "", str(expression))
