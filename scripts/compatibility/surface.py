"""Read the public surface of the package from its source, and compare it with the one on record."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path

from scripts.compatibility.compatibility import SurfaceChange, compare
from scripts.compatibility.facts import CLIENT, CLIENTS, FILE, Fact, Surface, merge_twins, parse_surface
from scripts.compatibility.modules import Definition, Module, Modules
from scripts.compatibility.versions import FILE as VERSION_FILE
from scripts.compatibility.versions import read_version
from scripts.lib.layout import PACKAGE, Layout
from scripts.lib.report import Finding, Refused

CORE = "instantly_core"

Function = ast.FunctionDef | ast.AsyncFunctionDef

_MADE_BY_THE_CLIENT = {"AsyncPage", "Page", "RawResponse"}
"""Classes whose constructors are nobody's to call."""

_RAW_METHODS = {
    "raw_method": "RawResponse[{}]",
    "async_raw_method": "Awaitable[RawResponse[{}]]",
    "async_raw_page_method": "Awaitable[RawResponse[{}]]",
}
_PROPERTIES = {"property", "cached_property"}
_NAMESPACES = {"builtins", "models"}
_OF_ANY_OBJECT = set(dir(object)) - {"__init__"}
_WHY = "a change of it would show to nobody; say it in the source, as a plain annotation"


def surface(core: Path, generated: Path) -> Surface:
    """The public surface of the package that the folders `core` and `generated` hold; nothing of it is imported.

    Raises:
        Refused: a module cannot be read, or a type in it.
    """
    return Surface(_Reader(Modules({CORE: core / CORE, PACKAGE: generated / PACKAGE})).read())


def write_surface(layout: Layout) -> Surface:
    """Put the surface of the project's package on record, and return it."""
    found = surface(layout.root / "core", layout.generated)
    path = layout.root / FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(found.to_text().encode())
    return found


def current(layout: Layout) -> bool:
    """Whether the surface on record is that of the project's package."""
    return not differences(layout)


def differences(layout: Layout) -> list[str]:
    """Where the surface on record differs from that of the project's package, as lines of a unified diff."""
    path = layout.root / FILE
    recorded = path.read_text("utf-8") if path.exists() else ""
    found = surface(layout.root / "core", layout.generated).to_text()
    lines = unified_diff(recorded.splitlines(), found.splitlines(), "on record", "in the source", lineterm="", n=0)
    return [line for line in lines if not line.startswith("@@")]


class _Reader:
    """Goes through the modules from what the package exports."""

    def __init__(self, modules: Modules) -> None:
        self._modules = modules
        self._package = modules.get(PACKAGE)
        self._exports = {*self._package.exports, "__version__"}
        self._classes: dict[str, dict[str, Fact]] = {}
        self._subjects: dict[tuple[str, str], str] = {}

    def read(self) -> Iterator[Fact]:
        for name in sorted(self._exports - {*CLIENTS}):
            found = self._modules.resolve(self._package, name)
            if isinstance(found, Module):
                self._read_module(found, name)
            elif found and isinstance(found.node, ast.ClassDef):
                self._read_class(found, name)
            elif found and isinstance(found.node, ast.expr):
                yield Fact(name, type=self._kind(found.module, name, found.node))
            else:
                raise self._unclear(self._package, f"the export {name} is no module, class or constant")
        for facts in self._classes.values():
            yield from facts.values()
        sync, asynchronous = ({fact.subject: fact for fact in self._read_client(name)} for name in CLIENTS)
        yield from merge_twins(sync, asynchronous)

    # --- modules and classes ---

    def _read_module(self, module: Module, subject: str) -> None:
        names = module.exports if "__all__" in module.definitions else list(module.definitions)
        found = {name: self._modules.resolve(module, name) for name in names if not name.startswith("_")}
        classes = {
            f"{subject}.{name}": definition
            for name, definition in found.items()
            if isinstance(definition, Definition) and isinstance(definition.node, ast.ClassDef)
        }
        # Before any is read: the base of one may be another that comes later.
        for name, definition in classes.items():
            self._subjects.setdefault((definition.module.name, definition.name), name)
        for name, definition in classes.items():
            self._read_class(definition, name)

    def _read_class(self, definition: Definition, subject: str) -> dict[str, Fact]:
        """Place in the class -> fact, the class itself under "". What is as in a base class is said only there."""
        subject = self._subjects.setdefault((definition.module.name, definition.name), subject)
        if subject in self._classes:
            return self._classes[subject]
        facts = self._classes[subject] = {}
        node = _class_of(definition)
        bases = [base for base in node.bases if not ast.unparse(base).startswith("Generic[")]
        facts[""] = Fact(subject, type=f"class({', '.join(map(ast.unparse, bases))})")
        inherited: dict[str, Fact] = {}
        for base in bases:
            found = self._modules.resolve(definition.module, ast.unparse(base))
            if isinstance(found, Definition) and isinstance(found.node, ast.ClassDef):
                for place, fact in self._read_class(found, found.name).items():
                    inherited.setdefault(place, replace(fact, subject=subject + place))
        own = {fact.subject.removeprefix(subject): fact for fact in self._read_members(definition, subject)}
        members, inherited_members = _by_member(own), _by_member(inherited)
        for name, said in members.items():
            if said != inherited_members.get(name):
                facts.update(said)
        return facts

    def _read_members(self, definition: Definition, subject: str) -> Iterator[Fact]:
        node, module = _class_of(definition), definition.module
        bases = {ast.unparse(base) for base in node.bases}
        is_attrs = any("define" in ast.unparse(decorator) for decorator in node.decorator_list)
        fields: list[tuple[str, Fact]] = []
        gone = _gone(node)
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                fields.append((statement.target.id, self._read_field(definition, subject, statement)))
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                name = statement.targets[0].id
                if not name.startswith("_"):
                    default = self._default(module, statement.value)
                    yield Fact(f"{subject}.{name}", default=default, deprecated=name in gone)
            elif isinstance(statement, Function) and _is_property(statement):
                if not statement.name.startswith("_"):
                    held = dict(fields).get(f"_{statement.name}") if is_attrs else None
                    yield replace(
                        self._read_property(definition, subject, statement), default=held.default if held else ""
                    )
            elif isinstance(statement, Function) and _is_public(statement):
                if statement.name == "__init__":
                    yield from self._read_instance(definition, subject, statement)
                    if definition.name in _MADE_BY_THE_CLIENT:
                        continue
                yield from self._read_function(definition, f"{subject}.{statement.name}", statement)
        for name, fact in fields:
            if not name.startswith("_"):
                yield fact
        if "NamedTuple" in bases:
            called = f"{subject}.__init__"
            yield Fact(called, type="None", positional=", ".join(name for name, _ in fields))
            for name, fact in fields:
                yield replace(fact, subject=f"{called}({name})")

    def _read_field(self, definition: Definition, subject: str, statement: ast.AnnAssign) -> Fact:
        assert isinstance(statement.target, ast.Name)
        annotation = ast.unparse(statement.annotation)
        type_ = self._type(definition, statement.annotation)
        default = ""
        if annotation.startswith("ClassVar["):
            type_ = type_.removeprefix("ClassVar[").removesuffix("]")
        elif statement.value is not None:
            default = self._field_default(definition.module, statement.value)
        return Fact(f"{subject}.{statement.target.id}", type=type_, default=default)

    def _field_default(self, module: Module, value: ast.expr) -> str:
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "field":
            given = {keyword.arg: keyword.value for keyword in value.keywords}
            if "factory" in given:
                return f"{ast.unparse(given['factory'])}()"
            return self._default(module, given["default"]) if "default" in given else ""
        return self._default(module, value)

    def _read_property(self, definition: Definition, subject: str, node: Function) -> Fact:
        type_ = self._result(definition, node)
        return Fact(f"{subject}.{node.name}", type=type_, deprecated=bool(list(_warnings(node))))

    def _read_instance(self, definition: Definition, subject: str, node: Function) -> Iterator[Fact]:
        """The public attributes that a constructor gives to the instance."""
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        annotations = {argument.arg: argument.annotation for argument in arguments}
        for statement in node.body:
            if isinstance(statement, ast.AnnAssign):
                target, annotation = statement.target, statement.annotation
            elif isinstance(statement, ast.Assign):
                value = statement.value
                given = annotations.get(value.id) if isinstance(value, ast.Name) else None
                target, annotation = statement.targets[0], given  # type: ignore[assignment]
            else:
                continue
            if isinstance(target, ast.Attribute) and not target.attr.startswith("_"):
                if annotation is None:
                    raise self._unclear(definition.module, f"{definition.name}.{target.attr} has no type")
                yield Fact(f"{subject}.{target.attr}", type=self._type(definition, annotation))

    # --- clients and resources ---

    def _read_client(self, name: str) -> Iterator[Fact]:
        client = self._modules.resolve(self._package, name)
        if not isinstance(client, Definition):
            raise self._unclear(self._package, f"there is no class {name}")
        yield from self._read_resource(client, CLIENT)

    def _read_resource(self, definition: Definition, subject: str) -> Iterator[Fact]:
        """What an instance has, from whichever class; that of a client its constructor as well."""
        for owner, statement in self._all_members(definition):
            if isinstance(statement, Function) and _is_property(statement):
                held = self._modules.resolve(owner.module, ast.unparse(statement.returns or ast.Constant("")))
                if isinstance(held, Definition) and held.module.name.startswith(f"{PACKAGE}."):
                    yield Fact(f"{subject}.{statement.name}", type="resource")
                    yield from self._read_resource(held, f"{subject}.{statement.name}")
                else:
                    yield self._read_property(owner, subject, statement)
            elif isinstance(statement, Function):
                if statement.name != "__init__" or subject == CLIENT:
                    yield from self._read_function(owner, f"{subject}.{statement.name}", statement)
            elif isinstance(statement, ast.AnnAssign):
                yield self._read_field(owner, subject, statement)
            elif isinstance(statement, ast.Assign):
                yield self._read_raw_method(owner, subject, statement)

    def _all_members(self, definition: Definition) -> Iterator[tuple[Definition, ast.stmt]]:
        """The public members of a class and its bases, each with the class that has it first."""
        seen: set[str] = set()
        for owner in self._ancestry(definition):
            for statement in _class_of(owner).body:
                name = _name_of(statement)
                public = _is_public(statement) if isinstance(statement, Function) else not name.startswith("_")
                if name and public and name not in seen:
                    seen.add(name)
                    yield owner, statement

    def _ancestry(self, definition: Definition) -> Iterator[Definition]:
        yield definition
        for base in _class_of(definition).bases:
            found = self._modules.resolve(definition.module, ast.unparse(base))
            if isinstance(found, Definition) and isinstance(found.node, ast.ClassDef):
                yield from self._ancestry(found)

    def _read_raw_method(self, owner: Definition, subject: str, statement: ast.Assign) -> Fact:
        name, value = _name_of(statement), statement.value
        if isinstance(value, ast.Call) and isinstance(value.args[0], ast.Attribute):
            result = _RAW_METHODS.get(ast.unparse(value.func))
            resource = self._modules.resolve(owner.module, ast.unparse(value.args[0].value))
            if result and isinstance(resource, Definition):
                for behind, member in self._all_members(resource):
                    if isinstance(member, Function) and member.name == value.args[0].attr:
                        called = f"{subject}.{name}"
                        plain = self._result(behind, member)
                        deprecated = any(not argument for argument in _warnings(member))
                        return Fact(called, type=result.format(plain), positional="...", deprecated=deprecated)
        raise self._unclear(owner.module, f"{owner.name}.{name} is no method with raw responses")

    # --- functions and types ---

    def _read_function(self, definition: Definition, subject: str, node: Function) -> Iterator[Fact]:
        """A method: what it is called with, and each argument."""
        given, gone = node.args, set(_warnings(node))
        by_position = [*given.posonlyargs, *given.args]
        if "staticmethod" not in map(ast.unparse, node.decorator_list):
            by_position = by_position[1:]
        names = [argument.arg for argument in by_position]
        if only := len(given.posonlyargs) - (len(given.posonlyargs) + len(given.args) - len(names)):
            names[max(only, 0) : max(only, 0)] = ["/"] if only > 0 else []
        if given.vararg:
            names.append(f"*{given.vararg.arg}")
        result = self._result(definition, node)
        if isinstance(node, ast.AsyncFunctionDef) and not any(isinstance(part, ast.Yield) for part in ast.walk(node)):
            result = f"Awaitable[{result}]"
        yield Fact(subject, type=result, positional=", ".join(names), deprecated="" in gone)
        defaults: list[ast.expr | None] = [*given.defaults]
        defaults = [*[None] * (len(by_position) - len(defaults)), *defaults]
        arguments = [(item.arg, item, default) for item, default in zip(by_position, defaults, strict=True)]
        arguments += [
            (f"{item.arg}=", item, default) for item, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
        ]
        arguments += [(f"*{item.arg}", item, None) for item in [given.vararg] if item]
        arguments += [(f"**{item.arg}", item, None) for item in [given.kwarg] if item]
        for name, argument, default in arguments:
            if argument.annotation is None:
                raise self._unclear(definition.module, f"the argument {argument.arg} of {subject} has no type")
            yield Fact(
                f"{subject}({name})",
                type=self._type(definition, argument.annotation),
                default=self._default(definition.module, default) if default else "",
                deprecated=argument.arg in gone,
            )

    def _result(self, definition: Definition, node: Function) -> str:
        if node.returns is None:
            raise self._unclear(definition.module, f"the result of {definition.name}.{node.name} has no type")
        return self._type(definition, node.returns)

    def _type(self, definition: Definition, annotation: ast.expr) -> str:
        return ast.unparse(_Spelled(self._modules, self._exports, definition).spell(annotation))

    def _default(self, module: Module, value: ast.expr) -> str:
        """A default as it is, not as it is called: that of a constant is its value, unless it is one of the exports."""
        if isinstance(value, ast.Name) and value.id not in self._exports:
            found = self._modules.resolve(module, value.id)
            if isinstance(found, Definition) and isinstance(found.node, ast.expr):
                return self._default(found.module, found.node)
        return ast.unparse(value)

    def _kind(self, module: Module, name: str, value: ast.expr) -> str:
        """The type of a constant, whose value is not what code relies on."""
        if isinstance(value, ast.Constant):
            return type(value.value).__name__
        if isinstance(value, ast.Call):
            return ast.unparse(value.func)
        if isinstance(value, ast.Attribute):
            return ast.unparse(value.value)  # a member of an enumeration
        raise self._unclear(module, f"the constant {name} is neither plain, nor a member, nor made by a call")

    def _unclear(self, module: Module, what: str) -> Refused:
        return Refused("surface", [Finding("", f"{module.path}: {what}", _WHY)])


class _Spelled(ast.NodeTransformer):
    """Spells a type in one way: without quotes, without the names of modules, aliases as what they stand for."""

    def __init__(self, modules: Modules, exports: set[str], definition: Definition) -> None:
        self._modules = modules
        self._exports = exports
        self._definition = definition

    def spell(self, annotation: ast.expr) -> ast.expr:
        spelled: ast.expr = self.visit(annotation)
        return spelled

    def visit_Constant(self, node: ast.Constant) -> ast.AST:
        if isinstance(node.value, str):
            return self.spell(ast.parse(node.value, mode="eval").body)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        if isinstance(node.value, ast.Name) and node.value.id in _NAMESPACES:
            return ast.Name(node.attr)
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        if ast.unparse(node.value) == "Literal":
            return node
        alias = self._alias(node.value)
        if alias is None:
            self.generic_visit(node)
            return node
        # Our generic aliases have one variable, which is called alike wherever they are used.
        return alias

    def visit_Name(self, node: ast.Name) -> ast.AST:
        return self._alias(node) or node

    def _alias(self, node: ast.expr) -> ast.expr | None:
        if not isinstance(node, ast.Name) or node.id in self._exports:
            return None
        own = self._definition.aliases.get(node.id)
        if own:
            return self.spell(own)
        found = self._modules.resolve(self._definition.module, node.id)
        if isinstance(found, Definition) and isinstance(found.node, ast.Subscript | ast.BinOp):
            return _Spelled(self._modules, self._exports, found).spell(found.node)
        return None


def _by_member(facts: Mapping[str, Fact]) -> dict[str, dict[str, Fact]]:
    """Facts by place, together for each member: a method with its arguments."""
    members: dict[str, dict[str, Fact]] = {}
    for place, fact in facts.items():
        members.setdefault(place.partition("(")[0], {})[place] = fact
    return members


def _class_of(definition: Definition) -> ast.ClassDef:
    assert isinstance(definition.node, ast.ClassDef)
    return definition.node


def _name_of(statement: ast.stmt) -> str:
    """The name that a statement of a class gives to something, "" if none."""
    if isinstance(statement, Function):
        return statement.name
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return ""


def _is_public(node: Function) -> bool:
    """Whether a method is there for others; what makes `with` and `for` work is, unless any object has it."""
    if any(ast.unparse(decorator).endswith((".setter", ".deleter")) for decorator in node.decorator_list):
        return False
    if node.name.startswith("__") and node.name.endswith("__"):
        return node.name not in _OF_ANY_OBJECT and not node.name.startswith("__attrs")
    return not node.name.startswith("_")


def _is_property(node: Function) -> bool:
    return any(ast.unparse(decorator) in _PROPERTIES for decorator in node.decorator_list)


def _warnings(node: Function) -> Iterator[str]:
    """Of what a method warns as gone: an argument by its name, itself by ""."""
    for statement in node.body:
        for inner in [statement, *getattr(statement, "body", [])]:
            call = inner.value if isinstance(inner, ast.Expr) else None
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "warn_removed":
                argument = re.search(r"\((\w+)=\)$", str(ast.literal_eval(call.args[0])))
                yield argument[1] if argument else ""


def _gone(node: ast.ClassDef) -> dict[str, str]:
    """The members of an enumeration that are gone."""
    for statement in node.body:
        if _name_of(statement) == "__removed__" and isinstance(statement, ast.Assign):
            return dict(ast.literal_eval(statement.value))
    return {}


def changes_since(ref: str, layout: Layout) -> tuple[str, list[SurfaceChange]]:
    """The version at a git tag, branch or commit, and what has changed since. Raises `Refused` if it has no surface."""
    old = parse_surface(_at(ref, FILE, layout), f"{FILE.as_posix()} at {ref}")
    version = read_version(_at(ref, VERSION_FILE, layout), f"{VERSION_FILE.as_posix()} at {ref}")
    return version, compare(old, surface(layout.root / "core", layout.generated))


def _at(ref: str, file: Path, layout: Layout) -> str:
    """The text of a file of the project as it was committed at `ref`. Raises `Refused` if there is none."""
    command = ["git", "show", "--end-of-options", f"{ref}^{{commit}}:./{file.as_posix()}"]
    try:
        result = subprocess.run(command, cwd=layout.root, capture_output=True, check=False)
    except OSError as error:
        raise Refused("surface", [Finding("", f"git cannot be run: {error}", "install it")]) from error
    if result.returncode:
        said = result.stderr.decode(errors="replace").strip().removeprefix("fatal: ")
        why = "name a tag, branch or commit that has the file; it may have to be fetched first"
        raise Refused("surface", [Finding("", f"{file.as_posix()} at {ref}: {said}", why)])
    return result.stdout.decode(errors="replace")
