"""Who is reached by following from one to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


def reach(starts: Iterable[T], follow: Callable[[T], Iterable[T]]) -> dict[T, None]:
    """`starts`, and whomever `follow` leads to from them, directly or not: each once, nearest first."""
    found = dict.fromkeys(starts)
    waiting = list(found)
    for one in waiting:  # which grows
        for other in follow(one):
            if other not in found:
                found[other] = None
                waiting.append(other)
    return found
