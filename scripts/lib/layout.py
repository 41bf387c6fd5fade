"""Places of the project: its documents, its records, its generated code."""

from __future__ import annotations

from pathlib import Path

PACKAGE = "instantly_client"


class Layout:
    """The places of the project in the folder `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.document = root / "openapi" / "api_v2.json"
        self.lock = root / "openapi" / "api_v2.lock.toml"
        self.overlay = root / "openapi" / "overlay.yaml"
        self.texts = root / "openapi" / "texts.toml"
        self.vendor_words = root / "openapi" / "vendor_words.json"
        self.names = root / "openapi" / "names.toml"
        self.tombstones = root / "openapi" / "tombstones.json"
        self.accepted = root / "openapi" / "accepted.toml"
        self.changelog = root / "CHANGELOG.md"
        self.recordings = root / "tests" / "contract" / "recordings"
        self.generated = root / "generated"
        self.reference = root / "docs" / "reference"
        self.overview = root / "api.md"


PROJECT = Layout(Path(__file__).resolve().parents[2])
