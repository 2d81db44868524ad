"""The chains that a repository answers for: folds its history, and remembers what that gave.

A chain file that puts two migrations the other way round stops everything (ORDER.md 5).
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from gitlembic.adapters.chain_file import chain_file_paths
from gitlembic.commands.part import Part, Question, checked, declared_chains, is_dynamic
from gitlembic.commands.recall import placed_at
from gitlembic.core.chain import Chain, Source, chain_from_line, name_some
from gitlembic.core.chain_file import (
    TWO_CURES,
    as_recorded,
    find_contradiction,
    is_end_recorded,
    line_from_entries,
    missing_entries,
)
from gitlembic.core.fold import FoldedLine, fold_line, fold_state, git_groups
from gitlembic.core.grouping import all_groupings, declared_connections, group_locations
from gitlembic.core.history import IN_CI, WORKING_TREE, HistoryUnknownError
from gitlembic.core.line import settled_line
from gitlembic.core.ordering import compute_births
from gitlembic.errors import CannotTellError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitlembic.adapters.project_home import Home
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.adapters.versions_dir import WorkingTreeHistory
    from gitlembic.core.chain_file import Entries
    from gitlembic.core.fold import Known
    from gitlembic.core.history import CommitId
    from gitlembic.core.line import Line
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.presence import Place, Presences

_MOST_TRIED = 4
"""Locations that can be grouped in 15 ways; five in 52."""


def answer_from_git(
    home: Home,
    repository: RememberedRepository,
    presences: Presences,
    tip: CommitId,
    place: Place,
    question: Question,
) -> Part:
    """The chains of `place` at `tip`, the working tree or a commit, with their births."""
    entries = home.read_chain_files(place) if tip == WORKING_TREE and question.use_chain_file else None
    chains: tuple[Chain, ...]
    if is_dynamic(checked(presences, tip, place)):
        settle = _Settle(entries)
        lines = _fold(presences, tip, place, settle, repository.known)
        source = Source.GIT_AND_CHAIN_FILE if settle.asked_file else Source.GIT
        chains = tuple(placed_at(home, chain_from_line(group, line), source) for group, line in lines.items())
        _check_contradictions(home, entries, chains)
    else:
        chains = declared_chains(home, presences, tip, place)
    if question.all_births:
        chains = tuple(_with_all_births(presences, tip, chain) for chain in chains)
    commits = {link.born for chain in chains for link in chain.links if link.born not in {None, WORKING_TREE}}
    head = presences.history.parents(tip)[:1] if tip == WORKING_TREE else (tip,)
    return Part(chains, next(iter(head), None), {commit: repository.birth(commit) for commit in commits if commit})


def _with_all_births(presences: Presences, tip: CommitId, chain: Chain) -> Chain:
    births = compute_births(presences, tip, chain.place)
    return chain.with_births({revision: birth.commit for birth in births for revision in birth.revisions})


def check_links(
    repository: RememberedRepository, commit: CommitId | None, place: Place, outside: Iterable[str] = ()
) -> None:
    """Refuse links whose contents git does not know at a commit, so that it cannot tell when they came."""
    dead = [path for location in place if commit for path in repository.dead_links(commit, location)]
    for path in (*outside, *dead):
        raise CannotTellError(
            f"{path} is a link that leads out of the repository or to nothing in it, "
            "so git does not know when the migration came",
            "put the file itself there",
        )


def remember_head(
    repository: RememberedRepository, presences: Presences, history: WorkingTreeHistory, by_git: Place
) -> None:
    """Fold what is committed by itself, so that the next run can go on from there."""
    if history.head is not None:
        remember_commit(repository, presences, history.head, by_git)


def remember_commit(repository: RememberedRepository, presences: Presences, commit: CommitId, today: Place) -> None:
    """Keep what the locations of today come to at a commit, if that is anything to compute."""
    place = presences.place_at_parent(commit, WORKING_TREE, today)
    if repository.known(commit, place) is not None or not is_dynamic(presences.at(commit, place)):
        return
    with contextlib.suppress(CannotTellError, HistoryUnknownError):  # which is said of the working tree
        repository.remember(commit, place, fold_state(presences, commit, place, repository.known), presences)


class _Settle:
    """How the oldest migrations of a shallow clone stand: by themselves, else by the chain file."""

    def __init__(self, entries: Entries | None) -> None:
        self.entries = entries
        self.asked_file = False

    def __call__(self, migrations: Mapping[RevisionId, PlacedMigration]) -> Line | None:
        line = settled_line(migrations)
        if line is not None or self.entries is None or missing_entries(self.entries, migrations):
            return line
        self.asked_file = True
        line = line_from_entries(self.entries, migrations)
        return line if line is not None and is_end_recorded(line) else None


def _fold(presences: Presences, tip: CommitId, place: Place, settle: _Settle, known: Known) -> dict[Place, FoldedLine]:
    """The line of each group of locations.

    A shallow clone may not tell which of them belong together; it is enough for the answer that
    every way of grouping them gives the same one, the first being what the files declare.
    """
    answers = [
        {group: fold_line(presences, tip, group, settle, known) for group in groups}
        for groups in _groupings(presences, tip, place, settle, known)
    ]
    computed = [
        {name: parents for folded in lines.values() for name, parents in folded.line.parents().items()}
        for lines in answers
    ]
    if any(parents != computed[0] for parents in computed):
        raise CannotTellError(
            f"whether {', '.join(location.path or '.' for location in place)} share a chain is older than "
            f"what this clone holds, and the order of {name_some(presences.at(tip, place).migrations)} depends on it",
            f"get the whole history with `git fetch --unshallow` {IN_CI}",
        )
    return answers[0]


def _groupings(
    presences: Presences, tip: CommitId, place: Place, settle: _Settle, known: Known
) -> list[tuple[Place, ...]]:
    if len(place) == 1:
        return [(place,)]
    try:
        return [git_groups(presences, tip, place, known)]
    except HistoryUnknownError:
        migrations = presences.at(tip, place).migrations
        if settle.entries is not None:
            recorded = as_recorded(settle.entries, migrations)
            return [group_locations(place, declared_connections(place, recorded))]
        if len(place) > _MOST_TRIED:
            raise
        declared = group_locations(place, declared_connections(place, migrations))
        return [declared, *(groups for groups in all_groupings(place) if groups != declared)]


def _check_contradictions(home: Home, entries: Entries | None, chains: Sequence[Chain]) -> None:
    for chain in chains if entries is not None else ():
        found = find_contradiction(entries or {}, chain)
        if found is not None:
            paths = " and ".join(map(os.fspath, chain_file_paths(home.directories(chain.place))))
            raise CannotTellError(
                f"{paths} contradicts git, and databases may have been deployed in its order:\n"
                f"  chain file: {', then '.join(found.in_file)}\n"
                f"  git:        {', then '.join(found.in_git)}",
                TWO_CURES,
            )
