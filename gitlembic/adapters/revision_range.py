"""A range of revisions as Alembic reads it -> the revisions in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.script.revision import Revision, RevisionError, RevisionMap
from alembic.util import CommandError

from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.core.chain import Link

_HINT = "a range is A:B (with A, as `gitlembic history -r` takes it) or A..B (without A); either may be left out"


def find_range(links: Iterable[Link], text: str) -> frozenset[str]:
    """The revisions that `text` asks for: `A:B` with A, `A..B` without it.

    Alembic resolves the two ends: ids and their beginnings, labels, `head`, `base`, `label@head`,
    and relative ones such as `-3` or `ae10+2`. Raises `GitlembicError` for what it does not find.
    """
    separator = ".." if ".." in text else ":"
    lower, found, upper = text.strip().partition(separator)
    if not found or separator in upper:
        raise GitlembicError(f"{text!r} is no range of revisions", _HINT)
    if "current" in {lower, upper}:
        raise GitlembicError(
            f"{text!r} asks where a database stands", "`gitlembic history -r` looks there; here give a revision"
        )
    revisions = RevisionMap(lambda: map(_revision, links))
    try:
        return frozenset(
            revision.revision
            for revision in revisions.iterate_revisions(
                upper or "heads", lower or "base", inclusive=separator == ":", assert_relative_length=False
            )
        )
    except (RevisionError, CommandError) as error:
        raise GitlembicError(f"cannot find the range {text!r}: {error}", _HINT) from error


def _revision(link: Link) -> Revision:
    migration = link.placed.migration
    return Revision(link.revision, tuple(link.parents) or None, migration.depends_on or None, migration.branch_labels)
