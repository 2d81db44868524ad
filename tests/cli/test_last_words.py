"""What is said after an error comes after it, whoever prints that."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from gitlembic.cli.last_words import last_words
from gitlembic.core.explanation import Explanation

if TYPE_CHECKING:
    from types import TracebackType

_WORDS = Explanation(("It stopped.",), "go on")


def _stop(error: BaseException, said: list[object], *words: Explanation) -> None:
    with pytest.raises(type(error)), last_words(said.append) as say:  # noqa: PT012 -- that is what it is for
        for explanation in words:
            say(explanation)
        raise error


def test_behind_what_was_printed() -> None:
    said: list[object] = []
    _stop(SystemExit(255), said, _WORDS)
    assert said == [_WORDS]


@pytest.mark.parametrize("error", [LookupError(), KeyboardInterrupt()])
def test_behind_a_traceback(error: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []

    def print_traceback(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        said.append(error)

    monkeypatch.setattr(sys, "excepthook", print_traceback)
    _stop(error, said, _WORDS)
    assert said == []
    sys.excepthook(type(error), error, None)
    assert said == [error, _WORDS]


def test_nothing_is_touched_where_nothing_is_to_be_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "excepthook", before := sys.excepthook)
    _stop(LookupError(), [])
    assert sys.excepthook is before
    with last_words(print):
        pass
