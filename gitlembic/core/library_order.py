"""What `alembic-git-revisions` takes the chain for, to be held against ours when a project changes over.

Databases were deployed in its order, so this follows version 13 to the letter: files by name, in
the order in which `git log --reverse --topo-order --diff-filter=A --no-renames` first names them
anywhere in the repository; dynamic ones one after the other from the one head of the static
ones; a static one that declares a dynamic one right behind it, wherever it came.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from gitlembic.core.chain import Link
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import PlacedMigration, RevisionId

_QUOTED = re.compile(r'[^ -~]|["\\]')
"""In a path that git prints in quotes, so that it no longer ends as a Python file does."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A migration that follows somebody else there than here."""

    placed: PlacedMigration
    theirs: RevisionId
    ours: tuple[RevisionId, ...]


def topological_order(tip: CommitId, parents: Callable[[CommitId], tuple[CommitId, ...]]) -> tuple[CommitId, ...]:
    """The commits that `tip` reaches as `git log --reverse --topo-order` lists them.

    git takes a commit when all its children are taken, of several the one found last, and reverses
    that list. So of two sides of a merge the first parent's comes first, back to where they part.
    """
    children = {tip: 0}
    found = [tip]
    while found:
        for parent in parents(found.pop()):
            if parent not in children:
                children[parent] = 0
                found.append(parent)
            children[parent] += 1
    taken = []
    ready = [tip]
    while ready:
        taken.append(ready.pop())
        for parent in parents(taken[-1]):
            children[parent] -= 1
            if not children[parent]:
                ready.append(parent)
    return tuple(reversed(taken))


def first_appearances(
    commits: Iterable[CommitId], added: Callable[[CommitId], Iterable[str]], wanted: Collection[str]
) -> dict[str, int]:
    """When each of the file names in `wanted` was first added, by the number of those before it.

    `added` are the paths that a commit adds, as `git log` lists them.
    """
    order: dict[str, int] = {}
    for commit in commits:
        for path in added(commit):
            name = posixpath.basename(path)
            if name in wanted and not _QUOTED.search(path):
                order.setdefault(name, len(order))
    return order


def library_parents(migrations: Iterable[PlacedMigration], appeared: Mapping[str, int]) -> dict[RevisionId, RevisionId]:
    """Whom each dynamic migration of one directory follows there, oldest first.

    Who is missing has no parent there: the library stops at it.
    """
    by_revision = {placed.migration.revision: placed for placed in migrations}
    dynamic = {revision for revision, placed in by_revision.items() if placed.migration.is_dynamic}
    joining: dict[RevisionId, tuple[int, int, str]] = {}
    for revision, placed in by_revision.items():
        declared = next((parent for parent in placed.migration.parents if parent in dynamic), None)
        if revision in dynamic or declared is not None:
            after = by_revision[revision if declared is None else declared]
            name = posixpath.basename(placed.path)
            since = appeared.get(posixpath.basename(after.path), len(appeared))
            joining[revision] = (since, int(declared is not None), name)
    parents: dict[RevisionId, RevisionId] = {}
    end = _static_head(by_revision.values())
    for revision in sorted(joining, key=joining.__getitem__):
        if revision in dynamic and end is not None:
            parents[revision] = end
        end = revision
    return parents


def _static_head(migrations: Collection[PlacedMigration]) -> RevisionId | None:
    """The one head of the static migrations that hang on static ones alone; `None` if there are several."""
    static = {placed.migration.revision: placed.migration for placed in migrations if not placed.migration.is_dynamic}
    pure = {name: one.parents for name, one in static.items() if all(parent in static for parent in one.parents)}
    heads = pure.keys() - {parent for named in pure.values() for parent in named}
    return next(iter(heads)) if len(heads) == 1 else None


def find_disagreements(theirs: Mapping[RevisionId, RevisionId], links: Iterable[Link]) -> tuple[Disagreement, ...]:
    """The dynamic migrations that do not follow the same one, in the order of the links."""
    return tuple(
        Disagreement(link.placed, theirs[link.revision], link.parents)
        for link in links
        if link.placed.migration.is_dynamic and link.revision in theirs and link.parents != (theirs[link.revision],)
    )
