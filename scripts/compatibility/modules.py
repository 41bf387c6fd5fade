"""Read Python packages without importing them: their modules as syntax trees, and what a name in one stands for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scripts.lib.report import Finding, Refused

_WHY = "what the package offers cannot be told; run `nox -s regenerate`, or mend the module"


@dataclass(frozen=True)
class Definition:
    """A name at the top of a module: a class, a function, or the value that is assigned to it."""

    module: Module
    name: str
    node: ast.stmt | ast.expr

    @cached_property
    def aliases(self) -> Mapping[str, ast.expr]:
        """The types that a class has a name for."""
        return {
            statement.target.id: statement.value
            for statement in getattr(self.node, "body", [])
            if isinstance(statement, ast.AnnAssign)
            and isinstance(statement.target, ast.Name)
            and statement.value
            and ast.unparse(statement.annotation) == "TypeAlias"
        }


class Module:
    """A module as it is written, `if TYPE_CHECKING` taken as true."""

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.path = path
        self._package = name if path.name == "__init__.py" else name.rpartition(".")[0]

    @cached_property
    def _body(self) -> list[ast.stmt]:
        try:
            tree = ast.parse(self.path.read_bytes(), str(self.path))
        except (OSError, SyntaxError, ValueError) as error:
            raise Refused("surface", [Finding("", f"{self.path} cannot be read: {error}", _WHY)]) from error
        return list(_flat(tree.body))

    @cached_property
    def definitions(self) -> Mapping[str, ast.stmt | ast.expr]:
        """Name -> what is defined or assigned under it, in the order of the file."""
        found: dict[str, ast.stmt | ast.expr] = {}
        for node in self._body:
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                found[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                found[node.target.id] = node.value
        return found

    @cached_property
    def imports(self) -> Mapping[str, tuple[str, str]]:
        """Name -> the module that it is imported from, and its name there."""
        found: dict[str, tuple[str, str]] = {}
        for node in self._body:
            if isinstance(node, ast.ImportFrom):
                ancestors = self._package.split(".")[: len(self._package.split(".")) + 1 - node.level]
                source = ".".join([*(ancestors if node.level else []), *([node.module] if node.module else [])])
                found.update({alias.asname or alias.name: (source, alias.name) for alias in node.names})
        return found

    @property
    def exports(self) -> list[str]:
        """The names in `__all__`."""
        value = self.definitions.get("__all__")
        if not isinstance(value, ast.List | ast.Tuple):
            raise Refused("surface", [Finding("", f"{self.path} has no __all__ that is a plain list", _WHY)])
        return [ast.literal_eval(name) for name in value.elts]


class Modules:
    """The modules of packages, each read when it is first asked for.

    Args:
        packages: name of a package -> the folder that it is.
    """

    def __init__(self, packages: Mapping[str, Path]) -> None:
        self._packages = packages
        self._read: dict[str, Module | None] = {}

    def get(self, name: str) -> Module:
        """The module of that name. Raises `Refused` if there is none."""
        module = self._find(name)
        if module is None:
            raise Refused("surface", [Finding("", f"there is no module {name}", _WHY)])
        return module

    def resolve(self, module: Module, name: str) -> Definition | Module | None:
        """What `name` stands for in `module`, through all imports; None for what is not of these packages."""
        if name in module.definitions:
            return Definition(module, name, module.definitions[name])
        if name not in module.imports:
            return None
        source, original = module.imports[name]
        origin = self._find(source)
        return self._find(f"{source}.{original}") or (self.resolve(origin, original) if origin else None)

    def _find(self, name: str) -> Module | None:
        if name not in self._read:
            package, _, rest = name.partition(".")
            self._read[name] = None
            if package in self._packages:
                path = self._packages[package].joinpath(*rest.split("."))
                files = (path / "__init__.py", path.with_suffix(".py"))
                self._read[name] = next((Module(name, file) for file in files if file.is_file()), None)
        return self._read[name]


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module as type checkers see them."""
    for node in body:
        if isinstance(node, ast.Try) or (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield from _flat(node.body)
        else:
            yield node
