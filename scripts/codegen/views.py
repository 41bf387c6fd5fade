"""From what the generator parsed to the model of the client."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, replace
from typing import Any

from openapi_python_client.parser.openapi import Endpoint
from openapi_python_client.parser.properties import ModelProperty
from openapi_python_client.parser.properties.list_property import ListProperty
from openapi_python_client.parser.properties.protocol import PropertyProtocol as Property

from scripts.codegen.client_model import (
    KEYWORD,
    POSITIONAL,
    Argument,
    Class,
    ClientModel,
    Enumeration,
    Field,
    Mass,
    Member,
    Operation,
    Paid,
    RateLimit,
    Resource,
    Service,
)
from scripts.codegen.docstrings import about, literal, sentence
from scripts.codegen.facts import facts
from scripts.codegen.parsed import PARSED_AS, ParsedDocument, further
from scripts.codegen.samples import example_of
from scripts.codegen.styles import style_of, with_files
from scripts.codegen.types import PythonTypes, split_null
from scripts.lib.identifiers import pascal_case
from scripts.naming.hoist import body_fields, method_paths
from scripts.naming.names import primary_tag
from scripts.spec import document as spec
from scripts.spec.document import Document, Schema, operations, successes
from scripts.spec.media_types import BINARY, JSON, MULTIPART, TEXT, kind_of
from scripts.spec.pages import Paging, fields_of, paging, resolved
from scripts.spec.scopes import combined_scopes, description_without_scopes, scopes

HELPERS = {
    "background_jobs": "BackgroundJobHelpers",
    "campaigns": "CampaignHelpers",
    "dfy_orders": "DfyOrderHelpers",
    "email_verifications": "EmailVerificationHelpers",
    "leads": "LeadHelpers",
    "webhooks": "WebhookHelpers",
}
"""Hand-written help for a resource, as the overlay names it -> its class, in instantly_core.helpers."""

CLIENT_HELPERS = {"workspaces": "WorkspaceHelpers"}
"""The same for the client, named on the tag of the resource that it needs: a method and its module have one name."""

ENUMERATION_HELPERS = {"time_zones": "TimeZoneHelpers", "webhook_event_types": "WebhookEventTypeHelpers"}
"""The same for an enumeration, which derives from that class."""

_NAME = re.compile(r"\w+")


def client_model(parsed: ParsedDocument, corrected: Document) -> ClientModel:
    """The client of a parsed document; `corrected` is the document before it was normalised."""
    resources = {resource.name: resource for resource in _resources(parsed, corrected)}
    names = [name for name in parsed.modules if name in parsed.models]
    alone = {name: _class(parsed, name) for name in names}
    classes = dict(alone)
    enumerations = {name: _enumeration(parsed, name) for name in parsed.modules if name in parsed.enumerations}
    for name, each in alone.items():
        base = alone.get(parsed.extended(name))
        if base and each.extends(base):
            classes[name] = replace(each, bases=(base.name,))
    model = ClientModel(_service(corrected), resources, classes, enumerations)
    origins = _origins(model)
    return replace(
        model,
        classes={name: replace(each, origin=origins.get(name, "")) for name, each in classes.items()},
        enumerations={name: replace(each, origin=origins.get(name, "")) for name, each in enumerations.items()},
    )


# The service


def _service(document: Document) -> Service:
    servers = tuple(str(server.get("url", "")) for server in document.get("servers", []))
    return Service(servers, (_security(document, document.get("security")),))


def _security(document: Document, requirements: Any) -> str:
    """The alternatives of what proves who calls: `bearer or apiKey in header X-Key`; "none" without any."""
    schemes = document.get("components", {}).get("securitySchemes", {})

    def scheme(name: str) -> str:
        raw = spec.resolve(document, schemes.get(name, {}))
        place = f"in {raw['in']} {raw.get('name', '')}" if "in" in raw else ""
        return " ".join(filter(None, [str(raw.get("type", name)), str(raw.get("scheme", "")), place]))

    each = {" and ".join(sorted(map(scheme, requirement))) or "none" for requirement in requirements or [{}]}
    return " or ".join(sorted(each))


# Operations


def _resources(parsed: ParsedDocument, corrected: Document) -> list[Resource]:
    """The resources in the order of their names, each with its operations in document order."""
    tags = {str(tag.get("name")): tag for tag in parsed.named.document.get("tags", [])}
    resources: dict[str, Resource] = {}
    found: dict[str, list[Operation]] = {}
    raw = {operation.id: operation for operation in operations(corrected)}
    for operation in operations(parsed.named.document):
        tag = primary_tag(operation)
        name = parsed.named.resources[tag]
        if name not in resources:
            described = tags.get(tag, {})
            prose = str(described.get("description") or described.get("x-displayName") or tag)
            helpers = str(described.get("x-helpers", ""))
            of_client = str(described.get("x-client-helpers", ""))
            resources[name] = Resource(
                name,
                pascal_case(name),
                (),
                helpers if helpers in HELPERS else "",
                prose,
                of_client if of_client in CLIENT_HELPERS else "",
            )
        made = _View(parsed, operation).operation()
        given = raw[operation.id]
        statuses = tuple(sorted(given.raw["responses"]))
        made = replace(made, statuses=statuses, example=example_of(made, corrected, given))
        if "security" in given.raw:
            own = _security(corrected, given.raw["security"])
            made = replace(made, security="" if own == _security(corrected, corrected.get("security")) else own)
        found.setdefault(name, []).append(made)
    by_id = {operation.id: operation for each in found.values() for operation in each}
    for alias, id_ in parsed.named.aliases.items():
        # What the vendor has moved to another tag is still where it was, too.
        name, _, method = alias.partition(".")
        moved = "Calls that are elsewhere now, and stay here under the names that they had."
        resources.setdefault(name, Resource(name, pascal_case(name), (), "", moved))
        found.setdefault(name, []).append(replace(by_id[id_], name=method))
    return [replace(resources[name], operations=tuple(found[name])) for name in sorted(resources)]


class _View:
    """One operation, looked at from all sides."""

    def __init__(self, parsed: ParsedDocument, operation: spec.Operation) -> None:
        self._parsed = parsed
        self._operation = operation
        self._names = parsed.named.attributes[operation.id]
        self._endpoint: Endpoint = parsed.endpoint(operation)
        self._types = PythonTypes(parsed.maps, parsed.open)
        self._paging = paging(parsed.named.document, operation)

    def operation(self) -> Operation:
        raw = self._operation.raw
        summary = str(raw.get("summary") or "").strip() or self._operation.id
        result, answer = self._result()
        mass, paid = self._mass(), self._paid()
        limits = [RateLimit(int(limit["count"]), int(limit["seconds"])) for limit in raw.get("x-limits", [])]
        return Operation(
            name=self._parsed.named.methods[self._operation.id],
            arguments=(*self._sent(paid), *self._unsent(mass, paid, answer)),
            result=result,
            deprecated=bool(raw.get("deprecated")),
            removed_on=str(raw.get("x-removed", "")),
            prose="\n\n".join(filter(None, [sentence(summary), description_without_scopes(raw), combined_scopes(raw)])),
            id=self._operation.id,
            vendor_id=str(raw.get("x-operation-id", "")),
            http_method=self._operation.method.upper(),
            path=self._operation.path,
            scopes=scopes(raw),
            safe=bool(raw.get("x-safe")),
            cursor=self._paging.place if self._paging else "",
            paging=_paging(self._paging) if self._paging else "",
            extra=self._extra(self._paging) if self._paging else (),
            page_size=self._largest_page(self._paging) if self._paging else None,
            limits=tuple(limits),
            failure=self._failure(),
            mass=mass,
            paid=paid,
            plain=bool(raw.get("x-plain")),
            superseded_by=self._superseded_by(),
            has_body=bool(self._endpoint.bodies),
            content_type=self._content_type(),
            answer=answer,
        )

    # What is sent

    def _sent(self, paid: Paid | None) -> Iterator[Argument]:
        """The arguments that go out; nobody orders because an argument was left out."""
        for argument in self._all_sent():
            free = paid is not None and argument.place == "body" and argument.json_name == paid.free
            yield replace(argument, default="") if free else argument

    def _all_sent(self) -> Iterator[Argument]:
        raw = self._operation.raw["parameters"]
        for place, parsed_as in PARSED_AS.items():
            found = {parameter["name"]: parameter for parameter in raw if parameter["in"] == place}
            for prop in getattr(self._endpoint, f"{parsed_as}_parameters"):
                key = prop.name.get_untrusted_value()
                if key in found:
                    made = self._argument(self._names[key], key, place, prop, found[key])
                    yield replace(made, style=style_of(place, found[key], made.annotation, self._parsed))
        if self._endpoint.bodies:
            yield from self._body({parameter["name"] for parameter in raw})

    def _body(self, parameters: set[str]) -> Iterator[Argument]:
        body = self._endpoint.bodies[0].prop
        schema = self._body_schema()
        if not isinstance(body, ModelProperty) or str(body.class_info.name) in self._parsed.maps:
            required = bool(self._operation.raw["requestBody"].get("required"))
            whole = self._argument("body", "body", "whole body", body, schema)
            annotation = {TEXT: "str", BINARY: "bytes"}.get(self._kind(), whole.annotation)
            yield replace(whole, annotation=annotation, default="" if required else "UNSET")
            return
        fields = self._parsed.fields(str(body.class_info.name))
        for key in body_fields(self._parsed.named.document, schema):
            name = self._names[f"body.{key}" if key in parameters else key]
            made = self._argument(name, key, "body", fields[key], schema["properties"][key])
            if self._kind() == MULTIPART:
                made = replace(made, annotation=with_files(made.annotation, schema["properties"][key]))
            yield made

    def _argument(self, name: str, key: str, place: str, prop: Property, raw: Schema) -> Argument:
        schema = raw.get("schema", {}) if place in PARSED_AS else raw
        return Argument(
            name,
            _with_flags(self._types.argument(prop), schema),
            POSITIONAL if place == "path" else KEYWORD,
            "" if prop.required or place == "path" else "UNSET",
            place,
            key,
            facts=facts(schema),
            removed_on=str(raw.get("x-removed", "")),
            prose=about(raw) or about(schema),
        )

    def _unsent(self, mass: Mass | None, paid: Paid | None, answer: str) -> Iterator[Argument]:
        """The arguments that are for the client itself."""
        if self._paging:
            prose = "Stop after so many items; without it the walk goes on to the last page."
            yield Argument("max_items", "int | None", default="None", prose=prose)
        if mass and not mass.flag:
            nothing = "narrows nothing" if len(mass.filters) == 1 else "narrow nothing"
            unless = f", where {self._arguments(mass.filters)} {nothing}" if mass.filters else ""
            reach = f" of {self._arguments(mass.within, 'or')}" if mass.within else ""
            prose = f"True to {mass.does}{reach}{unless}."
            yield Argument("everything", "bool", KEYWORD, "False", "guard", "everything", prose=prose)
        if paid and not paid.free:
            prose = f"True to {paid.does}, which costs money."
            yield Argument("confirm", "bool", KEYWORD, "", "guard", "confirm", prose=prose)
        if answer == "text" and "to" not in self._names.values():
            prose = (
                "File to write the text to, whole or not at all, instead of reading it into memory; returns its path."
            )
            yield Argument("to", "str | PathLike[str] | None", default="None", prose=prose)

    def _arguments(self, fields: Sequence[str], last_but_one: str = "and") -> str:
        *others, last = (f"`{self._names.get(name, name)}`" for name in fields)
        return f"{', '.join(others)} {last_but_one} {last}" if others else last

    def _body_schema(self) -> Schema:
        (media,) = self._operation.raw["requestBody"]["content"].values()
        return resolved(self._parsed.named.document, media.get("schema", {}))

    def _content_type(self) -> str:
        return str(self._operation.raw.get("requestBody", {}).get("x-content-type", ""))

    def _kind(self) -> str:
        """The kind of the body, one of `scripts.spec.media_types`."""
        return kind_of(self._content_type()) if self._content_type() else JSON

    # What comes back

    def _result(self) -> tuple[str, str]:
        """The annotation of the success, of a page that of an item; and what an answer is, as in `Operation`."""
        answers = [answer for answer in self._endpoint.responses.patterns if answer.source["return_type"] != "None"]
        if not answers:
            return "None", ""
        if answers[0].source["return_type"] == "str":
            return "str", "text"
        if answers[0].source["return_type"] == "bytes":
            return "bytes", "bytes"
        prop: Property = answers[0].prop
        if self._paging:
            for key in self._paging.items:
                assert isinstance(prop, ModelProperty)
                ((prop, *_), _) = split_null(self._parsed.fields(str(prop.class_info.name))[key])
            assert isinstance(prop, ListProperty)
            prop = prop.inner_property
        return self._types.annotation(prop), "json"

    # What the engine has to know beyond request and response

    def _failure(self) -> str:
        failure = self._operation.raw.get("x-failure")
        if not failure:
            return ""
        if "value" not in failure:
            return f"FailureWhen({literal(failure['field'])})"
        value = literal(failure["value"]) if isinstance(failure["value"], str) else repr(failure["value"])
        return f"FailureWhen({literal(failure['field'])}, {value})"

    def _superseded_by(self) -> str:
        successor = self._operation.raw.get("x-superseded-by")
        return method_paths(self._parsed.named).get(successor, "") if successor else ""

    def _mass(self) -> Mass | None:
        found = self._operation.raw.get("x-mass")
        if not found:
            return None
        filters, within = (tuple(filter(self._is_sent, found.get(key, ()))) for key in ("filters", "within"))
        return Mass(found["does"], filters, within, next(filter(self._is_sent, [found.get("flag", "")]), ""))

    def _paid(self) -> Paid | None:
        found = self._operation.raw.get("x-paid")
        return Paid(found["does"], next(filter(self._is_sent, [found.get("free", "")]), "")) if found else None

    def _is_sent(self, field: str) -> bool:
        """Whether a call has a field that an extension of the overlay names."""
        return field in self._names or f"body.{field}" in self._names

    def _extra(self, paging: Paging) -> tuple[str, ...]:
        """The fields that an answer has next to its items and its cursor."""
        document, content = self._parsed.named.document, successes(self._operation)[0][1].get("content", {})
        answers = [resolved(document, media.get("schema", {})) for media in content.values()]
        fields = {name for answer in answers for name in fields_of(answer)}
        return tuple(sorted(fields.difference(paging.items[:1], paging.cursor[:1])))

    def _largest_page(self, paging: Paging) -> int | None:
        if paging.place == "query":
            limits = [p.get("schema", {}) for p in self._operation.raw["parameters"] if p["name"] == paging.limit]
        else:
            limits = [self._body_schema().get("properties", {}).get(paging.limit, {})]
        parts = [part for schema in limits for part in (schema, *schema.get("anyOf", []))]
        return next((int(part["maximum"]) for part in parts if "maximum" in part), None)


def _paging(paging: Paging) -> str:
    """The way from page to page, as Python source; "" for the usual one."""
    usual = Paging(paging.place, "starting_after")
    given = {
        name: value
        for name, value in asdict(paging).items()
        if name not in ("place", "parameter") and value != getattr(usual, name)
    }
    if paging == usual:
        return ""
    arguments = [literal(paging.place), literal(paging.parameter)]
    for name, value in given.items():
        keys = ", ".join(map(literal, value)) if isinstance(value, tuple) else ""
        shown = f"({keys}{',' if len(value) == 1 else ''})" if isinstance(value, tuple) else ""
        arguments.append(f"{name}={shown or (literal(value) if isinstance(value, str) else value)}")
    return f"Paging({', '.join(arguments)})"


# Classes


def _class(parsed: ParsedDocument, name: str) -> Class:
    schema, types = parsed.component(name), PythonTypes(parsed.maps, parsed.open)
    props, extra = parsed.fields(name), parsed.extra(name)
    openness = further(schema)
    return Class(
        name=name,
        fields=tuple(_field(parsed, name, key, types, props[key]) for key in schema["properties"]),
        bases=("OpenModel" if openness == "open" else "Model",),
        further=openness,
        further_annotation=types.annotation(extra) if extra else "Any",
        removed_on=str(schema.get("x-removed", "")),
        prose=str(schema.get("description", "")),
    )


def _field(parsed: ParsedDocument, owner: str, key: str, types: PythonTypes, prop: Property) -> Field:
    schema = parsed.component(owner)
    raw = schema["properties"][key]
    # What is only written is never in an answer, and to a call it is an argument that says so itself.
    required = key in schema.get("required", []) and not raw.get("writeOnly")
    return Field(
        name=parsed.named.attributes[owner][key],
        annotation=_with_flags(types.annotation(prop), raw),
        argument=_with_flags(types.argument(prop), raw),
        read_only=bool(raw.get("readOnly")),
        json_name=key,
        default="" if required else "UNSET",
        facts=facts(raw),
        promised=required or "x-removed-required" in raw,
        removed_on=str(raw.get("x-removed", "")),
        prose=about(raw),
    )


def _with_flags(annotation: str, schema: Schema) -> str:
    """An annotation with `Flag` for a boolean that is 0 or 1 in JSON, which the generator does not know."""
    parts = [schema, *schema.get("anyOf", [])]
    return re.sub(r"\bbool\b", "Flag", annotation) if any("x-flag" in part for part in parts) else annotation


def _enumeration(parsed: ParsedDocument, name: str) -> Enumeration:
    schema = parsed.component(name)
    labels, removed = schema.get("x-enumDescriptions", {}), schema.get("x-removed-values", {})
    helpers = str(schema.get("x-helpers", ""))
    return Enumeration(
        name=name,
        type="int" if parsed.enumerations[name].value_type is int else "str",
        members=tuple(
            Member(
                member,
                literal(value) if isinstance(value, str) else str(value),
                str(removed.get(str(value), "")),
                str(labels.get(str(value)) or ""),
            )
            for value, member in parsed.named.members[name].items()
        ),
        removed_on=str(schema.get("x-removed", "")),
        helpers=helpers if helpers in ENUMERATION_HELPERS else "",
        open="x-open" in schema,
        prose=str(schema.get("description", "")),
    )


def _origins(model: ClientModel) -> dict[str, str]:
    """Class -> where users meet it first."""
    found: dict[str, str] = {}

    def meet(annotations: Iterable[str], words: str) -> None:
        for annotation in annotations:
            for name in _NAME.findall(annotation):
                found.setdefault(name, words)

    every = sorted(model.operations, key=lambda each: (each[0].name, each[1].name))
    for resource, operation in every:
        meet([operation.result], f"Returned by `client.{resource.name}.{operation.name}`.")
    for resource, operation in every:
        for argument in operation.arguments:
            where = f"client.{resource.name}.{operation.name}({argument.name}=)"
            meet([argument.annotation], f"Given to `{where}`.")
    for owner in model.classes.values():
        for each in owner.fields:
            meet([each.annotation], f"Part of `{owner.name}.{each.name}`.")
        meet([owner.further_annotation], f"Part of `{owner.name}.additional_properties`.")
    return found
