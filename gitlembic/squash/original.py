"""What a squash replaces, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitlembic.core.migration import RevisionId


@dataclass(frozen=True, slots=True)
class Original:
    """One migration that is going to be part of a squash.

    `parents` are those of the chain. `source` is the whole file as text, its computed parent, if it
    had one, written as a literal; `blob` is git's id of the file as it was committed. `path` is
    relative to the repository's root, with `/`.
    """

    revision: RevisionId
    path: str
    parents: tuple[RevisionId, ...]
    source: str
    blob: str
    message: str
