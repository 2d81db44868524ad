"""Where a revision is that a checkout does not have: the places that git knows, nearest first."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.migration import Migration, PlacedMigration
from gitlembic.core.ordering import walk_first_parents
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Container, Hashable, Iterable, Iterator, Mapping, Sequence

    from gitlembic.core.chain import Birth
    from gitlembic.core.history import CommitId, FileId, History, Location
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.ordering import Step
    from gitlembic.core.presence import Place, Presences

_SHORTEST = 4
"""Alembic takes the beginning of a revision for it, if the whole has so many characters."""


class TipKind(enum.IntEnum):
    """What leads to a commit, nearest first."""

    UPSTREAM = 0
    """The remote branch of the branch that is checked out."""

    BRANCH = 1
    WORKTREE = 2
    """What is checked out in another worktree."""

    REMOTE_BRANCH = 3
    TAG = 4
    STASH = 5
    REFLOG = 6
    """What was checked out here before, and may be nowhere else."""

    LOOSE = 7
    """A commit that was made here; perhaps nothing leads to it any more."""


@dataclass(frozen=True, slots=True)
class Tip:
    """A commit that has a name: `name` as `git switch` takes it, or the path of a worktree.

    `full` is what other git commands take, where `name` would mean something else to them;
    `checked_out` the worktree that has a branch checked out, if another one does; `local` the
    branch here of a remote branch's name, if there is one; `remote` where it is fetched from, "" if
    git does not know (git-svn has such).
    """

    kind: TipKind
    name: str
    commit: CommitId
    full: str = ""
    checked_out: str = ""
    local: str = ""
    remote: str = ""


@dataclass(frozen=True, slots=True)
class Commit:
    """What is said of a commit: who made it and when, and the first line of its message."""

    birth: Birth
    subject: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """A tip that has the migration, and the commit that added it (`None` where the clone does not tell).

    `merged`: HEAD has the tip already, so that a merge would bring nothing.
    """

    tip: Tip
    placed: PlacedMigration
    added: Commit | None = None
    merged: bool = False


@dataclass(frozen=True, slots=True)
class Deletion:
    """The commit of HEAD's first-parent line that deleted the migration, which was at `placed` before.

    `by` is `None` if that is not committed; `merged` says that it only merged what `origin` had done before, or what
    nobody knows who did. `became` is the revision that the same file declares since, if its id was changed. `older`
    are those whom it followed there, directly or through others, and who are not here either, nearest first.
    """

    placed: PlacedMigration
    by: Commit | None
    became: str = ""
    merged: bool = False
    origin: Commit | None = None
    older: tuple[PlacedMigration, ...] = ()


Answer = Sighting | Deletion
"""One way in which git knows of a revision."""


@dataclass(frozen=True)
class Whereabouts:
    """All that git knows of what was `wanted`.

    `answers` are sorted, nearest first, and all those of one revision together. `unread` are the
    tips of which the clone lacks something; `ended` says that HEAD's line goes on beyond what it
    holds. `place` is where migrations are loaded from today, `taken` are the paths of answers at
    which a file stands today, and `git` is how git is called for this repository from here.
    """

    wanted: str
    answers: tuple[Answer, ...]
    place: Place
    taken: frozenset[str] = frozenset()
    unread: tuple[Tip, ...] = ()
    ended: bool = False
    is_shallow: bool = False
    has_remotes: bool = False
    git: str = "git"


def matching(wanted: str, migrations: Iterable[PlacedMigration]) -> tuple[PlacedMigration, ...]:
    """Whom Alembic would take `wanted` for: by revision, else by branch label, else by the beginning of a revision."""
    label: list[PlacedMigration] = []
    beginning: list[PlacedMigration] = []
    for placed in migrations:
        migration = placed.migration
        if migration.revision == wanted:
            return (placed,)
        if wanted in migration.branch_labels:
            label.append(placed)
        elif len(migration.revision) >= _SHORTEST and migration.revision.startswith(wanted):
            beginning.append(placed)
    return tuple(label or beginning)


def ranked(answers: Iterable[Answer], wanted: str, mainline: str | None) -> tuple[Answer, ...]:
    """The answers nearest first, with a revision that is exactly the `wanted` one before others.

    A deletion comes before all tips: a merge of one of them would keep it. Of several tips of a kind
    the mainline comes first, then the rest by name.
    """

    def rank(answer: Answer) -> tuple[bool, str, bool, int, bool, tuple[int, str]]:
        revision = answer.placed.migration.revision
        exact = (revision != wanted, revision)
        if isinstance(answer, Deletion):
            return (*exact, False, 0, False, (0, ""))
        name = answer.tip.name
        is_mainline = mainline is not None and f"/{name}".endswith(f"/{mainline}")
        return (*exact, True, answer.tip.kind, not is_mainline, (len(name) if "@{" in name else 0, name))

    return tuple(sorted(answers, key=rank))


def search_tips(
    history: History, tips: Iterable[Tip], locations: Sequence[Location], wanted: str
) -> Iterator[tuple[Tip, tuple[PlacedMigration, ...] | None]]:
    """Every tip with whom it has of that name, `None` if the clone lacks what would tell.

    Looks into `locations`, under all their names. Where none of them exists, into every directory:
    the location may have another name there. Each version of a file is parsed once.
    """
    known = _Known()
    for tip in tips:
        yield tip, _at(history, tip.commit, locations, wanted, known)


@dataclass(frozen=True)
class _Known:
    """What was learned at the tips before: the branches of a repository have nearly the same files.

    `looked_at` are the versions of files that were parsed, `candidates` those of them that may be
    the wanted one; `answers` by the contents of the locations.
    """

    looked_at: set[tuple[str, FileId]] = field(default_factory=set)
    candidates: dict[tuple[str, FileId], PlacedMigration] = field(default_factory=dict)
    answers: dict[Hashable, tuple[PlacedMigration, ...]] = field(default_factory=dict)


def _at(
    history: History, commit: CommitId, locations: Sequence[Location], wanted: str, known: _Known
) -> tuple[PlacedMigration, ...] | None:
    try:
        contents = tuple(history.fingerprint(commit, name) for name in locations)
        place = [name for name, found in zip(locations, contents, strict=True) if found is not None]
        if place and contents in known.answers:
            return known.answers[contents]
        listings = [history.files(commit, name) for name in place] or [dict(history.python_files(commit))]
        for path, file in (pair for files in listings for pair in files.items() - known.looked_at):
            known.looked_at.add((path, file))
            parsed = history.parse(path, file)
            if isinstance(parsed, Migration) and matching(wanted, [PlacedMigration(path, parsed)]):
                known.candidates[path, file] = PlacedMigration(path, parsed)
        present = [
            placed
            for (path, file), placed in known.candidates.items()
            if any(files.get(path) == file for files in listings)
        ]
        known.answers[contents] = matching(wanted, sorted(present, key=lambda placed: placed.path))
        return known.answers[contents]
    except (HistoryUnknownError, BrokenInputError):
        return None


@dataclass(frozen=True)
class Past:
    """What the first-parent line of HEAD tells of a name.

    `deleted` is who was last called so, with the step that deleted it (of the `WORKING_TREE` if nobody
    committed that), `became` the revision that its file declares since, and `older` those before it
    who are gone as well;
    `locations` are all that today's were called; `ended`: the line goes on beyond what the clone
    holds.
    """

    deleted: tuple[Step, PlacedMigration] | None
    locations: tuple[Location, ...]
    ended: bool
    became: str = ""
    older: tuple[PlacedMigration, ...] = ()


def search_past(presences: Presences, place: Place, wanted: str) -> Past:
    """Walk the first-parent line of the working tree down to its root."""
    deleted = None
    became = ""
    older: tuple[PlacedMigration, ...] = ()
    locations = dict.fromkeys(place)
    try:
        for step, before in walk_first_parents(presences, WORKING_TREE, place):
            locations.update(dict.fromkeys(step.place))
            found = matching(wanted, (before.migrations[revision] for revision in step.change.removed))
            if found and deleted is None:
                deleted = step, found[0]
                older = gone_with(found[0], before.migrations, presences.at(WORKING_TREE, place).migrations)
                became = next(
                    (new for new, placed in step.change.newcomers.items() if placed.path == found[0].path), ""
                )
    except (HistoryUnknownError, BrokenInputError):
        return Past(deleted, tuple(locations), ended=True, became=became, older=older)
    return Past(deleted, tuple(locations), ended=False, became=became, older=older)


def gone_with(
    placed: PlacedMigration, then: Mapping[RevisionId, PlacedMigration], here: Container[RevisionId]
) -> tuple[PlacedMigration, ...]:
    """Whom it followed `then` and who are not `here`: without their files, one that is brought back misses them.

    Nearest first. Of a dynamic one those that its docstring names.
    """
    found: dict[RevisionId, PlacedMigration] = {}
    waiting = [placed]
    while waiting:
        for parent in waiting.pop(0).migration.named_parents:
            if parent in then and parent not in here and parent not in found:
                found[parent] = then[parent]
                waiting.append(then[parent])
    return tuple(found.values())
