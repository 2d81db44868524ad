"""The working tree, the mainline, and what becomes of both: the chain as if they were merged (ORDER.md 4).

The fold of `line.py` is taken one commit further than the mainline's tip, to the merge that is yet
to come.

    mainline   a <- b                 merged   a <- b <- x     s is beside the line
    here       a <- s, b <- x                  a <- s
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gitlembic.core.chain import Chain, Link, chain_from_line, declared_chain
from gitlembic.core.fold import FoldedLine, fold_line, nothing_known
from gitlembic.core.history import WORKING_TREE
from gitlembic.core.line import Line, advance
from gitlembic.core.ordering import Step, arrange, compute_births
from gitlembic.core.other_history import EditedTree, Without
from gitlembic.core.presence import NOTHING, Presence, Presences, compare

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from gitlembic.core.fold import Known
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import Migration, PlacedMigration, RevisionId
    from gitlembic.core.presence import Place

    Migrations = Mapping[RevisionId, PlacedMigration]
    Edits = Mapping[RevisionId, Migration]


@dataclass(frozen=True)
class Mainline:
    """The branch that deployments come from, as far as this repository knows it.

    `bases` are the newest commits that it shares with the working tree.
    """

    name: str
    tip: CommitId
    bases: tuple[CommitId, ...]


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
        self._merging = tuple(_Ground.fold(presences, parent, place, known).line for parent in parents[1:])
        self._bases = tuple(
            presences.at(base, presences.place_at_parent(base, WORKING_TREE, place)).migrations
            for base in mainline.bases
        )
        self.here: Migrations = presences.at(WORKING_TREE, place).migrations
        self.protected = frozenset(self._there.line.members())

    def merged(self, edits: Edits) -> Line:
        """The line of the mainline once the working tree, so edited, is merged into it."""
        presences = self._presences(edits)
        migrations = merge_migrations(self._bases, self.there, presences.at(WORKING_TREE, self.place).migrations)
        wanted = [revision for revision in migrations if revision not in self.there]
        births = compute_births(presences, WORKING_TREE, self.place, wanted)
        newcomers = (revision for birth in births for revision in birth.revisions)
        return advance(self._there.line, migrations, newcomers)

    def merged_chain(self, edits: Edits) -> Chain:
        return chain_from_line(self.place, FoldedLine(self.merged(edits), {}))

    def coming_side_heads(self) -> tuple[Link, ...]:
        """Who would stand beside the mainline's line once the working tree is merged, and is not on the mainline yet.

        Not who starts a branch with a label, which is meant to stand there.
        """
        return tuple(
            link
            for link in self.merged_chain({}).side_heads
            if link.revision not in self.there and not link.placed.migration.branch_labels
        )

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

    def chains(self) -> tuple[Chain, ...]:
        """The chain that the working tree has, and those of what git is merging into it."""
        merging = (chain_from_line(self.place, FoldedLine(line, {})) for line in self._merging)
        return (self.chain({}), *merging)

    def unmerged_dynamic(self) -> tuple[PlacedMigration, ...]:
        """The dynamic migrations of the working tree that are not on the mainline's line."""
        return tuple(
            placed
            for revision, placed in self.here.items()
            if placed.migration.is_dynamic and revision not in self.protected
        )

    def without(self, hidden: Collection[RevisionId]) -> Crossing:
        """The same without some migrations: a branch of its own among several."""
        return Crossing(Presences(Without(self.presences.history, hidden)), self.place, self.mainline)

    @property
    def end(self) -> RevisionId | None:
        """The end of the mainline's line."""
        return self._there.line.end

    @property
    def there(self) -> Migrations:
        """What the mainline holds."""
        return self._there.presence.migrations

    def _presences(self, edits: Edits) -> Presences:
        by_path = {self.here[revision].path: migration for revision, migration in edits.items()}
        return Presences(EditedTree(self.presences.history, by_path))

    @property
    def cure(self) -> str:
        """What to do when the working tree lacks something of the mainline's."""
        return (
            f"bring it up to date (`git merge {shlex.quote(self.mainline.name)}`, or git rebase), then run this again"
        )


def merge_migrations(
    bases: Sequence[Migrations], mainline: Migrations, here: Migrations
) -> dict[RevisionId, PlacedMigration]:
    """What a merge of the working tree into the mainline would hold, by revision id.

    What only one side changed, added or deleted since the bases is as that side has it. Where both
    did, or the bases differ, the mainline's file counts, and a file counts more than its absence.
    """
    merged = {}
    for revision in {**mainline, **here}:
        theirs, ours = mainline.get(revision), here.get(revision)
        old = [base[revision].migration for base in bases if revision in base]
        if theirs is None or ours is None:
            only = theirs or ours
            taken = None if only is not None and only.migration in old else only
        else:
            taken = ours if theirs.migration in old and ours.migration not in old else theirs
        if taken is not None:
            merged[revision] = taken
    return merged
