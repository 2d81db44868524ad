"""The working tree against HEAD: which migrations differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.history import WORKING_TREE
from gitlembic.core.presence import NOTHING
from gitlembic.doctor.evidence import Uncommitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitlembic.core.history import FileId
    from gitlembic.core.migration import PlacedMigration
    from gitlembic.core.presence import Place, Presences


def compare_with_head(
    presences: Presences, place: Place, is_same: Callable[[FileId, str], bool]
) -> Iterator[tuple[PlacedMigration, Uncommitted]]:
    """Who is new, has other contents, or is gone.

    `is_same` compares a committed version with the file at a path: a check-out may have turned line endings.
    """
    history = presences.history
    here = presences.at(WORKING_TREE, place).migrations
    head = next(iter(history.parents(WORKING_TREE)), None)
    then = presences.place_at_parent(head, WORKING_TREE, place) if head else place
    committed = presences.at(head, then).migrations if head else NOTHING.migrations
    files_here = {path: file for location in place for path, file in history.files(WORKING_TREE, location).items()}
    files_then = {path: file for one in then for path, file in history.files(head, one).items()} if head else {}
    for revision, placed in here.items():
        old = committed.get(revision)
        if old is None:
            yield placed, Uncommitted.NEW
        elif old.path != placed.path or not (
            files_then[old.path] == files_here[placed.path] or is_same(files_then[old.path], placed.path)
        ):
            yield placed, Uncommitted.CHANGED
    for revision, placed in committed.items():
        if revision not in here:
            yield placed, Uncommitted.DELETED
