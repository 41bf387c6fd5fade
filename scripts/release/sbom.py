"""The bill of materials of a build, as CycloneDX JSON: the same for the same build, to the byte.

One is in the wheel (PEP 770) and so cannot have the sums of the archives; the other one is next to them and has those.
"""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterable, Mapping

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.contact import OrganizationalEntity
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.metadata import Metadata
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.lib.report import Failed
from scripts.release.resolved import Resolved
from scripts.spec.lock import Lock

STEP = "describe"


def describe(
    metadata: Metadata, sums: Mapping[str, str], lock: Lock, resolved: Mapping[str, Resolved], *, epoch: int
) -> str:
    """The bill of materials of the package that `metadata` describes.

    `sums` has the files of the build with their sha256, `lock` is that of the document the client is made from,
    `resolved` what it is tested with, and `epoch` the moment of the build in seconds.

    Raises:
        Failed: what came out is not valid CycloneDX.
    """
    package = _package(metadata, sums)
    libraries = _libraries(metadata, resolved)
    document = _document(lock)
    bom = Bom(
        # Made from the content instead of drawn: another build of the same has the same.
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, " ".join([str(package.purl), *sums.values()])),
        metadata=BomMetaData(
            component=package,
            timestamp=datetime.datetime.fromtimestamp(epoch, datetime.UTC),
            supplier=OrganizationalEntity(name=metadata.author) if metadata.author else None,
        ),
        components=[*libraries.values(), document],
    )
    direct = {canonicalize_name(requirement.name) for requirement in metadata.requires_dist or []}
    bom.register_dependency(package, [*(libraries[name] for name in sorted(direct)), document])
    for name, library in libraries.items():
        if name in resolved:
            bom.register_dependency(library, [libraries[need] for need in resolved[name].needs])
    text = JsonV1Dot6(bom).output_as_string(indent=2) + "\n"
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error:
        raise Failed(STEP, f"the bill of materials is not valid: {str(error.data)[:500]}")
    return text


def _package(metadata: Metadata, sums: Mapping[str, str]) -> Component:
    purl = PackageURL("pypi", name=metadata.name, version=str(metadata.version))
    return Component(
        type=ComponentType.LIBRARY,
        name=metadata.name,
        version=str(metadata.version),
        description=metadata.summary,
        licenses=[LicenseExpression(metadata.license_expression)] if metadata.license_expression else None,
        purl=purl,
        bom_ref=str(purl),
        components=[
            Component(type=ComponentType.FILE, name=name, bom_ref=name, hashes=[HashType(alg=_SHA256, content=sha256)])
            for name, sha256 in sums.items()
        ],
    )


def _libraries(metadata: Metadata, resolved: Mapping[str, Resolved]) -> dict[str, Component]:
    """What the package and its extras require, and what that requires, by name."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for requirement in metadata.requires_dist or []:
        values = asked.setdefault(canonicalize_name(requirement.name), [])
        extra = _extra(requirement)
        values += [
            ("requirement", f"{requirement.name}{requirement.specifier}"),
            *([("extra", extra)] if extra else []),
        ]
    required = {name for name, values in asked.items() if not any(key == "extra" for key, _ in values)}
    for name in [*required]:
        required |= _closure(name, resolved)
    return {
        name: _library(name, resolved.get(name), asked.get(name, []), required=name in required)
        for name in sorted({*asked, *resolved})
    }


def _closure(name: str, resolved: Mapping[str, Resolved]) -> set[str]:
    needs = set(resolved[name].needs) if name in resolved else set()
    return needs.union(*(_closure(need, resolved) for need in needs))


def _library(name: str, found: Resolved | None, values: list[tuple[str, str]], *, required: bool) -> Component:
    purl = PackageURL("pypi", name=name, version=found.version if found else None)
    licence = LicenseFactory().make_from_string(found.licence) if found and found.licence else None
    oldest = [("oldest", found.oldest)] if found and found.oldest else []
    return Component(
        type=ComponentType.LIBRARY,
        name=name,
        version=found.version if found else None,
        scope=ComponentScope.REQUIRED if required else ComponentScope.OPTIONAL,
        purl=purl,
        bom_ref=str(purl),
        licenses=[licence] if licence else None,
        hashes=[HashType(alg=_SHA256, content=content) for content in found.sha256] if found else None,
        properties=_properties([*values, *oldest]),
    )


def _extra(requirement: Requirement) -> str:
    """The extra that brings a requirement, "" if it is there without."""
    found = re.search(r'\bextra == "([^"]+)"', str(requirement.marker or ""))
    return found[1] if found else ""


def _document(lock: Lock) -> Component:
    return Component(
        type=ComponentType.DATA,
        name="Instantly API, OpenAPI document",
        version=lock.api_version,
        description=lock.note,
        bom_ref=f"openapi:{lock.sha256}",
        hashes=[HashType(alg=_SHA256, content=lock.sha256)],
        external_references=[ExternalReference(type=ExternalReferenceType.DOCUMENTATION, url=XsUri(lock.source_url))],
        properties=_properties([("published", lock.date.isoformat()), ("openapi", lock.openapi)]),
    )


_SHA256 = HashAlgorithm.SHA_256


def _properties(values: Iterable[tuple[str, str]]) -> list[Property]:
    return [Property(name=f"instantly-client:{name}", value=value) for name, value in values]
