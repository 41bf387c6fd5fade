"""The bill of materials of a build, as CycloneDX JSON: the same for the same build, to the byte."""

from __future__ import annotations

import datetime
import re
import uuid
from collections.abc import Iterable, Mapping

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from packaging.metadata import Metadata
from packaging.requirements import Requirement

from scripts.lib.report import Failed
from scripts.spec.lock import Lock

STEP = "describe"


def describe(metadata: Metadata, sums: Mapping[str, str], lock: Lock, *, epoch: int) -> str:
    """The bill of materials of the package that `metadata` describes.

    `sums` has the files of the build with their sha256, `lock` is that of the document the client is made from, and
    `epoch` the moment of the build in seconds.

    Raises:
        Failed: what came out is not valid CycloneDX.
    """
    package = _package(metadata, sums)
    requirements = _requirements(metadata)
    document = _document(lock)
    bom = Bom(
        # Made from the content instead of drawn: another build of the same has the same.
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, " ".join([str(package.purl), *sums.values()])),
        metadata=BomMetaData(component=package, timestamp=datetime.datetime.fromtimestamp(epoch, datetime.UTC)),
        components=[*requirements, document],
    )
    bom.register_dependency(package, [*requirements, document])
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


def _requirements(metadata: Metadata) -> list[Component]:
    """The requirements of the package and of its extras; which versions are installed is not known here."""
    components = []
    for requirement in metadata.requires_dist or []:
        purl = PackageURL("pypi", name=requirement.name)
        extra = _extra(requirement)
        properties = {
            "requirement": f"{requirement.name}{requirement.specifier}",
            **({"extra": extra} if extra else {}),
        }
        components.append(
            Component(
                type=ComponentType.LIBRARY,
                name=requirement.name,
                scope=ComponentScope.OPTIONAL if extra else ComponentScope.REQUIRED,
                purl=purl,
                # Two extras may bring the same package: references that are not unique would become random ones.
                bom_ref=f"{purl}#{extra}" if extra else str(purl),
                properties=_properties(properties.items()),
            )
        )
    return components


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
