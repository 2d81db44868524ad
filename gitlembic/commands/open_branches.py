"""Looks at the branches beside a checkout: which of them bring migrations, and what those touch.

Nothing is merged. A branch whose newest commit is much older than what it is compared with is counted,
not looked at: most repositories keep hundreds that nobody will ever merge.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gitlembic.adapters.tips import read_other_branches
from gitlembic.adapters.versions_dir import read_source
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.migration_code import same_code
from gitlembic.core.ordering import arrange_births
from gitlembic.core.presence import Presences
from gitlembic.core.squash_header import replaced_revisions
from gitlembic.core.touched import read_touched
from gitlembic.doctor.evidence import Addition, OpenBranch, OpenBranches, Reuse
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from gitlembic.adapters.project_home import Home
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.adapters.versions_dir import WorkingTreeHistory
    from gitlembic.core.history import CommitId, FileId
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.presence import Place
    from gitlembic.core.whereabouts import Tip

    Migrations = Mapping[RevisionId, PlacedMigration]

_STALE = timedelta(days=90)
"""That much older than the newest commit it is compared with, nobody is about to merge a branch."""


def read_open_branches(
    home: Home, history: WorkingTreeHistory, repository: RememberedRepository, known: Sequence[Tip]
) -> OpenBranches:
    """The branches that bring what neither the checkout has nor what is `known`, such as the mainline."""
    reader = _Reader(home, history, repository, [tip.commit for tip in known])
    branches: dict[str, OpenBranch] = {}
    unread: list[str] = []
    stale = 0
    seen: set[CommitId] = {*(tip.commit for tip in known), *history.parents(WORKING_TREE)}
    for tip in read_other_branches(repository):
        if tip.commit in seen:
            continue
        seen.add(tip.commit)
        try:
            if reader.is_stale(tip):
                stale += 1
                continue
            branch = reader.read(tip)
        except (GitlembicError, HistoryUnknownError):
            unread.append(tip.name)
            continue
        if branch is not None and not _is_told(branch, branches.get(tip.local)):
            branches[tip.name] = branch
    ahead = tuple(branch for tip in known if (branch := reader.read_ahead(tip)) is not None)
    return OpenBranches(tuple(branches.values()), stale, tuple(unread), ahead)


def _is_told(branch: OpenBranch, local: OpenBranch | None) -> bool:
    """Whether the local branch of a remote one brings the same, so that one of them is enough."""
    return local is not None and {one.placed for one in branch.adds} <= {one.placed for one in local.adds}


class _Reader:
    def __init__(
        self, home: Home, history: WorkingTreeHistory, repository: RememberedRepository, known: Sequence[CommitId]
    ) -> None:
        self._home = home
        self._history = history
        self._repository = repository
        self._presences = Presences(history)
        self._compared = tuple(dict.fromkeys((*known, *history.parents(WORKING_TREE))))
        self._here = self._presences.at(WORKING_TREE, home.place).migrations
        self._files_here = self._files(WORKING_TREE)
        self._known = {revision for commit in known for revision in self._at(commit)} | self._here.keys()
        dates = [date for commit in self._compared if (date := self._date(commit)) is not None]
        self._oldest = max(dates) - _STALE if dates else None

    def is_stale(self, tip: Tip) -> bool:
        date = self._date(tip.commit)
        return self._oldest is not None and date is not None and date < self._oldest

    def read(self, tip: Tip) -> OpenBranch | None:
        """What a branch brings; `None` if that is nothing."""
        return self._read(tip, self._known, self._compared)

    def read_ahead(self, tip: Tip) -> OpenBranch | None:
        """What the checkout lacks of one of those that are known, but squashes of what it has; `None` if nothing."""
        there, files = self._at(tip.commit), self._files(tip.commit)
        squashes = {
            revision
            for revision in there.keys() - self._here.keys()
            if replaced_revisions(self._repository.contents(files[there[revision].path])) & self._here.keys()
        }
        return self._read(tip, self._here.keys() | squashes, self._history.parents(WORKING_TREE))

    def _read(self, tip: Tip, known: Collection[RevisionId], compared: Sequence[CommitId]) -> OpenBranch | None:
        there, files = self._at(tip.commit), self._files(tip.commit)
        new = {revision: placed for revision, placed in there.items() if revision not in known}
        adds = {revision: new[revision] for revision in arrange_births(new)}  # the same in every run
        others = {
            revision: placed
            for revision, placed in there.items()
            if revision in self._here and files[placed.path] != self._files_here[self._here[revision].path]
        }
        if not adds and not others:
            return None
        bases = self._repository.merge_bases(tip.commit, compared)
        before = {revision for base in bases for revision in self._at(base)}
        sources = {
            revision: self._repository.contents(files[placed.path])
            for revision, placed in {**adds, **others}.items()
            if revision not in before
        }
        branch = OpenBranch(
            tip.name,
            self._repository.birth(tip.commit),
            tuple(Addition(adds[one], read_touched(source)) for one, source in sources.items() if one in adds),
            frozenset(there),
            tuple(
                Reuse(self._here[one], others[one])
                for one, source in sources.items()
                if one in others and not same_code(self._source(one), source)
            ),
        )
        return branch if branch.adds or branch.reuses else None

    def _source(self, revision: RevisionId) -> bytes:
        return read_source(self._home.root / self._here[revision].path)

    def _at(self, commit: CommitId) -> Migrations:
        return self._presences.at(commit, self._place(commit)).migrations

    def _files(self, commit: CommitId) -> dict[str, FileId]:
        place = self._place(commit)
        return {path: file for location in place for path, file in self._history.files(commit, location).items()}

    def _place(self, commit: CommitId) -> Place:
        return self._presences.place_at_parent(commit, WORKING_TREE, self._home.place)

    def _date(self, commit: CommitId) -> datetime | None:
        return self._repository.birth(commit).date
