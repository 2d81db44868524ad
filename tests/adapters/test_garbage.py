"""Looking for garbage is left as it was, whoever turned it on or off."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.garbage import no_garbage_collection, spare_what_is_loaded

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    was_enabled = gc.isenabled()
    yield
    (gc.enable if was_enabled else gc.disable)()
    gc.unfreeze()


@pytest.mark.parametrize("turn", [gc.enable, gc.disable])
def test_it_is_put_back(turn: object) -> None:
    assert callable(turn)
    turn()
    before = gc.isenabled()
    with pytest.raises(KeyError):
        _fail()
    assert gc.isenabled() == before


@no_garbage_collection()
def _fail() -> None:
    assert not gc.isenabled()
    raise KeyError


def test_what_is_loaded_is_spared_once() -> None:
    spare_what_is_loaded()
    spared = gc.get_freeze_count()
    later = [[number] for number in range(1000)]
    spare_what_is_loaded()
    assert gc.get_freeze_count() <= spared
    assert len(later) == 1000
