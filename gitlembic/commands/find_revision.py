"""Where a revision is that a checkout does not have: asks the repositories that its locations belong to.

Only asked when something has gone wrong, so it may take longer than a command should.
"""

from __future__ import annotations

import contextlib
import os
import shlex
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.loose_commits import read_loose_commits
from gitlembic.adapters.mainline import usual_mainline
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.scan_cache import ScanCache
from gitlembic.adapters.tips import read_tips
from gitlembic.adapters.versions_dir import WorkingTreeHistory, read_source
from gitlembic.core.arrival import find_arrival, find_departure
from gitlembic.core.declaration_error import MissingRevisionError
from gitlembic.core.history import SHORT_COMMIT, WORKING_TREE, HistoryUnknownError, Location
from gitlembic.core.migration_source import assignment_line
from gitlembic.core.presence import Presences
from gitlembic.core.squash_header import replaced_revisions
from gitlembic.core.whereabouts import (
    Commit,
    Deletion,
    Sighting,
    Tip,
    TipKind,
    Whereabouts,
    matching,
    ranked,
    search_past,
    search_tips,
)
from gitlembic.core.whereabouts_text import explain_whereabouts
from gitlembic.errors import BrokenInputError, CannotTellError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.adapters.project_home import Home
    from gitlembic.core.declaration_error import DeclarationError, Declared
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import PlacedMigration
    from gitlembic.core.ordering import Step
    from gitlembic.core.whereabouts import Answer

_LOOSE_SHOWN = 3
"""Commits on no branch that are told of, the newest."""


def find_revision(project: Project, wanted: str, *, whole_reflog: bool = False) -> Whereabouts | None:
    """What git knows of a revision, a branch label or the beginning of a revision; `None` where there is no git.

    Of several repositories the first that knows it answers, else the first. With `whole_reflog` also
    what was checked out once, where a branch has it still: it may have had other ancestors then.
    """
    answers = [
        _ask(home, home.repository, wanted, whole_reflog=whole_reflog)
        for home in find_homes(project)
        if home.repository is not None
    ]
    return next((found for found in answers if found.answers), next(iter(answers), None))


def tell_more(error: DeclarationError, project: Project) -> DeclarationError:
    """An error about the working tree, with lines, and with where the revision is that it misses."""
    roots = [home.root for home in find_homes(project)]
    located = error.located(lambda place: _line(place, roots))
    if isinstance(located, MissingRevisionError):
        found_squash = _squash_of(located.revision, project)
        if found_squash is not None:
            return located.inside(*found_squash)
        with contextlib.suppress(CannotTellError):  # of which this error says nothing
            whereabouts = find_revision(project, located.revision)
            if whereabouts is not None:
                found = explain_whereabouts(whereabouts)
                return located.found(found.facts, found.hint)
    return located


def _squash_of(revision: str, project: Project) -> tuple[PlacedMigration, tuple[str, ...]] | None:
    """The squash in the working tree that stands for a revision, whose file is not to be brought back beside it.

    And the files that are there of others that it stands for.
    """
    homes = [(home, home.repository) for home in find_homes(project) if home.repository is not None]
    for home, directory in homes:
        with GitRepository(directory) as repository:
            on_disk = WorkingTreeHistory(home.root, repository, ScanCache(directory, home.place))
            present = Presences(on_disk).at(WORKING_TREE, home.place)
        for placed in present.migrations.values():
            replaced = replaced_revisions(read_source(home.root / placed.path))
            if revision in replaced:
                return placed, tuple(one.shown for name, one in present.migrations.items() if name in replaced)
    return None


def _line(place: Declared, roots: Iterable[Path]) -> int:
    for path in (root / place.path for root in roots):
        with contextlib.suppress(OSError):
            return assignment_line(path.read_bytes(), place.name)
    return 0


def describe(repository: GitRepository, commit: CommitId) -> Commit:
    """Who made a commit, when and why."""
    return Commit(repository.birth(commit), repository.subject(commit))


def _ask(home: Home, directory: GitDirectory, wanted: str, *, whole_reflog: bool) -> Whereabouts:
    with GitRepository(directory) as repository:
        on_disk = WorkingTreeHistory(home.root, repository, ScanCache(directory, home.place))
        return _Search(repository, Presences(on_disk), home.place, wanted).run(whole_reflog=whole_reflog)


class _Search:
    """One question to one repository."""

    def __init__(self, repository: GitRepository, presences: Presences, place: Sequence[Location], wanted: str) -> None:
        self._repository = repository
        self._presences = presences
        self._place = tuple(place)
        self._wanted = wanted
        self._unread: list[Tip] = []

    def run(self, *, whole_reflog: bool) -> Whereabouts:
        past = search_past(self._presences, self._place, self._wanted)
        tips = read_tips(self._repository)
        answers: list[Answer] = []
        if past.deleted is not None:
            answers.append(replace(self._deletion(*past.deleted), became=past.became, older=past.older))
        answers += self._sightings((tip for tip in tips if tip.kind is not TipKind.REFLOG), past.locations)
        answers += self._uncommitted(past.locations, answers)
        if whole_reflog or not answers:  # what was checked out once is mostly on a branch still
            answers += self._sightings((tip for tip in tips if tip.kind is TipKind.REFLOG), past.locations)
        if not answers:
            unread = [*self._unread]  # of what no branch has, that the clone lacks some is no news
            answers += self._sightings(self._loose(tips), past.locations)[:_LOOSE_SHOWN]
            self._unread = unread
        order = ranked(answers, self._wanted, usual_mainline(self._repository))
        return Whereabouts(
            wanted=self._wanted,
            answers=tuple(self._with_authors(order, past.locations)),
            place=self._place,
            taken=frozenset(
                placed.path
                for answer in answers
                for placed in (answer.placed, *getattr(answer, "older", ()))
                if self._is_taken(placed.path)
            ),
            unread=tuple(self._unread),
            ended=past.ended,
            is_shallow=bool(self._repository.directory.read_shallow()),
            has_remotes=bool(self._repository.remotes()),
            git=_git_here(self._repository.directory.work_tree),
        )

    def _deletion(self, step: Step, placed: PlacedMigration) -> Deletion:
        if step.commit == WORKING_TREE:
            return Deletion(placed, None)
        try:
            found = find_departure(self._presences, step, placed.migration.revision, self._repository.merge_bases)
        except (HistoryUnknownError, BrokenInputError):
            found = None
        by = describe(self._repository, step.commit)
        if found == step.commit:
            return Deletion(placed, by)
        return Deletion(placed, by, merged=True, origin=describe(self._repository, found) if found else None)

    def _loose(self, tips: Iterable[Tip]) -> Iterator[Tip]:
        known = {tip.commit for tip in tips}
        for commit in read_loose_commits(self._repository.directory):
            if commit not in known:
                yield Tip(TipKind.LOOSE, commit[:SHORT_COMMIT], commit)

    def _sightings(self, tips: Iterable[Tip], locations: Sequence[Location]) -> list[Answer]:
        sightings: list[Answer] = []
        for tip, found in search_tips(self._presences.history, tips, locations, self._wanted):
            if found is None:
                self._unread.append(tip)
            sightings += (Sighting(tip, placed) for placed in found or ())
        return sightings

    def _uncommitted(self, locations: Sequence[Location], answers: Sequence[Answer]) -> Iterator[Sighting]:
        """What another worktree has on disk and nobody committed."""
        known = {answer.placed.migration.revision for answer in answers if isinstance(answer, Sighting)}
        for tree in self._repository.directory.other_worktrees():
            tip = Tip(TipKind.WORKTREE, os.fspath(tree.work_tree), WORKING_TREE)
            presences = Presences(WorkingTreeHistory(tree.work_tree, cache=ScanCache(tree, self._place)))
            with contextlib.suppress(BrokenInputError, HistoryUnknownError):
                everybody = presences.at(WORKING_TREE, tuple(locations)).migrations.values()
                for placed in matching(self._wanted, everybody):
                    if placed.migration.revision not in known:
                        yield Sighting(tip, placed)

    def _with_authors(self, answers: Iterable[Answer], locations: Sequence[Location]) -> Iterator[Answer]:
        """The answers, the first sighting of each revision with who added it."""
        told = set()
        for answer in answers:
            revision = answer.placed.migration.revision
            if isinstance(answer, Deletion) or revision in told:
                yield answer
            else:
                told.add(revision)
                yield replace(answer, added=self._added(answer, locations), merged=self._is_merged(answer.tip.commit))

    def _is_taken(self, path: str) -> bool:
        return os.path.lexists(self._repository.directory.work_tree / path)

    def _is_merged(self, tip: CommitId) -> bool:
        """Whether HEAD, or what is being merged, has a commit already."""
        try:
            return any(
                head == tip or tip in self._repository.merge_bases(head, [tip])
                for head in self._presences.history.parents(WORKING_TREE)
                if tip != WORKING_TREE
            )
        except HistoryUnknownError:
            return False

    def _added(self, sighting: Sighting, locations: Sequence[Location]) -> Commit | None:
        tip = sighting.tip.commit
        if tip == WORKING_TREE:
            return None
        path = sighting.placed.path
        place = tuple(location for location in locations if location.holds(path)) or (
            Location(path.rpartition("/")[0]),
        )
        try:
            arrival = find_arrival(self._presences, tip, place, sighting.placed.migration.revision)
            return None if arrival is None else describe(self._repository, arrival.added)
        except (HistoryUnknownError, BrokenInputError):
            return None


def _git_here(root: Path) -> str:
    """How to call git so that paths from the root of the work tree are what it takes."""
    here, top = os.path.realpath(os.curdir), os.path.realpath(root)
    if here == top:
        return "git"
    inside = Path(here).is_relative_to(top)
    return f"git -C {shlex.quote(os.path.relpath(top, here) if inside else top)}"
