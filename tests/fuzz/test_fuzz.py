"""A few seconds of `python -m tests.fuzz`, and what it has found."""

from __future__ import annotations

import json
import random
import time
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fuzz.mutation import mutate
from tests.fuzz.targets import Target, all_targets
from tests.support.forging import forgeries

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = (
    *("migration", "create date", "chain file", "snapshot", "scan", "births", "findings", "project"),
    *("HEAD", "packed-refs", "refs/heads/main"),
    *("commondir", "shallow", "MERGE_HEAD", "logs/HEAD", "rebase-merge/onto", "config", "objects/info/alternates"),
    *("info/exclude", ".git", "commit", "tree", "tree as a tag", ".pack", ".idx", "loose"),
)


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Target]:
    return {target.name: target for target in all_targets(tmp_path_factory.mktemp("fuzz"))}


def test_all_targets_are_here(targets: Mapping[str, Target]) -> None:
    assert tuple(targets) == _NAMES


@pytest.mark.filterwarnings("ignore::SyntaxWarning")
@pytest.mark.parametrize("name", _NAMES)
def test_nothing_is_run_and_nothing_raised(targets: Mapping[str, Target], name: str) -> None:
    target = targets[name]
    for seed in target.seeds:
        target(seed)

    @settings(max_examples=40, deadline=None)
    @given(st.integers(min_value=0))
    def check(seed: int) -> None:
        start = time.process_time()
        target(mutate(random.Random(seed), target.seeds, target.words))  # noqa: S311 -- guards no secret
        assert time.process_time() - start < 1

    check()


@pytest.mark.parametrize("name", ["chain file", "snapshot", "scan", "births", "findings", "project"])
def test_a_document_may_hold_anything(targets: Mapping[str, Target], name: str) -> None:
    """Bytes that are changed at random are seldom JSON still."""
    target = targets[name]
    for seed in target.seeds:
        for document in forgeries(json.loads(seed)):
            target(json.dumps(document).encode())


def test_it_would_be_noticed_if_anything_was_run() -> None:
    target = Target("careless", lambda data: exec(data.decode()), ())  # noqa: S102 -- what must not be
    with pytest.raises(AssertionError, match="what was to be read was run"):
        target(b"x = 1")
