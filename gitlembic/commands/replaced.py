"""What may not run: an original that is still beside the squash that stands for it."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from gitlembic.core.declaration_error import delete_replaced
from gitlembic.core.squash_header import SQUASH_OF, replaced_revisions
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitlembic.core.migration import RevisionId
    from gitlembic.core.resolution import Resolution


def check_none_replaced(resolution: Resolution) -> None:
    """Refuse a chain on disk that would run after a squash once more what the squash has run.

    Merging somebody's edit of an original with a squash leaves such a file, as git does with what one side deleted.
    """
    squashes = dict(_squashes(resolution))
    for squash, replaced in squashes.items():
        for revision in sorted(replaced & resolution.links.keys()):
            placed, by = (resolution.links[one].placed for one in (revision, squash))
            raise BrokenInputError(
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
