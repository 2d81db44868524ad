"""The order in which Alembic runs migrations, asked of its own map of revisions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.script.revision import Revision, RevisionMap

from gitlembic.core.migration import RevisionId

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.core.chain import Link


def run_order(links: Iterable[Link], upto: RevisionId, after: RevisionId | None) -> tuple[RevisionId, ...]:
    """The revisions that an upgrade from `after` (`None`: an empty database) to `upto` runs, in its order.

    `links` are those of all chains: a migration may depend on one of another chain, by its label too.
    """
    revisions = RevisionMap(lambda: map(_revision, links))
    found = revisions.iterate_revisions(upto, after or "base", implicit_base=True)
    return tuple(RevisionId(revision.revision) for revision in found)[::-1]


def _revision(link: Link) -> Revision:
    migration = link.placed.migration
    return Revision(link.revision, link.parents or None, migration.depends_on, migration.branch_labels)
