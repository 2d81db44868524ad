"""What the checks look at. An adapter gathers it, each part when the first check asks for it.

A part that cannot be had raises `GitlembicError` or `HistoryUnknownError` when it is asked for: the
check is then passed over, and the report says why.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gitlembic.core.presence import NOTHING, Presence
from gitlembic.core.resolution import Resolution
from gitlembic.core.touched import NOTHING_TOUCHED
from gitlembic.doctor.lazy import Lazy, known

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gitlembic.core.chain import Birth, Link
    from gitlembic.core.explanation import Explanation
    from gitlembic.core.history import CommitId
    from gitlembic.core.journal import Entry
    from gitlembic.core.library_order import Disagreement
    from gitlembic.core.migration import Migration, PlacedMigration, RevisionId
    from gitlembic.core.rebase import Move
    from gitlembic.core.touched import Touched
    from gitlembic.errors import GitlembicError


class Uncommitted(enum.Enum):
    """What HEAD does not have of a migration."""

    NEW = "is not committed yet"
    CHANGED = "has changes that are not committed"
    DELETED = "is deleted here, and HEAD still has it"


@dataclass(frozen=True, slots=True)
class UnloadedFile:
    """A file below a location that is a migration, and that Alembic does not load; `reason` says why."""

    path: str
    migration: Migration
    reason: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A migration whose file has other contents than it had.

    `changes_code`: something that runs is another, not only comments, docstrings, layout, type
    hints, imports or the place in the chain; `only_downgrade`: and that is what takes it back.
    `squashes`: it stands for others now. `was_beside`: it stood beside those whom it follows now.
    """

    placed: PlacedMigration
    before: Migration
    changes_code: bool
    only_downgrade: bool = False
    squashes: bool = False
    was_beside: bool = False


@dataclass(frozen=True)
class Event:
    """What one commit did to the migrations, against the first of its `parents`.

    `newcomers` are those it brought, `loose` those of them that no other parent tells apart;
    `replaced` are the ids that a squash in this commit stands for. `subject` is the first line of
    the commit's message. `crosses` says that the first parent had migrations which the merged
    commit had not; `turns` that the mainline stood at the merged commit before, not at the first
    parent: `None` where its reflog does not tell. `base` is the commit that it was held against, if
    that is not its first parent.
    """

    commit: CommitId
    parents: tuple[CommitId, ...] = ()
    newcomers: tuple[PlacedMigration, ...] = ()
    loose: tuple[PlacedMigration, ...] = ()
    edits: tuple[Edit, ...] = ()
    removed: tuple[PlacedMigration, ...] = ()
    replaced: frozenset[RevisionId] = frozenset()
    subject: str = ""
    crosses: bool = False
    turns: bool | None = None
    by: Birth | None = None
    base: CommitId | None = None


@dataclass(frozen=True)
class Past:
    """What became of the migrations, in the words of one repository.

    `mainline` is the name of the branch that deployments come from; without one the checked-out
    commit's own line is taken for it. `events` are the commits on its first-parent line that touched
    migrations, oldest first; `branch` those of this checkout that are not there yet, the working
    tree last. `own` is what this checkout does to the migrations that it shares with the mainline.
    """

    mainline: str | None = None
    events: tuple[Event, ...] = ()
    branch: tuple[Event, ...] = ()
    own: Event | None = None


@dataclass(frozen=True, slots=True)
class Against:
    """A commit that was named to compare with: its chain, and whom this checkout's branch shared with it."""

    ref: str
    resolution: Resolution
    shared: frozenset[RevisionId] = frozenset()


@dataclass(frozen=True, slots=True)
class ComingSideHead:
    """A migration that will stand beside the line of a mainline once this checkout is merged into that.

    `onto` is what `gitlembic rebase` has to be told, where that is not the mainline that it takes by itself.
    """

    mainline: str
    link: Link
    end: RevisionId | None
    onto: str | None = None


@dataclass(frozen=True, slots=True)
class Addition:
    """A migration that only another branch has, and what of a database it touches."""

    placed: PlacedMigration
    touched: Touched


@dataclass(frozen=True, slots=True)
class Reuse:
    """A revision id that this checkout and another branch have given to different code, each on its own."""

    here: PlacedMigration
    there: PlacedMigration


@dataclass(frozen=True)
class OpenBranch:
    """A branch beside this checkout that brings migrations of its own.

    `adds` are those that neither this checkout nor the mainline has, nor had where the branch left
    them; `has` is everybody there. `by` is its newest commit.
    """

    name: str
    by: Birth
    adds: tuple[Addition, ...]
    has: frozenset[RevisionId]
    reuses: tuple[Reuse, ...] = ()


@dataclass(frozen=True)
class OpenBranches:
    """What `--open` looks at.

    `stale` counts the branches that are too old, `unread` names those of which the clone lacks something.
    `ahead`: what the mainline, and whatever else this checkout is compared with, has and it lacks.
    """

    branches: tuple[OpenBranch, ...] = ()
    stale: int = 0
    unread: tuple[str, ...] = ()
    ahead: tuple[OpenBranch, ...] = ()


class FileFault(enum.Enum):
    """What is wrong with a chain file."""

    MISSING = "missing"
    STALE = "stale"
    CONTRADICTING = "contradicting"


@dataclass(frozen=True, slots=True)
class ChainFile:
    """A chain file that the project needs: `fault` and `reason` where it is not what git says.

    `tracked`: HEAD has it. `wanted`: the `.dockerignore` that keeps `.git` out of images, so that they need it;
    `left_out`: the path by which it keeps the chain file out as well, which may be another than git's.
    """

    path: str
    fault: FileFault | None = None
    reason: str = ""
    tracked: bool = False
    wanted: str = ""
    left_out: str = ""


@dataclass(frozen=True, slots=True)
class Detour:
    """A location that is configured by another path than git's: through a link, or in another case."""

    typed: str
    path: str


@dataclass(frozen=True, slots=True)
class Template:
    """`script.py.mako`; `line` is that of its `down_revision`, `None` without one."""

    path: str
    is_dynamic: bool
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """`env.py`: `is_async` if it makes an engine that needs greenlet, which is installed or not."""

    path: str
    is_async: bool
    has_greenlet: bool


@dataclass(frozen=True, slots=True)
class Database:
    """A database that env.py connects to: its URL without a password, where it stands, and its journal."""

    url: str
    heads: frozenset[str]
    journal: tuple[Entry, ...] = ()


def _no_line(_path: str, _name: str) -> int | None:
    return None


def _nothing_touched(_path: str) -> Touched:
    return NOTHING_TOUCHED


def _nowhere(_revision: str) -> Explanation | None:
    return None


@dataclass(frozen=True)
class Evidence:
    """Everything that is looked at.

    `present` are the migrations of all locations as they are on disk, `resolution` is their chain, `moves`
    what `gitlembic rebase` would do, `coming` the side heads that this checkout would bring to a mainline,
    `open` the branches beside it, where that is wanted. `unknown_mainline` says why nobody knows the
    mainline, `shallow` where clones end early, `homeless` are the directories that are in no repository,
    `library` the migrations to which `alembic-git-revisions` gives another parent, `detours` the locations
    that are configured by another path than git's. `databases` are those that env.py connects to, `checksums`
    those of the migrations' code today, by revision, squashes left out; `squashed` has what each squash has
    replaced. `whereabouts` says where a revision is that is not here, `position` how a database goes on that
    stands at it, `line` finds the 1-based line of an assignment in a file, `touched` reads what of a database a
    migration touches.
    """

    present: Lazy[Presence] = field(default_factory=lambda: known(NOTHING))
    unloaded: Lazy[tuple[UnloadedFile, ...]] = field(default_factory=lambda: known(()))
    resolution: Lazy[Resolution] = field(default_factory=lambda: known(Resolution(())))
    uncommitted: Lazy[tuple[tuple[PlacedMigration, Uncommitted], ...]] = field(default_factory=lambda: known(()))
    past: Lazy[tuple[Past, ...]] = field(default_factory=lambda: known(()))
    against: Lazy[tuple[Against, ...]] = field(default_factory=lambda: known(()))
    coming: Lazy[tuple[ComingSideHead, ...]] = field(default_factory=lambda: known(()))
    open: Lazy[OpenBranches] = field(default_factory=lambda: known(OpenBranches()))
    moves: Lazy[tuple[Move, ...]] = field(default_factory=lambda: known(()))
    unknown_mainline: Lazy[GitlembicError | None] = field(default_factory=lambda: known(None))
    chain_files: Lazy[tuple[ChainFile, ...]] = field(default_factory=lambda: known(()))
    library: Lazy[tuple[Disagreement, ...]] = field(default_factory=lambda: known(()))
    template: Lazy[Template | None] = field(default_factory=lambda: known(None))
    environment: Lazy[Environment | None] = field(default_factory=lambda: known(None))
    shallow: Lazy[tuple[CommitId, ...]] = field(default_factory=lambda: known(()))
    homeless: Lazy[tuple[str, ...]] = field(default_factory=lambda: known(()))
    detours: Lazy[tuple[Detour, ...]] = field(default_factory=lambda: known(()))
    databases: Lazy[tuple[Database, ...]] = field(default_factory=lambda: known(()))
    checksums: Lazy[Mapping[str, str]] = field(default_factory=lambda: known({}))
    squashed: Lazy[Mapping[RevisionId, tuple[RevisionId, ...]]] = field(default_factory=lambda: known({}))
    whereabouts: Callable[[str], Explanation | None] = _nowhere
    position: Callable[[str], Explanation | None] = _nowhere
    line: Callable[[str, str], int | None] = _no_line
    touched: Callable[[str], Touched] = _nothing_touched

    def squash_of(self) -> Mapping[RevisionId, RevisionId]:
        """What squashes stand for, each with its squash."""
        return {one: squash for squash, replaced in self.squashed().items() for one in replaced}
