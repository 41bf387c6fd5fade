"""Places of the project: its documents, its records, its generated code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PACKAGE = "instantly_client"


@dataclass(frozen=True)
class Layout:
    """Where the parts of the project stand."""

    root: Path

    @property
    def document(self) -> Path:
        return self.root / "openapi" / "api_v2.json"

    @property
    def lock(self) -> Path:
        return self.root / "openapi" / "api_v2.lock.toml"

    @property
    def overlay(self) -> Path:
        return self.root / "openapi" / "overlay.yaml"

    @property
    def names(self) -> Path:
        return self.root / "openapi" / "names.toml"

    @property
    def tombstones(self) -> Path:
        return self.root / "openapi" / "tombstones.json"

    @property
    def changelog(self) -> Path:
        return self.root / "CHANGELOG.md"

    @property
    def recordings(self) -> Path:
        return self.root / "tests" / "contract" / "recordings"

    @property
    def generated(self) -> Path:
        return self.root / "generated"


PROJECT = Layout(Path(__file__).resolve().parents[2])
