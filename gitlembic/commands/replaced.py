"""What may not run: an original that is still beside the squash that stands for it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from gitlembic.core.declaration_error import delete_replaced
from gitlembic.core.squash_header import SQUASH_OF, replaced_revisions
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gitlembic.core.migration import PlacedMigration, RevisionId
    from gitlembic.core.resolution import Resolution


def check_none_replaced(resolution: Resolution) -> None:
    """Refuse a chain on disk that would run after a squash once more what the squash has run.

    Merging somebody's edit of an original with a squash leaves such a file, as git does with what one side deleted.
    """
    squashes = dict(_squashes(resolution))
    present = {revision: link.placed for revision, link in resolution.links.items()} if squashes else {}
    for refusal in find_replaced(present, squashes):
        raise BrokenInputError(*refusal)


def find_replaced(
    present: Mapping[RevisionId, PlacedMigration], squashes: Mapping[RevisionId, frozenset[RevisionId]]
) -> Iterator[tuple[str, str]]:
    """Who is there beside the squash that stands for it, and what to do; `squashes` with all that they stand for."""
    for squash, replaced in squashes.items():
        for revision in sorted(replaced & present.keys()):
            placed, by = present[revision], present[squash]
            yield (
                f"{revision} ({placed.shown}) is here beside the squash {squash} ({by.shown}), which stands for it",
                delete_replaced(placed.shown)
                if squashes.get(revision, frozenset()) <= replaced
                else "keep one of these two squashes, and bring back whom only the other one stands for",
            )


def _squashes(resolution: Resolution) -> Iterator[tuple[RevisionId, frozenset[RevisionId]]]:
    """Those whose docstring says so, with what their source says that they stand for."""
    for chain in resolution.chains:
        for link in chain.links:
            if SQUASH_OF.search(link.placed.migration.docstring):
                with contextlib.suppress(OSError), open(os.path.join(chain.root, link.placed.path), "rb") as file:  # noqa: PTH118, PTH123 -- one of its own is no `Path` either
                    yield link.revision, replaced_revisions(file.read())
