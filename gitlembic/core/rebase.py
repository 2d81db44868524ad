"""Chains -> which migration gets which parent, so that everybody stands on one line (ORDER.md 4).

It is decided as if the working tree were merged into the mainline: the fold of `line.py` is taken
one commit further than the mainline's tip, to the merge that is yet to come. What is then beside
the line is moved onto it, one side line after the other, by another parent for its oldest
migration. Who stands on the mainline's line is never touched.

    mainline   a <- b                 merged   a <- b <- x     s is beside the line: it moves onto x
    here       a <- s, b <- x                  a <- s
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gitlembic.core.chain import Chain, chain_from_line, declared_chain, name_some
from gitlembic.core.fold import FoldedLine, fold_line, nothing_known
from gitlembic.core.history import WORKING_TREE, FileId
from gitlembic.core.line import Line, advance, on_or_after_cycles
from gitlembic.core.migration import Kind
from gitlembic.core.ordering import Step, arrange, compute_births
from gitlembic.core.presence import NOTHING, Presence, Presences, compare
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Mapping, Sequence

    from gitlembic.core.fold import Known
    from gitlembic.core.history import CommitId, History, Location
    from gitlembic.core.migration import Migration, Parsed, PlacedMigration, RevisionId
    from gitlembic.core.presence import Place

    Migrations = Mapping[RevisionId, PlacedMigration]
    Edits = Mapping[RevisionId, Migration]
    Graph = Mapping[RevisionId, tuple[RevisionId, ...]]


@dataclass(frozen=True)
class Mainline:
    """The branch that deployments come from, as far as this repository knows it.

    `bases` are the newest commits that it shares with the working tree.
    """

    name: str
    tip: CommitId
    bases: tuple[CommitId, ...]


@dataclass(frozen=True, slots=True)
class Move:
    """A migration that is to declare something else: these literal parents, or git.

    For a dynamic one `parents` are whom it will follow on the mainline.
    """

    placed: PlacedMigration
    kind: Kind
    parents: tuple[RevisionId, ...]

    @property
    def revision(self) -> RevisionId:
        return self.placed.migration.revision

    @property
    def declared(self) -> Migration:
        """What the migration will declare."""
        migration = self.placed.migration
        literal = () if self.kind is Kind.DYNAMIC else self.parents
        return replace(migration, kind=self.kind, parents=literal, revises=self.parents if migration.revises else ())


class EditedTree:
    """The same history, save that some files of the working tree declare something else."""

    def __init__(self, history: History, edits: Mapping[str, Migration]) -> None:
        self._history = history
        self._edits = edits

    def parents(self, commit: CommitId) -> tuple[CommitId, ...]:
        return self._history.parents(commit)

    def fingerprint(self, commit: CommitId, location: Location) -> Hashable:
        if commit != WORKING_TREE:
            return self._history.fingerprint(commit, location)
        return tuple(self.files(commit, location).items())

    def files(self, commit: CommitId, location: Location) -> Mapping[str, FileId]:
        files = self._history.files(commit, location)
        if commit != WORKING_TREE:
            return files
        return {path: FileId(f"edited {path}") if path in self._edits else file for path, file in files.items()}

    def python_files(self, commit: CommitId) -> Iterable[tuple[str, FileId]]:
        return () if commit == WORKING_TREE else self._history.python_files(commit)

    def parse(self, path: str, file: FileId) -> Parsed:
        return self._edits[path] if file == f"edited {path}" else self._history.parse(path, file)


@dataclass(frozen=True)
class _Ground:
    """What a commit that is yet to come builds on."""

    presence: Presence = NOTHING
    line: Line = field(default_factory=lambda: Line({}))

    @classmethod
    def fold(cls, presences: Presences, tip: CommitId, place: Place, known: Known) -> _Ground:
        there = presences.place_at_parent(tip, WORKING_TREE, place)
        return cls(presences.at(tip, there), fold_line(presences, tip, there, known=known).line)


class Crossing:
    """The working tree, and what becomes of it on the mainline.

    Both are one commit more on a line that stays as it is, so those lines are folded once, and not
    behind what is `known`.
    """

    def __init__(self, presences: Presences, place: Place, mainline: Mainline, known: Known = nothing_known) -> None:
        self.presences = presences
        self.place = place
        self.mainline = mainline
        self._there = _Ground.fold(presences, mainline.tip, place, known)
        parents = presences.history.parents(WORKING_TREE)
        self._head = _Ground.fold(presences, parents[0], place, known) if parents else _Ground()
        self._bases = tuple(
            presences.at(base, presences.place_at_parent(base, WORKING_TREE, place)).migrations
            for base in mainline.bases
        )
        self.here: Migrations = presences.at(WORKING_TREE, place).migrations
        self.protected = frozenset(self._there.line.members())

    def merged(self, edits: Edits) -> Line:
        """The line of the mainline once the working tree, so edited, is merged into it."""
        presences = self._presences(edits)
        there = self._there.presence.migrations
        migrations = merge_migrations(self._bases, there, presences.at(WORKING_TREE, self.place).migrations)
        wanted = [revision for revision in migrations if revision not in there]
        births = compute_births(presences, WORKING_TREE, self.place, wanted)
        newcomers = (revision for birth in births for revision in birth.revisions)
        return advance(self._there.line, migrations, newcomers)

    def merged_chain(self, edits: Edits) -> Chain:
        return chain_from_line(self.place, FoldedLine(self.merged(edits), {}))

    def chain(self, edits: Edits) -> Chain:
        """The chain that the working tree, so edited, has by itself."""
        presences = self._presences(edits)
        presence = presences.at(WORKING_TREE, self.place)
        if not any(placed.migration.is_dynamic for placed in presence.migrations.values()):
            return declared_chain(self.place, presence)
        parents = self.presences.history.parents(WORKING_TREE)
        step = Step(WORKING_TREE, parents, self.place, compare(self._head.presence, presence))
        line = advance(self._head.line, presence.migrations, arrange(presences, step))
        return chain_from_line(self.place, FoldedLine(line, {}))

    def unmerged_dynamic(self) -> tuple[PlacedMigration, ...]:
        """The dynamic migrations of the working tree that are not on the mainline's line."""
        return tuple(
            placed
            for revision, placed in self.here.items()
            if placed.migration.is_dynamic and revision not in self.protected
        )

    def _presences(self, edits: Edits) -> Presences:
        by_path = {self.here[revision].path: migration for revision, migration in edits.items()}
        return Presences(EditedTree(self.presences.history, by_path))

    @property
    def cure(self) -> str:
        """What to do when the working tree lacks something of the mainline's."""
        return f"bring it up to date (`git merge {self.mainline.name}`, or git rebase), then run this again"


def merge_migrations(
    bases: Sequence[Migrations], mainline: Migrations, here: Migrations
) -> dict[RevisionId, PlacedMigration]:
    """What a merge of the working tree into the mainline would hold, by revision id.

    What only one side changed, added or deleted since the bases is as that side has it. Where both
    did, the mainline's file counts, and a file counts more than its absence.
    """
    merged = {}
    for revision in {**mainline, **here}:
        theirs, ours = mainline.get(revision), here.get(revision)
        old = [base[revision].migration for base in bases if revision in base]
        if theirs is None or ours is None:
            only = theirs or ours
            taken = None if only is not None and only.migration in old else only
        else:
            taken = ours if theirs.migration in old else theirs
        if taken is not None:
            merged[revision] = taken
    return merged


def plan_moves(crossing: Crossing, kind: Kind) -> tuple[Move, ...]:
    """The moves after which mainline and working tree have one head each; none if they have.

    With `Kind.STATIC` migrations get literal parents, with `Kind.DYNAMIC` they ask git (save
    merges). Refuses what would need a migration that is not in the working tree, what would touch
    the mainline's line, and chains of several branches.
    """
    _check_one_branch(crossing.merged_chain({}))
    edits: dict[RevisionId, Migration] = {}
    behind = _Behind(crossing.chain({}))
    for _ in range(len(crossing.here) ** 2 + 1):
        line = crossing.merged(edits)
        mover = _next_mover(line)
        if mover is None:
            break
        edits[mover] = _moved(crossing, line, mover, kind, behind)
    line = crossing.merged(edits)
    if kind is Kind.STATIC:
        edits |= _frozen(crossing, line, edits, behind)
    parents = line.parents()
    moves = tuple(
        Move(crossing.here[revision], edits[revision].kind, parents[revision])
        for revision in line.members()
        if revision in edits and edits[revision].declaration != crossing.here[revision].migration.declaration
    )
    _check_result(crossing, moves)
    return moves


class _Behind:
    """Who follows whom in the working tree, however far behind."""

    def __init__(self, chain: Chain) -> None:
        self._children: dict[RevisionId, list[RevisionId]] = {}
        for link in chain.links:
            for parent in link.parents:
                self._children.setdefault(parent, []).append(link.revision)

    def __call__(self, revision: RevisionId) -> set[RevisionId]:
        found: set[RevisionId] = set()
        waiting = [revision]
        while waiting:
            for child in self._children.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return found


def _next_mover(line: Line) -> RevisionId | None:
    """The migration that takes the first side line onto the line: its oldest.

    A merge that joins the side line with the line itself goes in its stead, so that what it has
    joined can stay as it is.
    """
    members = set(line.members())
    side_heads = line.side_heads()
    if not side_heads:
        return None
    first = side_heads[0]
    beside = [revision for revision in line.arrival if revision not in members]
    hanging = {first}
    while more := {one for one in beside if one not in hanging and not hanging.isdisjoint(_declared(line, one))}:
        joining = [one for one in line.arrival if one in more and not members.isdisjoint(_declared(line, one))]
        if joining:
            return joining[0]
        hanging |= more
    return first


def _declared(line: Line, revision: RevisionId) -> tuple[RevisionId, ...]:
    return line.migrations[revision].migration.parents


def _moved(crossing: Crossing, line: Line, mover: RevisionId, kind: Kind, behind: _Behind) -> Migration:
    """What the mover has to declare to stand on the line."""
    placed = line.migrations[mover]
    if mover in crossing.protected:
        raise GitlembicError(
            f"{mover} ({placed.path}) is on the line of {crossing.mainline.name}, so it may have been deployed; "
            "here it declares another parent, and stands beside the line",
            f"take its file from there: `git checkout {crossing.mainline.name} -- {placed.path}`",
        )
    _check_here(crossing, mover, line, mover)
    members = frozenset(line.members())
    beside = tuple(parent for parent in placed.migration.parents if parent not in members)
    if kind is Kind.DYNAMIC and not beside:
        return replace(placed.migration, kind=kind, parents=())
    followers = behind(mover) - crossing.protected
    target = line.end
    for before, after in zip(line.spine, line.spine[1:], strict=False):
        if after in followers:  # what follows it here goes on following it
            target = before
            break
    if target is None:
        raise GitlembicError(
            f"there is no line that {mover} ({placed.path}) could be moved onto", "correct its down_revision by hand"
        )
    _check_here(crossing, target, line, mover)
    return replace(placed.migration, kind=Kind.STATIC, parents=(target, *beside))


def _check_here(crossing: Crossing, needed: RevisionId, line: Line, mover: RevisionId) -> None:
    if needed not in crossing.here:
        placed = line.migrations[needed]
        what = "is a side head" if needed == mover else f"is whom {mover} ({line.migrations[mover].path}) has to follow"
        raise GitlembicError(
            f"{needed} ({placed.path}) {what}, and it is not in this checkout, "
            f"which is behind {crossing.mainline.name}",
            crossing.cure,
        )


def _frozen(crossing: Crossing, line: Line, edits: Edits, behind: _Behind) -> dict[RevisionId, Migration]:
    """Literal parents for dynamic migrations of this branch that would stand in the way here.

    A branch that has merged the mainline may have them in front of the mainline's. Then what is
    moved could not follow both, or would come to stand behind what was written after it. With the
    parents that the mainline will compute, both have one order.
    """
    frozen: dict[RevisionId, Migration] = {}
    parents = line.parents()
    own = (revision for revision in line.spine if revision not in crossing.protected)
    for revision in own:
        migration = line.migrations[revision].migration
        if not migration.is_dynamic:
            continue
        chain = crossing.chain({**edits, **frozen})
        now = _Behind(chain)
        if len(chain.heads) <= 1 and all(behind(one) - crossing.protected <= now(one) for one in edits):
            break
        here = _graph(chain)
        if here.get(revision) != parents[revision] and all(parent in here for parent in parents[revision]):
            frozen[revision] = replace(migration, kind=Kind.STATIC, parents=parents[revision])
    return frozen


def _check_one_branch(chain: Chain) -> None:
    """Refuse a chain of several roots or labelled branches: nobody knows which of them are meant to meet."""
    bases = {link.revision: link.placed for link in chain.links if not link.parents}
    if len(bases) > 1:
        raise GitlembicError(
            f"several migrations have no parent, and nothing tells whether they are meant to: {name_some(bases)}",
            "give one of them the down_revision that it shall have, then run this again",
        )
    beside = {link.revision for link in chain.side_heads}
    for link in chain.links:
        if link.revision in beside or not beside.isdisjoint(link.parents):
            beside.add(link.revision)
            migration = link.placed.migration
            if migration.branch_labels or "branch_labels" in migration.unreadable:
                raise GitlembicError(
                    f"{link.revision} ({link.placed.path}) stands beside the line on a branch with a label, "
                    "which may be meant to stay one",
                    "take the label away, or write the down_revision of its side head by hand",
                )


def _check_result(crossing: Crossing, moves: Sequence[Move]) -> None:
    """Refuse what would leave the mainline or the working tree with several heads, or with a cycle."""
    edits = {move.revision: move.declared for move in moves}
    merged, here = crossing.merged_chain(edits), crossing.chain(edits)
    for chain, where in ((merged, crossing.mainline.name), (here, "this checkout")):
        _check_no_cycle(chain)
        if len(chain.heads) > 1:
            heads = set(chain.heads)
            raise GitlembicError(
                f"{where} would still have several heads: "
                + name_some({link.revision: link.placed for link in chain.links if link.revision in heads}),
                _other_cure(crossing, merged, moves),
            )


def _other_cure(crossing: Crossing, merged: Chain, moves: Sequence[Move]) -> str:
    moved = {move.revision for move in moves}
    for link in merged.links:
        here = crossing.here.get(link.revision)
        if here is None or (
            link.revision not in moved and here.migration.declaration != link.placed.migration.declaration
        ):
            return crossing.cure
    if any(move.kind is Kind.DYNAMIC for move in moves):
        return "run `gitlembic rebase` without --dynamic"
    return "join them: `gitlembic merge heads`"


def _check_no_cycle(chain: Chain) -> None:
    named = {label: link.revision for link in chain.links for label in link.placed.migration.branch_labels}
    needed: dict[str, tuple[str, ...]] = {
        link.revision: (*link.parents, *(named.get(name, name) for name in link.placed.migration.depends_on))
        for link in chain.links
    }
    circular = on_or_after_cycles(needed)
    if circular:
        raise GitlembicError(
            "these migrations depend on one another, so they cannot be put in a row: "
            + name_some({link.revision: link.placed for link in chain.links if link.revision in circular}),
            "correct the depends_on that names a later migration",
        )


def plan_freeze(crossing: Crossing, newest: str | None = None) -> tuple[Move, ...]:
    """Literal parents, as the mainline computes them, for its dynamic migrations.

    All of them, or `newest` (a revision id or the beginning of one) and everything older on the
    line. Refuses if that would give anybody another parent, on the mainline or here.
    """
    line = crossing.merged({})
    parents = line.parents()
    frozen = [revision for revision in line.members() if revision in crossing.protected]
    if newest is not None:
        frozen = frozen[: frozen.index(_find(newest, frozen, crossing)) + 1]
    moves = []
    for revision in frozen:
        if line.migrations[revision].migration.is_dynamic:
            if revision not in crossing.here:
                raise GitlembicError(
                    f"{revision} ({line.migrations[revision].path}) is not in this checkout, "
                    f"which is behind {crossing.mainline.name}",
                    crossing.cure,
                )
            moves.append(Move(crossing.here[revision], Kind.STATIC, parents[revision]))
    _check_same(crossing, moves)
    return tuple(moves)


def _find(named: str, frozen: Sequence[RevisionId], crossing: Crossing) -> RevisionId:
    found = [revision for revision in frozen if revision == named] or [
        revision for revision in frozen if revision.startswith(named)
    ]
    if len(found) != 1:
        raise GitlembicError(
            f"{named!r} names {'several migrations' if found else 'no migration'} on the line of "
            f"{crossing.mainline.name}, and only those can be frozen",
            f"`gitlembic chain --at {crossing.mainline.name}` lists them",
        )
    return found[0]


def _check_same(crossing: Crossing, moves: Sequence[Move]) -> None:
    """Refuse moves that change the graph."""
    edits = {move.revision: move.declared for move in moves}
    for chain, where in ((crossing.merged_chain, crossing.mainline.name), (crossing.chain, "this checkout")):
        before, after = _graph(chain({})), _graph(chain(edits))
        for revision, parents in before.items():
            if after[revision] != parents:
                raise GitlembicError(
                    f"freezing would change a parent: in {where} {revision} follows "
                    f"{', '.join(parents) or 'nobody'} now, and would follow {', '.join(after[revision]) or 'nobody'}",
                    "run `gitlembic rebase` first, or freeze where the mainline is checked out",
                )


def _graph(chain: Chain) -> Graph:
    return {link.revision: link.parents for link in chain.links}
