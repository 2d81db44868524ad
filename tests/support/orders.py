"""The order by itself, which the package only asks for with its births."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.ordering import compute_births

if TYPE_CHECKING:
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.presence import Place, Presences


def compute_order(presences: Presences, tip: CommitId, place: Place) -> tuple[RevisionId, ...]:
    """All migrations present at `tip`, oldest first."""
    return tuple(revision for births in compute_births(presences, tip, place) for revision in births.revisions)
