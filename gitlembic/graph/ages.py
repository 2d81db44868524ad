"""Moments -> how long ago they were, in the words that git has for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_MINUTE, _HOUR, _DAY = 60, 3600, 86400
_UNITS = (
    (365 * _DAY, "year"),
    (30 * _DAY, "month"),
    (7 * _DAY, "week"),
    (_DAY, "day"),
    (_HOUR, "hour"),
    (_MINUTE, "minute"),
    (1, "second"),
)
_LEAST = 2
"""From two units on a smaller one says too much: 13 months, but 2 years."""


def age(moment: datetime, now: datetime) -> str:
    """How long before `now` something happened, in one unit."""
    seconds = int((now - moment).total_seconds())
    if seconds < 0:
        return "in the future"
    for length, unit in _UNITS:
        count = seconds // length
        if count >= _LEAST:
            return f"{count} {unit}s ago"
    return "now"
