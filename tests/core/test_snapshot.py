"""Snapshots come back as they were, or not at all."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitlembic.core.chain import Birth
from gitlembic.core.fold import FoldedLine, State, fold_state
from gitlembic.core.grouping import Founding
from gitlembic.core.history import CommitId, FileId, Location
from gitlembic.core.line import Line
from gitlembic.core.migration import Migration, PlacedMigration
from gitlembic.core.migration_source import parse_migration
from gitlembic.core.presence import Presences
from gitlembic.core.sealed import unseal
from gitlembic.core.snapshot import Snapshot, parse_snapshot, render_snapshot
from tests.support.memory_history import RandomHistory, hold, random_histories

COUNTS = pytest.mark.parametrize("examples", [100, pytest.param(3_000, marks=pytest.mark.full)])


def _snapshot(story: RandomHistory) -> Snapshot:
    place = tuple(dict.fromkeys((story.locations[story.tip], Location("archive"))))
    state = fold_state(Presences(story.history), story.tip, place)
    commits = {commit for folded in state.lines.values() for commit in folded.born.values()}
    births = {commit: Birth(commit, datetime(2026, 1, 1, tzinfo=timezone.utc), "Ada \udc80\x1b") for commit in commits}
    paths = {placed.path for folded in state.lines.values() for placed in folded.line.migrations.values()}
    files = {path: FileId(f"id of {path}") for path in paths}
    return Snapshot(story.tip, place, (None, "ab" * 20)[: len(place)], files, state, births)


@COUNTS
def test_comes_back_as_it_was(examples: int) -> None:
    @hold(examples, random_histories())
    def check(story: RandomHistory) -> None:
        snapshot = _snapshot(story)
        assert parse_snapshot(render_snapshot(snapshot)) == snapshot


def test_every_declaration_comes_back() -> None:
    source = (
        '"""add\n\nmore\n\nRevises: b, c\nCreate Date: 2024-02-29 10:00:00.5+02:00\n"""\n'
        "revision = 'é'\ndown_revision = ('b', 'c')\nbranch_labels = ['x']\ndepends_on = make()\n"
    )
    migration = parse_migration(source.encode())
    assert isinstance(migration, Migration)
    line = Line({migration.revision: PlacedMigration("p", migration)}, (migration.revision,), (migration.revision,))
    place = (Location("", recursive=True),)
    state = State(Founding(founded=frozenset(place)), {place: FoldedLine(line, {})})
    snapshot = Snapshot(CommitId("1"), place, ("ab",), {"p": FileId("12")}, state)
    assert parse_snapshot(render_snapshot(snapshot)) == snapshot


_TEXT = render_snapshot(Snapshot(CommitId("1"), (), (), {}, State(Founding(), {}), {}))


@given(st.integers(0, len(_TEXT) - 1))
def test_what_is_cut_off_is_not_read(length: int) -> None:
    assert parse_snapshot(_TEXT[:length]) is None


@given(st.integers(0, len(_TEXT) - 1), st.characters(codec="utf-8"))
def test_what_was_changed_is_not_read(place: int, character: str) -> None:
    changed = _TEXT[:place] + character + _TEXT[place + 1 :]
    assert changed == _TEXT or parse_snapshot(changed) is None


@given(st.text())
def test_anything_else_is_not_read(text: str) -> None:
    assert unseal(text) is None
