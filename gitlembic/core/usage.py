"""What a command line may hold, as plain values, and how words are read against it.

Alembic's commands and gitlembic's are described alike, so that help and completion need not know
whose a command is. Named tuples, not dataclasses, which take 10 ms to import: somebody has pressed Tab.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_NEGATIVE_NUMBER = re.compile(r"-\d+")
"""An argument, not an option, for argparse: `downgrade -1`."""


class Takes(enum.Enum):
    """What is to be written in the place of a value."""

    REVISION = "revision"
    DYNAMIC_REVISION = "dynamic revision"
    """The revision of a dynamic migration, or `head`: no other symbol, and no branch."""

    RANGE = "range"
    """A revision, or two of them with a colon between, each of which may be missing."""

    REF = "ref"
    FILE = "file"
    DIRECTORY = "directory"
    CHOICE = "choice"
    TEXT = "text"
    """Anything: nothing is known that could be offered."""


class Value(NamedTuple):
    """The value of an option, or an argument; `choices` are those of `Takes.CHOICE`."""

    takes: Takes
    metavar: str
    choices: tuple[str, ...] = ()


class Option(NamedTuple):
    """An option in all its spellings, the long one last; a flag has no value."""

    names: tuple[str, ...]
    help: str
    value: Value | None = None


class Usage(NamedTuple):
    """A command: what it is for, and what may follow it. With `repeats` the last argument is any number of them."""

    name: str
    help: str
    options: tuple[Option, ...] = ()
    arguments: tuple[Value, ...] = ()
    repeats: bool = False

    def argument(self, position: int) -> Value | None:
        """The argument at a position, counted from 0; `None` where no further one is taken."""
        if position < len(self.arguments):
            return self.arguments[position]
        return self.arguments[-1] if self.arguments and self.repeats else None

    def option(self, name: str) -> Option | None:
        """The option of that name; a long one may be cut short as far as it stays unique."""
        exact = [option for option in self.options if name in option.names]
        if exact or not name.startswith("--"):
            return exact[0] if exact else None
        near = [option for option in self.options if any(known.startswith(name) for known in option.names)]
        return near[0] if len(near) == 1 else None


class Given(NamedTuple):
    """A word or two as read: an option with its value (`None` if it has none yet), or an argument."""

    option: Option | None
    value: str | None

    @property
    def awaits_value(self) -> bool:
        return self.option is not None and self.option.value is not None and self.value is None


def is_option(word: str) -> bool:
    """Whether argparse takes a word for an option."""
    return len(word) > 1 and word.startswith("-") and not _NEGATIVE_NUMBER.fullmatch(word)


def read_words(words: Iterable[str], usage: Usage) -> Iterator[Given]:
    """What the words that follow a command are, as argparse reads them; unknown options are passed over."""
    waiting: Option | None = None
    only_arguments = False
    for word in words:
        if only_arguments or not is_option(word):
            yield Given(waiting, word)
            waiting = None
            continue
        if waiting is not None:
            yield Given(waiting, None)
            waiting = None
        if word == "--":
            only_arguments = True
            continue
        for given in _read_option(word, usage):
            if given.awaits_value:
                waiting = given.option
            else:
                yield given
    if waiting is not None:
        yield Given(waiting, None)


def _read_option(word: str, usage: Usage) -> Iterator[Given]:
    """The options in one word: `--long`, `--long=value`, or a cluster such as `-qcFILE`."""
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        option = usage.option(name)
        if option is not None:
            yield Given(option, value if equals else None)
        return
    for position, letter in enumerate(word[1:], start=2):
        option = usage.option(f"-{letter}")
        if option is not None and option.value is not None:
            yield Given(option, word[position:].removeprefix("=") or None)
            return
        if option is not None:
            yield Given(option, None)
