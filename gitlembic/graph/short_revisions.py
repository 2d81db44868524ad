"""Revision ids -> how much of each must be typed."""

from __future__ import annotations

from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

LEAST = 4
"""Alembic looks for an id that begins like this only if it is given so many characters."""


def unique_lengths(names: Iterable[str]) -> dict[str, int]:
    """For each id or label, how many of its first characters no other one begins with.

    All of them where another begins with the whole: what is given in full is found first.
    """
    ordered = sorted(set(names))
    found = dict.fromkeys(ordered, LEAST)
    for one, other in pairwise(ordered):
        shared = 1 + _shared(one, other)
        found[one], found[other] = max(found[one], shared), max(found[other], shared)
    return {name: min(length, len(name)) for name, length in found.items()}


def _shared(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
