"""Branches and tags as names of revisions, by values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.core.ref_target import disagreement, full_names, only_head, split_steps, typed_names
from tests.support.chains import link, resolution

if TYPE_CHECKING:
    from gitlembic.core.resolution import Resolution


def _chain(*lines: str) -> Resolution:
    return resolution([link(line) for line in lines])


HERE = _chain("a:", "b: a", "c: b", "d: c")


def test_the_head_of_a_chain_that_is_the_beginning_of_this_one() -> None:
    there = _chain("a:", "b: a")
    assert disagreement("v1", there, HERE) is None
    assert only_head(there) == "b"


@pytest.mark.parametrize(
    ("there", "message"),
    [
        (_chain("a:", "x: a"), "the chain at v1 ends at x (versions/x.py), which no migration here has"),
        (_chain("a:", "c: a"), "ends at c; before that, this checkout also has b (versions/b.py)"),
        (_chain("a:", "x: a", "b: x"), "ends at b; before that, this checkout lacks x (versions/x.py)"),
        (
            _chain("y:", "b: y"),
            "ends at b; before that, this checkout also has a (versions/a.py) and lacks y (versions/y.py)",
        ),
        (_chain("a:", "b: a", "c: a"), "v1 is no revision, and as a branch or tag it has several heads (b, c)"),
        (_chain(), "v1 is no revision, and as a branch or tag it has no migrations"),
    ],
)
def test_a_chain_that_does_not_agree(there: Resolution, message: str) -> None:
    refusal = disagreement("v1", there, HERE)
    assert refusal is not None
    assert message in refusal.message
    assert refusal.hint


def test_what_may_be_typed() -> None:
    assert typed_names(["v1:v2", " a: ", "head"]) == {"v1:v2", "v1", "v2", " a: ", "a", "", "head"}


def test_steps_stand_at_the_end() -> None:
    assert split_steps("v2.3+1") == ("v2.3", 1)
    assert split_steps("release-2-10") == ("release-2", -10)
    assert split_steps("release-x") is None
    assert split_steps("-1") is None


def test_names_are_tried_in_git_s_order() -> None:
    assert full_names("v1") == ("refs/v1", "refs/tags/v1", "refs/heads/v1", "refs/remotes/v1")
    assert full_names("refs/tags/v1") == ("refs/tags/v1",)


@pytest.mark.parametrize("name", ["", "a b", "a..b", "../a", "/a", "a@b", "a:b", "HEAD~1", "a.lock", "a\x1b", "a*"])
def test_what_no_ref_can_be_called_is_not_looked_up(name: str) -> None:
    assert full_names(name) == ()
