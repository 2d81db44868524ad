"""GL1, as far as the files alone tell: whom each migration names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.chain import name_some
from gitlembic.core.declaration_error import delete_replaced
from gitlembic.core.line import on_or_after_cycles
from gitlembic.core.migration import RevisionId
from gitlembic.core.reach import reach
from gitlembic.doctor.check import Check, Lasts
from gitlembic.doctor.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gitlembic.core.migration import PlacedMigration
    from gitlembic.doctor.evidence import Evidence

    Graph = Mapping[RevisionId, tuple[RevisionId, ...]]


def find_missing_revisions(evidence: Evidence) -> Iterator[Finding]:
    migrations = evidence.present().migrations
    labels = _labels(migrations)
    for placed in migrations.values():
        named: dict[str, list[str]] = {
            "down_revision": [parent for parent in placed.migration.parents if parent not in migrations],
            "depends_on": [
                other for other in placed.migration.depends_on if other not in migrations and other not in labels
            ],
        }
        for assignment, absent in named.items():
            for other in absent:
                yield _missing(evidence, placed, assignment, other)


def _missing(evidence: Evidence, placed: PlacedMigration, assignment: str, other: str) -> Finding:
    revision = placed.migration.revision
    squash_of = evidence.squash_of()
    squash = squash_of.get(RevisionId(other))
    where = evidence.whereabouts(other) if squash is None else None
    facts = " ".join(where.facts) if where else ""
    if squash is not None and squash_of.get(revision) == squash:
        facts = f"The squash {squash} stands for both."
        cure = delete_replaced(placed.shown)
    elif squash is not None:
        facts = f"The squash {squash} stands for it."
        cure = f"name {squash!r} in place of {other!r}"
    else:
        cure = f"{where.hint if where else f'bring the file of {other} back'}; or correct the {assignment}"
    return Finding(
        Severity.ERROR,
        f"{revision} names {other} in its {assignment}, and no migration here has that id"
        + (f". {facts}" if facts else ""),
        cure,
        placed.path,
        evidence.line(placed.path, assignment),
        revision,
    )


def find_duplicates(evidence: Evidence) -> Iterator[Finding]:
    present = evidence.present()
    for placed in present.duplicates:
        revision = placed.migration.revision
        yield Finding(
            Severity.ERROR,
            f"the revision id {revision} is used twice: here, and by {present.migrations[revision].path}",
            "delete the file that is not wanted, or give it an id of its own",
            placed.path,
            evidence.line(placed.path, "revision"),
            revision,
        )


def find_cycles(evidence: Evidence) -> Iterator[Finding]:
    migrations = evidence.present().migrations
    graph = {revision: placed.migration.parents for revision, placed in migrations.items()}
    cycle = {revision: migrations[revision] for revision in _on_cycles(graph)}
    for revision, placed in cycle.items():
        yield Finding(
            Severity.ERROR,
            f"{revision} is an ancestor of itself: the down_revisions of these go in a circle: {name_some(cycle)}",
            "correct the down_revision that was changed last (`git log -p` on these files shows it)",
            placed.path,
            evidence.line(placed.path, "down_revision"),
            revision,
        )


def _on_cycles(graph: Graph) -> tuple[RevisionId, ...]:
    """Who is on a cycle, or between two."""
    followers: dict[RevisionId, list[RevisionId]] = {revision: [] for revision in graph}
    for revision, parents in graph.items():
        for parent in parents:
            followers.setdefault(parent, []).append(revision)
    both = on_or_after_cycles(graph) & on_or_after_cycles(followers)
    return tuple(revision for revision in graph if revision in both)


def find_late_dependencies(evidence: Evidence) -> Iterator[Finding]:
    migrations = evidence.present().migrations
    labels = _labels(migrations)
    for revision, placed in migrations.items():
        for needed in placed.migration.depends_on:
            other = labels.get(needed, RevisionId(needed))
            if other in migrations and revision in reach([other], lambda one: _declared(one, migrations)):
                yield Finding(
                    Severity.ERROR,
                    f"{revision} depends_on {needed}, which comes later: {migrations[other].path} follows it",
                    "a migration can only depend on an earlier one: correct the depends_on",
                    placed.path,
                    evidence.line(placed.path, "depends_on"),
                    revision,
                )


def _labels(migrations: Mapping[RevisionId, PlacedMigration]) -> dict[str, RevisionId]:
    return {label: revision for revision, placed in migrations.items() for label in placed.migration.branch_labels}


def _declared(revision: RevisionId, migrations: Mapping[RevisionId, PlacedMigration]) -> Iterator[RevisionId]:
    return (parent for parent in migrations[revision].migration.parents if parent in migrations)


MISSING_REVISION = Check(
    code="GL102",
    name="missing-revision",
    what="A migration names a down_revision or depends_on that no migration here has.",
    why="Alembic cannot build the chain, so no command works.",
    triggers="down_revision = 'b2', and no file has revision = 'b2'",
    silent="down_revision = 'b2', and another location of the configuration has it",
    find=find_missing_revisions,
    lasts=Lasts.SILENCE,
)

DUPLICATE_REVISION = Check(
    code="GL103",
    name="duplicate-revision",
    what="Two files have the same revision id.",
    why="Only one of them can be in the chain, so the other would silently never run.",
    triggers="a copied file in which only the name was changed",
    silent="a file that was renamed or moved: the id is there once",
    find=find_duplicates,
    lasts=Lasts.SILENCE,
)

CYCLE = Check(
    code="GL104",
    name="cycle",
    what="Migrations follow each other in a circle.",
    why="There is no order in which they could run.",
    triggers="a1 has down_revision = 'b2', and b2 has down_revision = 'a1'",
    silent="b2 and c3 both follow a1, and a merge follows both",
    find=find_cycles,
    lasts=Lasts.SILENCE,
)

LATE_DEPENDENCY = Check(
    code="GL105",
    name="late-dependency",
    what="A migration depends_on one that comes after it.",
    why="What it needs can only run later than itself.",
    triggers="b2 follows a1, and a1 has depends_on = 'b2'",
    silent="a1 has depends_on = 'x9', which is on another branch",
    find=find_late_dependencies,
    lasts=Lasts.SILENCE,
)
