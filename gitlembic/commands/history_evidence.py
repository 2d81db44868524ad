"""What only git's history tells of a project: the evidence that takes longest, and that most runs of `doctor` remember.

Importing what looks into it takes longer than all the rest of such a run.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from gitlembic.adapters.mainline import find_mainline
from gitlembic.adapters.past_cache import PastCache
from gitlembic.adapters.versions_dir import read_source
from gitlembic.commands.checkouts import open_checkouts
from gitlembic.commands.find_revision import find_revision
from gitlembic.commands.known_findings import this_program
from gitlembic.commands.library import compare_with_library
from gitlembic.commands.open_branches import read_open_branches
from gitlembic.commands.originals import explain_inside_squash
from gitlembic.commands.past import read_past
from gitlembic.commands.rebase import cross, plan_rebase, same_text
from gitlembic.commands.resolve import resolve
from gitlembic.core.branches import split_branches
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.presence import Presences
from gitlembic.core.whereabouts import Tip, TipKind
from gitlembic.core.whereabouts_text import explain_position, explain_whereabouts
from gitlembic.doctor.evidence import Against, ComingSideHead, OpenBranches, Uncommitted
from gitlembic.doctor.uncommitted import compare_with_head
from gitlembic.errors import CannotTellError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.project_home import Home
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.adapters.versions_dir import WorkingTreeHistory
    from gitlembic.core.crossing import Mainline
    from gitlembic.core.explanation import Explanation
    from gitlembic.core.history import CommitId, FileId
    from gitlembic.core.library_order import Disagreement
    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.rebase import Move
    from gitlembic.core.resolution import Resolution
    from gitlembic.core.whereabouts import Whereabouts
    from gitlembic.doctor.evidence import Past
    from gitlembic.settings import Settings

    Opened = tuple[Home, WorkingTreeHistory, RememberedRepository]


class HistoryGatherer:
    """Asks the repositories that `opened` gives; each method gathers one part of the evidence."""

    def __init__(
        self, options: Sequence[str], project: Project, settings: Settings, opened: Callable[[], tuple[Opened, ...]]
    ) -> None:
        self._options = options
        self._project = project
        self._settings = settings
        self._opened = opened

    def past(self) -> tuple[Past, ...]:
        return tuple(
            read_past(
                home.root,
                home.place,
                history,
                repository,
                self._mainline(history, repository),
                _past_cache(home, repository),
                self._parents_at,
            )
            for home, history, repository in self._opened()
        )

    def _parents_at(self, commit: CommitId) -> dict[RevisionId, tuple[RevisionId, ...]]:
        return {revision: link.parents for revision, link in resolve(self._project, at=commit).links.items()}

    def _mainline(self, history: WorkingTreeHistory, repository: RememberedRepository) -> Mainline | None:
        try:
            return find_mainline(repository, history, self._settings.mainline, None)
        except GitlembicError:  # a check of its own says so
            return None

    def unknown_mainline(self) -> GitlembicError | None:
        """Nothing of a repository without a commit, whose branches are all still to come."""
        try:
            for _, history, repository in self._opened():
                if history.head is not None:
                    find_mainline(repository, history, self._settings.mainline, None)
        except GitlembicError as error:
            return error
        return None

    def against(self, ref: str, there: Resolution) -> Against:
        """With the migrations that stood where this branch and that of `ref` parted."""
        shared: set[RevisionId] = set()
        for home, history, repository in self._opened():
            presences = Presences(history)
            for base in repository.merge_bases(repository.resolve(ref), history.parents(WORKING_TREE)):
                there_then = presences.place_at_parent(base, WORKING_TREE, home.place)
                shared |= presences.at(base, there_then).migrations.keys()
        return Against(ref, there, frozenset(shared))

    def coming(self, against: Sequence[str]) -> Iterator[ComingSideHead]:
        """Of the mainline, and of every branch in `against` that goes on beside this checkout."""
        with open_checkouts(self._project) as checkouts:
            owns = ((checkout, self._mainline(checkout.history, checkout.repository)) for checkout in checkouts)
            for checkout, own, onto in ((*one, onto) for one in owns for onto in (None, *against)):
                if checkout.history.head is None and own is None:
                    continue  # there is nothing yet that this could be merged into
                mainline = find_mainline(checkout.repository, checkout.history, self._settings.mainline, onto)
                told = onto if own is None or own.tip != mainline.tip else None
                if onto is None or mainline.tip not in mainline.bases:
                    for crossing in cross(checkout, mainline):
                        for branch in split_branches(crossing):
                            for link in branch.coming_side_heads():
                                yield ComingSideHead(mainline.name, link, branch.end, told)

    def open_branches(self, against: Sequence[str]) -> OpenBranches:
        found = []
        for home, history, repository in self._opened():
            mainline = self._mainline(history, repository)
            tips = {mainline.name: mainline.tip} if mainline else {}
            tips |= {ref: repository.resolve(ref) for ref in against}
            known = [Tip(TipKind.BRANCH, name, commit) for name, commit in tips.items()]
            found.append(read_open_branches(home, history, repository, known))
        return OpenBranches(
            tuple(branch for one in found for branch in one.branches),
            sum(one.stale for one in found),
            tuple(name for one in found for name in one.unread),
            tuple(branch for one in found for branch in one.ahead),
        )

    def whereabouts(self, revision: str) -> Explanation | None:
        """Which squash stands for a revision, or where git knows it; nothing where it cannot be asked."""
        return self._explain(revision, explain_whereabouts)

    def position(self, revision: str) -> Explanation | None:
        """The same for the position of a database, which nothing that is brought here cures."""
        return self._explain(revision, explain_position)

    def _explain(self, revision: str, explain: Callable[[Whereabouts], Explanation]) -> Explanation | None:
        unknown = (CannotTellError, HistoryUnknownError)
        with contextlib.suppress(*unknown):  # nobody knows the chain where a parent is missing
            inside = explain_inside_squash(self._project, resolve(self._project), revision)
            if inside is not None:
                return inside
        try:
            found = find_revision(self._project, revision)
        except unknown:
            return None
        return explain(found) if found is not None else None

    def library(self) -> tuple[Disagreement, ...]:
        order = compare_with_library(self._project)
        if order is not None and order.unknown:
            raise CannotTellError(order.unknown)
        return order.disagreements if order is not None else ()

    def moves(self) -> tuple[Move, ...]:
        return tuple(rewrite.move for rewrite in plan_rebase(self._options).rewrites)

    def uncommitted(self) -> tuple[tuple[PlacedMigration, Uncommitted], ...]:
        return tuple(
            difference
            for home, history, repository in self._opened()
            for difference in compare_with_head(Presences(history), home.place, _same_text(home.root, repository))
        )


def _past_cache(home: Home, repository: RememberedRepository) -> PastCache:
    """What commits did is seen by this program in this way, and as far back as the clone goes."""
    directory = repository.directory
    return PastCache(directory, home.place, [sorted(directory.read_shallow()), this_program()])


def _same_text(root: Path, repository: RememberedRepository) -> Callable[[FileId, str], bool]:
    return lambda file, path: same_text(repository.contents(file), read_source(root / path))
