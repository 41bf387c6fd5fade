"""A pin checks the recorded answers against the client that it has made, before that is anybody's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts.evolution.recordings import check_recordings
from scripts.lib.layout import PACKAGE, PROJECT
from scripts.lib.report import Failed

pytestmark = pytest.mark.slow


def test_a_client_that_loses_a_field_is_refused(tmp_path: Path) -> None:
    shutil.copytree(PROJECT.generated, tmp_path / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    campaign = tmp_path / "generated" / PACKAGE / "models" / "campaign.py"
    lossy = "Campaign.to_dict = lambda self: {k: v for k, v in Model.to_dict(self).items() if k != 'name'}"
    campaign.write_text(f"{campaign.read_text('utf-8')}\n\n{lossy}\n", "utf-8")
    with pytest.raises(Failed, match=r"campaigns/.*: /name"):
        check_recordings(tmp_path / "generated", PROJECT.root, operations={"getCampaign"})
    check_recordings(tmp_path / "generated", PROJECT.root, operations={"getAccount"})


def test_a_project_without_recordings_has_nothing_to_hold(tmp_path: Path) -> None:
    check_recordings(tmp_path, tmp_path, operations={"getCampaign"})


def test_a_client_that_cannot_be_imported_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="could not run"):
        check_recordings(tmp_path, PROJECT.root, operations={"getCampaign"})
