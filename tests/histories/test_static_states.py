"""Where nothing is dynamic the chain is what the files declare, in every state that ever was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.commands.resolve import resolve
from gitlembic.core.chain import Source
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.histories.rebuild import Rebuilt
    from tests.histories.recorded import FileVersion, RecordedHistory

STEP_IN_CI = 12


def runs(history: RecordedHistory, number: int) -> bool:
    """Whether Alembic could load what stood there: all ids known and no cycle."""
    migrations = history.migrations(number)
    needed = {name for version in migrations.values() for name in (*version.parents, *version.needs)}
    labels = {label for version in migrations.values() for label in version.labels}
    return history.is_clean(number) and needed <= migrations.keys() | labels and not has_cycle(migrations)


def has_cycle(migrations: Mapping[str, FileVersion]) -> bool:
    waiting = dict(migrations)
    while free := [name for name, version in waiting.items() if waiting.keys().isdisjoint(version.parents)]:
        for name in free:
            del waiting[name]
    return bool(waiting)


def heads_of(migrations: Mapping[str, FileVersion]) -> set[str]:
    return set(migrations) - {parent for version in migrations.values() for parent in version.parents}


def check_states(rebuilt: Rebuilt, numbers: Iterable[int]) -> None:
    history = rebuilt.history
    for number in numbers:
        if not runs(history, number):
            with pytest.raises(BrokenInputError):
                resolve(rebuilt.project_at(number), at=rebuilt.ids[number])
            continue
        resolution = resolve(rebuilt.project_at(number), at=rebuilt.ids[number])
        declared = history.migrations(number)
        (chain,) = resolution.chains
        assert resolution.source is Source.DECLARED
        assert {link.revision: link.parents for link in chain.links} == {
            name: version.parents for name, version in declared.items()
        }
        heads = heads_of(declared)
        assert set(chain.heads) == heads
        assert chain.end == (heads.pop() if len(heads) == 1 else None)
        assert not chain.side_heads


def test_states_are_what_their_files_declare(whole: Rebuilt) -> None:
    check_states(whole, (*whole.history.changes[::STEP_IN_CI], whole.history.head))


@pytest.mark.full
def test_all_states_are_what_their_files_declare(whole: Rebuilt) -> None:
    check_states(whole, whole.history.changes)


@pytest.mark.parametrize("whole", ["neutron"], indirect=True)
def test_branches_of_neutron_are_left_alone(whole: Rebuilt) -> None:
    resolution = resolve(whole.project)
    (chain,) = resolution.chains
    assert resolution.source is Source.DECLARED
    assert len(chain.heads) == 2
    assert chain.end is None
    assert not chain.side_heads
    unreadable = [link.revision for link in chain.links if "branch_labels" in link.placed.migration.unreadable]
    assert sorted(unreadable) == ["30018084ec99", "599c6a226151"]
