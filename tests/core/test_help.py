"""`help()` of a model shows what each field is."""

from __future__ import annotations

import inspect
import pydoc
import subprocess
import sys
from types import ModuleType

import pytest

from instantly_client import models
from instantly_core import Model
from instantly_core.models import help as texts
from tests.core.tree import Tree


def test_help_shows_the_text_of_each_field() -> None:
    shown = pydoc.render_doc(models.Lead, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
    assert "One individual lead." in shown
    assert "email: The lead's email address." in shown


def test_every_text_of_the_source_is_in_the_docstring() -> None:
    for model in (each for name in models.__all__ if issubclass(each := getattr(models, name), Model)):
        shown = inspect.getdoc(model)
        assert shown, model
        found = texts.field_texts(model)
        for attribute in model.FIELDS.values():
            if attribute in found:
                assert f"\n    {attribute.lstrip('_')}: {found[attribute].split()[0]}" in shown, model
        assert "UNSET" not in shown, model


def test_a_text_of_several_lines_is_one_paragraph() -> None:
    shown = inspect.getdoc(models.Lead)
    assert shown
    paragraph = shown[shown.index("    payload: ") :].partition("\n    status")[0]
    assert " ".join(paragraph.split()) == f"payload: {texts.field_texts(models.Lead)['payload']}"


def test_an_object_has_the_help_of_its_class() -> None:
    tree = Tree(name="a", branches=[])
    assert inspect.getdoc(tree) == inspect.getdoc(Tree)
    assert inspect.getdoc(Tree) == (
        "A tree has a name and branches, which are trees.\n\nAttributes:\n    name: The name of the tree."
    )


def test_a_class_below_a_model_shows_the_fields_of_both() -> None:
    class Oak(Tree):
        """A tree with acorns."""

    assert inspect.getdoc(Oak) == "A tree with acorns.\n\nAttributes:\n    name: The name of the tree."


def test_without_the_source_there_is_the_docstring(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("nowhere")
    monkeypatch.setitem(sys.modules, "nowhere", module)
    module.__dict__["Model"] = Model
    exec('class Robot(Model):\n    """A robot."""\n    id: str\n', module.__dict__)
    assert inspect.getdoc(module.__dict__["Robot"]) == "A robot."


def test_nobody_reads_the_source_who_asks_for_no_help() -> None:
    program = """
import sys
from instantly_client import Instantly, models
models.Lead.from_dict({}).to_dict()
Instantly(api_key="k").campaigns
assert "instantly_core.models.help" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": ":".join(sys.path)}, check=True)
