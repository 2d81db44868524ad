"""What became of a repository's migrations, commit by commit, as the checks want it."""

from __future__ import annotations

from dataclasses import replace
from itertools import takewhile
from typing import TYPE_CHECKING

from gitlembic.adapters.versions_dir import read_source
from gitlembic.commands.part import checked, is_dynamic
from gitlembic.core.chain import declared_chain
from gitlembic.core.chain_check import check_chains
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.migration_code import same_code
from gitlembic.core.ordering import Step, arrange, walk_first_parents
from gitlembic.core.presence import Presences, compare
from gitlembic.core.reach import reach
from gitlembic.core.squash_header import replaced_revisions
from gitlembic.doctor.event_rows import PlacedEvent
from gitlembic.doctor.evidence import Edit, Event, Past
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from gitlembic.adapters.past_cache import PastCache
    from gitlembic.adapters.remembered_repository import RememberedRepository
    from gitlembic.adapters.versions_dir import WorkingTreeHistory
    from gitlembic.core.crossing import Mainline
    from gitlembic.core.history import CommitId, FileId
    from gitlembic.core.migration import Migration, PlacedMigration, RevisionId
    from gitlembic.core.presence import Place, Presence

    ParentsAt = Callable[[CommitId], dict[RevisionId, tuple[RevisionId, ...]]]


def read_past(
    root: Path,
    place: Place,
    history: WorkingTreeHistory,
    repository: RememberedRepository,
    mainline: Mainline | None,
    cache: PastCache,
    parents_at: ParentsAt,
) -> Past:
    """The past of some locations below `root`; `mainline` is `None` where nobody knows it.

    `parents_at` tells who followed whom at a commit; it is only asked where static migrations were moved among
    dynamic ones.
    """
    if history.head is None:
        return Past()
    reader = _Reader(root, history, repository, parents_at)
    tip, bases = (mainline.tip, mainline.bases) if mainline else (history.head, (history.head,))
    events = _remembered_line(reader, tip, reader.presences.place_at_parent(tip, WORKING_TREE, place), cache)
    commits = {event.commit for event in events}
    here = walk_first_parents(reader.presences, WORKING_TREE, place)
    branch = list(takewhile(lambda found: found[0].commit not in commits, here))
    former_tips = _former_tips(repository, mainline)
    return Past(
        mainline=mainline.name if mainline else None,
        events=tuple(_told_by_reflog(event, former_tips) for event in events),
        branch=tuple(reader.event(step) for step, _ in reversed(branch)),
        own=reader.compared(bases[0], place) if bases else None,
    )


def _remembered_line(reader: _Reader, tip: CommitId, place: Place, cache: PastCache) -> tuple[Event, ...]:
    """What the first-parent line of `tip` did, oldest first: it is walked down to what is remembered of it.

    What a commit did, and what all before it did, follows from the commit, and from where the locations were then.
    """
    known = cache.load()
    count = {(placed.event.commit, placed.place): number for number, placed in enumerate(known, 1)}
    newer: list[PlacedEvent] = []
    older: tuple[PlacedEvent, ...] = ()
    for step, _ in walk_first_parents(reader.presences, tip, place):
        if (step.commit, step.place) in count:
            older = known[: count[step.commit, step.place]]
            break
        newer.append(PlacedEvent(step.place, reader.event(step)))
    line = (*older, *reversed(newer))
    if newer:
        cache.save(line)
    return tuple(placed.event for placed in line)


def _told_by_reflog(event: Event, former_tips: frozenset[CommitId]) -> Event:
    """With whether the mainline went from a merged commit to this one, not from its first parent."""
    if former_tips.isdisjoint(event.parents):
        return event
    return replace(event, turns=event.parents[0] not in former_tips)


def _former_tips(repository: RememberedRepository, mainline: Mainline | None) -> frozenset[CommitId]:
    """The commits at which this clone has seen the mainline."""
    if mainline is None:
        return frozenset()
    logs = (repository.directory.read_reflog(f"{kind}{mainline.name}") for kind in ("refs/remotes/", "refs/heads/"))
    return frozenset(commit for log in logs for commit in log)


def _declared_parents(place: Place, presence: Presence) -> dict[RevisionId, tuple[RevisionId, ...]]:
    """Who follows whom where nothing is dynamic; refuses what Alembic could not run, such as a cycle."""
    chain = declared_chain(place, presence)
    check_chains((chain,))
    return {link.revision: link.parents for link in chain.links}


class _Reader:
    def __init__(
        self, root: Path, history: WorkingTreeHistory, repository: RememberedRepository, parents_at: ParentsAt
    ) -> None:
        self._root = root
        self._history = history
        self._repository = repository
        self._parents_at = parents_at
        self.presences = Presences(history)

    def event(self, step: Step) -> Event:
        """What one commit did."""
        parents = [(parent, self.presences.place_at_parent(parent, step.commit, step.place)) for parent in step.parents]
        before = [self.presences.at(*parent).migrations for parent in parents]
        merged = frozenset(revision for migrations in before[1:] for revision in migrations)
        arranged = [step.change.newcomers[revision] for revision in arrange(self.presences, step)]
        edits = tuple(self._edits(*parents[0], step.commit, step.place)) if parents else ()
        is_commit = step.commit != WORKING_TREE
        return Event(
            commit=step.commit,
            parents=step.parents,
            newcomers=tuple(arranged),
            loose=tuple(placed for placed in arranged if placed.migration.revision not in merged),
            edits=edits,
            removed=tuple(before[0][revision] for revision in sorted(step.change.removed)),
            replaced=self._replaced(step.commit, step.place, [*arranged, *(edit.placed for edit in edits)]),
            subject=self._repository.subject(step.commit) if is_commit else "",
            crosses=bool(merged) and any(revision not in merged for revision in before[0]),
            by=self._repository.birth(step.commit) if is_commit else None,
        )

    def compared(self, base: CommitId, place: Place) -> Event:
        """What the working tree did to the migrations of `base`, in one step."""
        there = self.presences.place_at_parent(base, WORKING_TREE, place)
        before = self.presences.at(base, there).migrations
        here = self.presences.at(WORKING_TREE, place)
        change = compare(self.presences.at(base, there), here)
        edits = tuple(self._edits(base, there, WORKING_TREE, place))
        changed = [*change.newcomers.values(), *(edit.placed for edit in edits)]
        return Event(
            commit=WORKING_TREE,
            edits=edits,
            removed=tuple(before[revision] for revision in sorted(change.removed)),
            replaced=self._replaced(WORKING_TREE, place, changed),
            base=base,
        )

    def _edits(self, parent: CommitId, parent_place: Place, commit: CommitId, place: Place) -> Iterator[Edit]:
        """Whose file has other contents, of those who were there before; by path, however the walk came here."""
        old_files, files = self._files(parent, parent_place), self._files(commit, place)
        if old_files == files:
            return
        before = self.presences.at(parent, parent_place).migrations
        for placed in sorted(self.presences.at(commit, place).migrations.values(), key=lambda placed: placed.path):
            old = before.get(placed.migration.revision)
            if old is not None and files[placed.path] != old_files[old.path]:
                source_before = self._source(parent, old.path, old_files[old.path])
                source = self._source(commit, placed.path, files[placed.path])
                changes_code = not same_code(source_before, source)
                yield Edit(
                    placed,
                    old.migration,
                    changes_code=changes_code,
                    only_downgrade=changes_code and same_code(source_before, source, with_downgrade=False),
                    squashes=bool(replaced_revisions(source)),
                    was_beside=self._was_beside(parent, parent_place, old.migration, placed.migration),
                )

    def _was_beside(self, commit: CommitId, place: Place, old: Migration, new: Migration) -> bool:
        """Whether a static migration was moved behind such as it did not follow, and that did not follow it."""
        if old.is_dynamic or new.is_dynamic or set(old.parents) == set(new.parents):
            return False
        try:
            presence = checked(self.presences, commit, place)
            parents = self._parents_at(commit) if is_dynamic(presence) else _declared_parents(place, presence)
        except (GitlembicError, HistoryUnknownError):  # then nobody knows
            return False
        known = {new.revision, *new.parents} <= parents.keys()
        joined = set(new.parents) - set(old.parents)
        return known and all(
            one not in reach([new.revision], parents.__getitem__)
            and new.revision not in reach([one], parents.__getitem__)
            for one in joined
        )

    def _replaced(self, commit: CommitId, place: Place, changed: list[PlacedMigration]) -> frozenset[RevisionId]:
        files = self._files(commit, place) if changed else {}
        sources = (self._source(commit, placed.path, files[placed.path]) for placed in changed)
        return frozenset(revision for source in sources for revision in replaced_revisions(source))

    def _files(self, commit: CommitId, place: Place) -> dict[str, FileId]:
        return {path: file for location in place for path, file in self._history.files(commit, location).items()}

    def _source(self, commit: CommitId, path: str, file: FileId) -> bytes:
        return read_source(self._root / path) if commit == WORKING_TREE else self._repository.contents(file)
