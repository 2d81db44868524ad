"""Evidence made of values, and what the checks find in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.chain import Chain, Link
from gitlembic.core.history import Location
from gitlembic.core.migration import Kind, Migration, PlacedMigration, RevisionId
from gitlembic.core.presence import Presence
from gitlembic.core.resolution import Resolution
from gitlembic.doctor.lazy import Lazy, known
from gitlembic.doctor.registry import CHECKS

if TYPE_CHECKING:
    from gitlembic.core.chain import Birth
    from gitlembic.core.history import CommitId
    from gitlembic.doctor.evidence import Evidence
    from gitlembic.doctor.finding import Finding

PLACE = (Location("versions"),)


def placed(
    revision: str,
    *parents: str,
    dynamic: bool = False,
    path: str = "",
    labels: tuple[str, ...] = (),
    depends_on: tuple[str, ...] = (),
    revises: tuple[str, ...] = (),
    unreadable: frozenset[str] = frozenset(),
) -> PlacedMigration:
    """A migration in a file that is named after it; static unless it is `dynamic`."""
    return PlacedMigration(
        path or f"versions/{revision}.py",
        Migration(
            RevisionId(revision),
            Kind.DYNAMIC if dynamic else Kind.STATIC,
            tuple(map(RevisionId, parents)),
            labels,
            depends_on,
            revises=tuple(map(RevisionId, revises)),
            unreadable=unreadable,
        ),
    )


def presence(*migrations: PlacedMigration) -> Presence:
    return Presence({one.migration.revision: one for one in migrations})


def present(*migrations: PlacedMigration) -> Lazy[Presence]:
    return known(presence(*migrations))


def resolution(*links: Link, end: str | None = None, births: dict[CommitId, Birth] | None = None) -> Lazy[Resolution]:
    """One chain."""
    chain = Chain(PLACE, links, None if end is None else RevisionId(end))
    return known(Resolution((chain,), births=births or {}))


def link(one: PlacedMigration, *parents: str, side_head: bool = False, born: CommitId | None = None) -> Link:
    return Link(one, tuple(map(RevisionId, parents)), side_head, born)


def found(code: str, evidence: Evidence) -> list[Finding]:
    """What the check with that code finds."""
    (check,) = (check for check in CHECKS if check.code == code)
    return list(check.find(evidence))
