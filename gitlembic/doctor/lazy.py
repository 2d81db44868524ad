"""A value that is looked up when somebody first asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Lazy(Generic[T]):
    """Calls `look_up` at most once; what it raised is raised again to everybody who asks."""

    __slots__ = ("_error", "_look_up", "_values")

    def __init__(self, look_up: Callable[[], T]) -> None:
        self._look_up = look_up
        self._values: list[T] = []
        self._error: Exception | None = None

    def __call__(self) -> T:
        if self._error is not None:
            raise self._error
        if not self._values:
            try:
                self._values.append(self._look_up())
            except Exception as error:
                self._error = error
                raise
        return self._values[0]


def known(value: T) -> Lazy[T]:
    """A value that needs no looking up."""
    return Lazy(lambda: value)
