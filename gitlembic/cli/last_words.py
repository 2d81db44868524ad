"""What is said after an error: behind Alembic's message, and behind the traceback that Python prints at the end."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitlembic.core.explanation import Explanation


@contextlib.contextmanager
def last_words(say: Callable[[Explanation], None]) -> Iterator[Callable[[Explanation], None]]:
    """Gives who takes explanations; `say` gets them when an error has left this, and has been printed."""
    kept: list[Explanation] = []

    def speak() -> None:
        for explanation in kept:
            say(explanation)

    try:
        yield kept.append
    except SystemExit:  # somebody has printed it
        speak()
        raise
    except BaseException:
        if kept:
            _say_after_traceback(speak)
        raise


def _say_after_traceback(speak: Callable[[], None]) -> None:
    print_traceback = sys.excepthook

    def hook(*error: Any) -> None:
        print_traceback(*error)
        speak()

    sys.excepthook = hook
