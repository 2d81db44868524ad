"""What is said of a migration beside its message: its place in the chain, and what sets it apart."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.history import WORKING_TREE
from gitlembic.core.squash_header import SQUASH_OF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.core.chain import Chain, Link


class Tone(enum.Enum):
    """What a piece of text is, so that colours can tell it apart."""

    UNIQUE = "unique"
    REVISION = "revision"
    HEAD = "head"
    BASE = "base"
    LABEL = "label"
    SIDE_HEAD = "side head"
    SQUASH = "squash"
    UNCOMMITTED = "uncommitted"
    DATABASE = "database"
    PENDING = "pending"
    MISSING = "missing"
    ADDED = "added"
    MOVED = "moved"
    DROPPED = "dropped"
    AGE = "age"
    COMMIT = "commit"
    FAINT = "faint"
    TITLE = "title"


class Mark(NamedTuple):
    """A few words in parentheses."""

    text: str
    tone: Tone


def chain_marks(chains: Sequence[Chain]) -> dict[str, tuple[Mark, ...]]:
    """The marks of every migration, in the order in which to show them."""
    return {
        link.revision: tuple(_marks(link, is_head=link.revision in heads))
        for chain in chains
        for heads in [frozenset(chain.heads)]
        for link in chain.links
    }


def _marks(link: Link, *, is_head: bool) -> list[Mark]:
    marks = [Mark("side head", Tone.SIDE_HEAD)] if link.side_head else []
    if is_head and not link.side_head:
        marks.append(Mark("head", Tone.HEAD))
    if not link.parents:
        marks.append(Mark("base", Tone.BASE))
    squashed = SQUASH_OF.search(link.placed.migration.docstring)
    if squashed:
        marks.append(Mark(f"squash of {squashed[1]}", Tone.SQUASH))
    marks += (Mark(label, Tone.LABEL) for label in link.placed.migration.branch_labels)
    if link.born == WORKING_TREE:
        marks.append(Mark("uncommitted", Tone.UNCOMMITTED))
    return marks
