"""What a state with dynamic migrations is refused for, and what mends it."""

from __future__ import annotations

import pytest

from gitlembic.core.chain import Chain
from gitlembic.core.chain_check import check_chains
from gitlembic.errors import CannotTellError
from tests.support.evidence import PLACE, link, placed

BASES = (link(placed("a1", labels=("core",))), link(placed("s1", labels=("shop",))))


def test_a_dynamic_migration_between_two_bases() -> None:
    """Branches with labels need no other parent and no other directory: a literal parent, as the others have."""
    with pytest.raises(CannotTellError, match="several migrations have no parent") as caught:
        check_chains([Chain(PLACE, (*BASES, link(placed("s2", dynamic=True), "s1")), None)])
    assert "write the down_revisions of the dynamic ones as literals" in caught.value.hint
    check_chains([Chain(PLACE, (*BASES, link(placed("s2", "s1"), "s1")), None)])
