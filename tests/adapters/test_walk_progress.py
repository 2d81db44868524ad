"""What a terminal shows while history is read."""

from __future__ import annotations

import io

from gitlembic.adapters.walk_progress import WalkProgress


class _Stream(io.StringIO):
    def __init__(self, *, terminal: bool) -> None:
        super().__init__()
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


def _walk(stream: io.StringIO, commits: int, seconds: float) -> WalkProgress:
    """A walk over so many commits, evenly over so many seconds."""
    now = 0.0

    def clock() -> float:
        return now

    progress = WalkProgress(stream, clock)
    for number in range(1, commits + 1):
        now = seconds * number / commits
        progress.step()
    return progress


def test_a_short_walk_is_silent() -> None:
    stream = _Stream(terminal=True)
    _walk(stream, 10_000, 0.49).clear()
    assert not stream.getvalue()


def test_a_long_walk_counts_ten_times_a_second_and_leaves_nothing() -> None:
    stream = _Stream(terminal=True)
    progress = _walk(stream, 20_000, 1.0)
    shown = stream.getvalue().split("\r\x1b[K")
    assert shown == ["", *(f"reading git history: {number:,} commits" for number in range(10_000, 20_001, 2_000))]
    progress.clear()
    progress.clear()
    assert stream.getvalue().endswith("commits\r\x1b[K")
    assert stream.getvalue().count("\r\x1b[K") == len(shown)


def test_nothing_is_written_into_files() -> None:
    stream = _Stream(terminal=False)
    _walk(stream, 20_000, 10.0).clear()
    assert not stream.getvalue()
