"""Resolutions from a few lines, for what is made of them."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from gitlembic.core.chain import Birth, Chain, Link
from gitlembic.core.history import CommitId, Location
from gitlembic.core.migration import Kind, Migration, PlacedMigration, RevisionId
from gitlembic.core.resolution import Resolution

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WRITTEN = datetime(2026, 1, 2, tzinfo=timezone.utc)
BORN = datetime(2026, 3, 1, tzinfo=timezone.utc)


def link(line: str, **declared: object) -> Link:
    """`*c: a b ?d "message`: c follows a and b, depends on d, and is dynamic, as the `*` says."""
    name, _, rest = line.strip().partition(":")
    words, _, message = rest.partition('"')
    needed = tuple(word[1:] for word in words.split() if word.startswith("?"))
    parents = tuple(RevisionId(word) for word in words.split() if not word.startswith("?"))
    kind = Kind.DYNAMIC if name.startswith("*") else Kind.STATIC
    revision = RevisionId(name.lstrip("*"))
    migration = Migration(
        revision,
        kind,
        parents=() if kind is Kind.DYNAMIC else parents,
        depends_on=needed,
        docstring=message or f"add {revision}",
        create_date=WRITTEN,
    )
    return Link(PlacedMigration(f"versions/{revision}.py", migration._replace(**declared)), parents)  # type: ignore[arg-type]


def resolution(
    links: Sequence[Link],
    end: str | None = None,
    births: Mapping[str, str] | None = None,
    location: Location = Location("versions"),  # noqa: B008 -- a frozen value
) -> Resolution:
    """One chain of these, oldest first; `births` says in which commit each was born, by Ada."""
    births = births or {}
    born = tuple(
        each._replace(born=CommitId(births[each.revision])) if each.revision in births else each for each in links
    )
    chain = Chain((location,), born, None if end is None else RevisionId(end))
    known = {CommitId(commit): Birth(CommitId(commit), BORN, "Ada") for commit in births.values()}
    return Resolution((chain,), births=known)
