"""There is one UNSET, whatever becomes of it."""

from __future__ import annotations

import copy
import pickle

from instantly_client import UNSET, Unset


def test_it_is_falsy_and_has_nothing_that_a_field_could_have() -> None:
    assert not UNSET
    assert repr(UNSET) == "UNSET"
    assert isinstance(UNSET, Unset)
    assert not hasattr(UNSET, "name")
    assert not hasattr(UNSET, "value")


def test_every_copy_is_itself() -> None:
    assert copy.copy(UNSET) is copy.deepcopy(UNSET) is UNSET
    assert copy.deepcopy([UNSET])[0] is UNSET
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(UNSET, protocol)) is UNSET
