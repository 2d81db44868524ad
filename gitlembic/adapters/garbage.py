"""When Python looks for garbage: not while things are loaded that stay.

Hardly anything becomes garbage then, and looking for it takes a third of the time.
"""

from __future__ import annotations

import contextlib
import functools
import gc

TYPE_CHECKING = False  # importing it takes longer than the rest of this
if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def no_garbage_collection() -> Iterator[None]:
    """While this is open, Python does not look for garbage; afterwards it does if it did before."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


@functools.cache
def spare_what_is_loaded() -> None:
    """From now on look for garbage only among what comes later; once in a process, lest what dies be kept again."""
    gc.freeze()
