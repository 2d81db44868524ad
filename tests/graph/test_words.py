"""How long ago, and how much of a revision must be typed."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from gitlembic.graph.ages import age
from gitlembic.graph.short_revisions import unique_lengths

NOW = datetime(2026, 7, 1, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("past", "said"),
    [
        (timedelta(seconds=-5), "in the future"),
        (timedelta(), "now"),
        (timedelta(seconds=1), "now"),
        (timedelta(seconds=119), "119 seconds ago"),
        (timedelta(minutes=2), "2 minutes ago"),
        (timedelta(hours=23), "23 hours ago"),
        (timedelta(days=1), "24 hours ago"),
        (timedelta(days=2), "2 days ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=21), "3 weeks ago"),
        (timedelta(days=59), "8 weeks ago"),
        (timedelta(days=60), "2 months ago"),
        (timedelta(days=729), "24 months ago"),
        (timedelta(days=730), "2 years ago"),
    ],
)
def test_ages(past: timedelta, said: str) -> None:
    assert age(NOW - past, NOW) == said


def test_as_much_as_no_other_begins_with_and_four_at_least() -> None:
    assert unique_lengths(["abcdef01", "abcdef02", "abc", "abcd", "xyz12345", "abcdef02"]) == {
        "abc": 3,
        "abcd": 4,
        "abcdef01": 8,
        "abcdef02": 8,
        "xyz12345": 4,
    }
