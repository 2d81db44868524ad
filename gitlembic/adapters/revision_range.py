"""A range of revisions as Alembic reads it, with branches and tags -> the revisions in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic.script.revision import Revision, RevisionError
from alembic.util import CommandError

from gitlembic.adapters.named_revisions import Names, NamingRevisionMap
from gitlembic.errors import GitlembicError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from gitlembic.core.chain import Link

CURRENT = "current"
"""The end of a range that is where the database stands."""

_HINT = "a range is A:B (with A, as `gitlembic history -r` takes it) or A..B (without A); either may be left out"


def split_range(text: str) -> tuple[str, str, bool]:
    """The two ends, and whether the lower one belongs to it. Raises `GitlembicError` for what is no range."""
    separator = ".." if ".." in text else ":"
    lower, found, upper = text.strip().partition(separator)
    if not found or separator in upper:
        raise GitlembicError(f"{text!r} is no range of revisions", _HINT)
    return lower, upper, separator == ":"


def find_range(
    links: Iterable[Link], text: str, head_at: Callable[[str], str | None], current: Collection[str] = ()
) -> frozenset[str]:
    """The revisions that `text` asks for: `A:B` with A, `A..B` without it.

    Alembic resolves the two ends: ids and their beginnings, labels, `head`, `base`, `label@head`,
    and relative ones such as `-3` or `ae10+2`. `head_at` gives the revision that a name of git's
    stands for, `current` is where a database stands. Raises `GitlembicError` for what is not found.
    """
    lower, upper, inclusive = split_range(text)
    if upper == CURRENT and not current:
        return frozenset()
    ends = [tuple(sorted(current)) if end == CURRENT else end for end in (upper, lower)]
    names = Names(frozenset({lower, upper}), head_at, lambda _: None)
    revisions = NamingRevisionMap(lambda: map(_revision, links), names)
    try:
        return frozenset(
            revision.revision
            for revision in revisions.iterate_revisions(
                ends[0] or "heads", ends[1] or "base", inclusive=inclusive, assert_relative_length=False
            )
        )
    except (RevisionError, CommandError) as error:
        raise GitlembicError(f"cannot find the range {text!r}: {error}", _HINT) from error
    except RefusedError as error:
        raise GitlembicError(f"cannot find the range {text!r}: {error.message}", error.hint) from error


def _revision(link: Link) -> Revision:
    migration = link.placed.migration
    return Revision(link.revision, tuple(link.parents) or None, migration.depends_on or None, migration.branch_labels)
