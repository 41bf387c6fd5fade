"""The operations of the client as the templates see them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol as Property

from scripts.codegen.docstrings import Fact, about, docstring, entry, facts, literal, sentence, told, went
from scripts.codegen.parsed import ParsedDocument
from scripts.codegen.types import PythonTypes
from scripts.lib.identifiers import pascal_case, snake_case
from scripts.naming.hoist import body_fields
from scripts.naming.names import primary_tag
from scripts.spec.document import Operation, Schema, operations
from scripts.spec.pages import cursor_place, resolved
from scripts.spec.scopes import description_without_scopes, scopes


@dataclass(frozen=True)
class Argument:
    """One argument of a method: where it goes, what it takes, and since when the API has it no more."""

    name: str
    argument: str
    annotation: str
    place: str
    required: bool
    about: str
    facts: tuple[Fact, ...]
    gone: str = ""


@dataclass(frozen=True)
class Method:
    """One operation, as the templates see it.

    `told` is what the engine has to know of it beyond request and response: keyword -> Python source; `gone` is the day
    since when the API has it no more, `vendor_id` what the vendor calls it now, `thing` what it is about ("lead").
    """

    id: str
    name: str
    constant: str
    http_method: str
    path: str
    scopes: tuple[str, ...]
    arguments: list[Argument]
    has_body: bool
    result: str
    decoder: str
    page: str
    vendor_id: str
    told: dict[str, str]
    filters: list[str]
    within: list[str]
    thing: str
    gone: str
    deprecated: bool
    about: str
    doc: str

    def at(self, place: str) -> list[Argument]:
        """The arguments that go to `place`: path, query, header or body."""
        return [argument for argument in self.arguments if argument.place == place]

    @property
    def keywords(self) -> list[Argument]:
        """The arguments that are given by name."""
        return [argument for argument in self.arguments if argument.place != "path"]

    @property
    def summary_doc(self) -> str:
        """The first sentence of the docstring, as a docstring of its own."""
        return docstring([self.about.partition("\n\n")[0]], 4)

    @property
    def extras(self) -> list[str]:
        """What the engine is told, as keyword arguments."""
        return [f"{keyword}={value}" for keyword, value in self.told.items()]


@dataclass(frozen=True)
class Resource:
    """The operations of a tag."""

    attribute: str
    class_name: str
    about: str
    doc: str
    helpers: str
    methods: list[Method] = field(default_factory=list)

    @property
    def class_doc(self) -> str:
        """The docstring of a class of the resource: once for all methods, it says what they raise."""
        return docstring([f"{sentence(self.about)} Methods raise `InstantlyError`."], 4)

    @property
    def helpers_class(self) -> str:
        """The class of the hand-written help; the module in `instantly_core.helpers` is `helpers`."""
        return HELPERS.get(self.helpers, "")


def view_resources(parsed: ParsedDocument) -> list[Resource]:
    """The resources of the client in the order of their names, each with its operations in document order."""
    tags = {str(tag.get("name")): tag for tag in parsed.named.document.get("tags", [])}
    resources: dict[str, Resource] = {}
    for operation in operations(parsed.named.document):
        tag = primary_tag(operation.raw)
        attribute = parsed.named.resources[tag]
        if attribute not in resources:
            described = tags.get(tag, {})
            words = str(described.get("description") or described.get("x-displayName") or tag)
            doc = docstring([words], 4)
            helpers = str(described.get("x-helpers", ""))
            helpers = helpers if helpers in HELPERS else ""
            resources[attribute] = Resource(attribute, pascal_case(attribute), words, doc, helpers)
        resources[attribute].methods.append(_View(parsed, operation).method())
    _add_aliases(parsed, resources)
    return [resources[name] for name in sorted(resources)]


def _add_aliases(parsed: ParsedDocument, resources: dict[str, Resource]) -> None:
    """Let the calls that the vendor has moved to other tags stay where they were, too."""
    methods = {method.id: method for resource in resources.values() for method in resource.methods}
    for alias, id_ in parsed.named.aliases.items():
        attribute, _, name = alias.partition(".")
        if attribute not in resources:
            words = "Calls that are elsewhere now, and stay here under the names that they had."
            resources[attribute] = Resource(attribute, pascal_case(attribute), words, docstring([words], 4), "")
        resources[attribute].methods.append(replace(methods[id_], name=name, constant=_constant(name)))


def _constant(method: str) -> str:
    return method.upper().strip("_")


HELPERS = {
    "background_jobs": "BackgroundJobHelpers",
    "email_verifications": "EmailVerificationHelpers",
    "leads": "LeadHelpers",
}
"""What the overlay can name: hand-written help for a resource, in instantly_core.helpers."""


class _View:
    """One operation, looked at from all sides."""

    def __init__(self, parsed: ParsedDocument, operation: Operation) -> None:
        self._parsed = parsed
        self._operation = operation
        self._endpoint: Endpoint = parsed.endpoint(operation)
        self._types = PythonTypes(parsed.maps, prefix="models.", list_="builtins.list")
        self._page = cursor_place(parsed.named.document, operation)

    def method(self) -> Method:
        operation = self._operation
        name = self._parsed.named.methods[operation.id]
        arguments = list(self._arguments())
        result, decoder = self._result()
        return Method(
            id=operation.id,
            name=name,
            constant=_constant(name),
            http_method=operation.method.upper(),
            path=operation.path,
            scopes=scopes(operation.raw),
            arguments=arguments,
            has_body=bool(self._endpoint.bodies),
            result=result,
            decoder=decoder,
            page=self._page,
            vendor_id=str(operation.raw.get("x-operation-id", operation.id)),
            told=dict(self._told()),
            filters=self._named_by("x-filters"),
            within=self._named_by("x-within"),
            thing=snake_case(primary_tag(operation.raw)).replace("_", " "),
            gone=str(operation.raw.get("x-gone", "")),
            deprecated=bool(operation.raw.get("deprecated")),
            about="\n\n".join(filter(None, self._about())),
            doc=docstring(list(self._doc(arguments)), 8),
        )

    # What is sent

    def _arguments(self) -> Iterator[Argument]:
        names = self._parsed.named.attributes[self._operation.id]
        raw = {(parameter["in"], parameter["name"]): parameter for parameter in self._operation.raw["parameters"]}
        for place, props in (
            ("path", self._endpoint.path_parameters),
            ("query", self._endpoint.query_parameters),
            ("header", self._endpoint.header_parameters),
        ):
            for prop in props:
                key = prop.name.get_untrusted_value()
                schema = raw[place, key].get("schema", {})
                words = about(raw[place, key]) or about(schema)
                annotation = self._types.argument(prop)
                gone = str(raw[place, key].get("x-gone", ""))
                yield Argument(key, names[key], annotation, place, prop.required, words, facts(schema), gone)
        if self._endpoint.bodies:
            yield from self._body_arguments(names, {name for _, name in raw})

    def _body_arguments(self, names: dict[str, str], taken: set[str]) -> Iterator[Argument]:
        body = self._endpoint.bodies[0].prop
        schema = self._body_schema()
        if not isinstance(body, ModelProperty) or str(body.class_info.name) in self._parsed.maps:
            required = bool(self._operation.raw["requestBody"].get("required"))
            annotation = self._types.argument(body)
            yield Argument("body", "body", annotation, "whole body", required, about(schema), facts(schema))
            return
        fields = self._parsed.fields(str(body.class_info.name))
        for key in body_fields(self._parsed.named.document, schema):
            prop = fields[key]
            argument = names[f"body.{key}" if key in taken else key]
            field = schema["properties"][key]
            annotation, gone = self._types.argument(prop), str(field.get("x-gone", ""))
            yield Argument(key, argument, annotation, "body", prop.required, about(field), facts(field), gone)

    def _body_schema(self) -> Schema:
        (media,) = self._operation.raw["requestBody"]["content"].values()
        return resolved(self._parsed.named.document, media.get("schema", {}))

    # What comes back

    def _result(self) -> tuple[str, str]:
        """The annotation and the decoder of the success, of a page those of an item; no decoder where it is empty."""
        answers = [answer for answer in self._endpoint.responses.patterns if answer.source["return_type"] != "None"]
        if not answers:
            return "None", ""
        if answers[0].source["return_type"] == "str":
            return "str", "text"
        prop: Property = answers[0].prop
        if self._page:
            assert isinstance(prop, ModelProperty)
            items = self._parsed.fields(str(prop.class_info.name))["items"]
            assert isinstance(items, ListProperty)
            prop = items.inner_property
        return self._types.annotation(prop), self._types.decoder(prop)

    # What the engine has to know beyond request and response

    def _told(self) -> Iterator[tuple[str, str]]:
        raw = self._operation.raw
        if raw.get("x-safe"):
            yield "safe", "True"
        if self._page:
            yield "cursor", f'"{self._page}"'
            size = self._largest_page()
            if size:
                yield "page_size", str(size)
        if raw.get("x-limits"):
            limits = ", ".join(f"Limit({int(limit['count'])}, {int(limit['seconds'])})" for limit in raw["x-limits"])
            yield "limits", f"({limits},)"
        failure = raw.get("x-failure")
        if failure and "value" in failure:
            value = literal(failure["value"]) if isinstance(failure["value"], str) else repr(failure["value"])
            yield "failure", f"FailureWhen({literal(failure['field'])}, {value})"
        elif failure:
            yield "failure", f"FailureWhen({literal(failure['field'])})"

    def _named_by(self, extension: str) -> list[str]:
        """The arguments that an extension of the overlay names."""
        names = self._parsed.named.attributes[self._operation.id]
        return [names[name] for name in self._operation.raw.get(extension, []) if name in names]

    def _largest_page(self) -> int | None:
        if self._page == "query":
            limits = [p.get("schema", {}) for p in self._operation.raw["parameters"] if p["name"] == "limit"]
        else:
            limits = [self._body_schema().get("properties", {}).get("limit", {})]
        parts = [part for schema in limits for part in (schema, *schema.get("anyOf", []))]
        return next((int(part["maximum"]) for part in parts if "maximum" in part), None)

    # What is said of it

    def _about(self) -> list[str]:
        raw = self._operation.raw
        summary = str(raw.get("summary") or "").strip() or self._operation.id
        return [sentence(summary), description_without_scopes(raw)]

    def _doc(self, arguments: list[Argument]) -> Iterator[str]:
        raw = self._operation.raw
        summary, description = self._about()
        yield summary
        yield went(str(raw.get("x-gone", "")))
        yield description
        entries = [entry(a.argument, told(a.about, a.facts, a.gone), 8) for a in arguments]
        if self._page:
            most = "Stop after so many items; without it the walk goes on to the last page."
            entries.append(entry("max_items", most, 8))
        if self._named_by("x-filters"):
            within = " or ".join(f"`{name}`" for name in self._named_by("x-within"))
            reach = f"everything within {within}" if within else "everything"
            filters = ", ".join(f"`{name}`" for name in self._named_by("x-filters"))
            entries.append(entry("everything", f"True to delete {reach}, in the place of {filters}.", 8))
        if entries:
            yield "Args:\n" + "\n".join(entries)
        raises = [entry(name, when, 8) for name, when in self._raises()]
        if raises:
            yield "Raises:\n" + "\n".join(raises)
        facts = f"`{self._operation.method.upper()} {self._operation.path}`, operation `{self._operation.id}`"
        facts += f", now `{raw['x-operation-id']}`." if "x-operation-id" in raw else "."
        if scopes(raw):
            facts += f" Scopes, any one of: {', '.join(f'`{scope}`' for scope in scopes(raw))}."
        for limit in raw.get("x-limits", []):
            facts += f" Limit: {int(limit['count'])} calls in {int(limit['seconds'])} seconds."
        yield facts

    def _raises(self) -> Iterator[tuple[str, str]]:
        """The errors that not every method raises, and when: the class of the resource names the others."""
        if self._operation.raw.get("x-failure"):
            yield "OperationFailedError", "The service answered with status 200 that it failed."
        if self._endpoint.path_parameters:
            yield "ValueError", "A value of the path is empty, or would address something else."
        if within := self._named_by("x-within"):
            yield "ValueError", f"None of {', '.join(f'`{name}`' for name in within)} is given."
        if filters := self._named_by("x-filters"):
            given = ", ".join(f"`{name}`" for name in filters)
            yield "ValueError", f"None of {given} is given, and `everything` is not; or both are."
