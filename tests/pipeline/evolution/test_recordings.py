"""A pin checks the recorded answers against the client that it has made, before that is anybody's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scripts.codegen.client_model import ClientModel, Operation, Resource
from scripts.evolution.pin import answered_alike
from scripts.evolution.recordings import check_recordings
from scripts.lib.layout import PACKAGE, PROJECT
from scripts.lib.report import Failed


def test_only_what_is_asked_for_and_answered_as_before_is_checked() -> None:
    def client(*made: tuple[str, str, str]) -> ClientModel:
        of_one = tuple(Operation(id_, (), result, id=id_, http_method="GET", path=path) for id_, path, result in made)
        return ClientModel(resources={"robots": Resource("robots", "Robots", of_one)})

    old = client(("get", "/robots/{id}", "Robot"), ("move", "/robots/{id}/move", "Robot"), ("drop", "/drop", "Robot"))
    new = client(
        ("get", "/robots/{robot_id}", "Robot"), ("move", "/v3/robots/{id}/move", "Robot"), ("drop", "/drop", "None")
    )
    assert answered_alike(old, new) == {"get"}


@pytest.mark.slow
def test_a_client_that_loses_a_field_is_refused(tmp_path: Path) -> None:
    shutil.copytree(PROJECT.generated, tmp_path / "generated", ignore=shutil.ignore_patterns("__pycache__"))
    campaign = tmp_path / "generated" / PACKAGE / "models" / "campaign.py"
    lossy = "Campaign.to_dict = lambda self: {k: v for k, v in Model.to_dict(self).items() if k != 'name'}"
    campaign.write_text(f"{campaign.read_text('utf-8')}\n\n{lossy}\n", "utf-8")
    with pytest.raises(Failed, match=r"campaigns/.*: /name"):
        check_recordings(tmp_path / "generated", PROJECT.root, operations={"getCampaign"})
    check_recordings(tmp_path / "generated", PROJECT.root, operations={"getAccount"})


@pytest.mark.slow
def test_a_project_without_recordings_has_nothing_to_hold(tmp_path: Path) -> None:
    check_recordings(tmp_path, tmp_path, operations={"getCampaign"})


@pytest.mark.slow
def test_a_client_that_cannot_be_imported_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="could not run"):
        check_recordings(tmp_path, PROJECT.root, operations={"getCampaign"})
