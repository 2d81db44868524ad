"""The words of a command line -> what may stand in the place of the last one.

Knows nothing of shells (`cli/shells.py`), and asks for the facts only when they are needed.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.cli.arguments import split_command
from gitlembic.cli.program import CONFIG, NAME, PROGRAM
from gitlembic.core.usage import Takes, is_option, read_words
from gitlembic.core.visible_text import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from gitlembic.adapters.known_revisions import KnownRevision
    from gitlembic.core.usage import Option, Usage, Value

_SYMBOLS = {
    "head": "the newest migration",
    "heads": "the newest migrations, if there are several",
    "base": "before the first migration",
}
_MAX_DESCRIPTION = 60


class Candidate(NamedTuple):
    """A word that may stand there; the description is one line that a terminal can show."""

    word: str
    description: str = ""


class Paths(enum.Enum):
    """What the shell shall offer by itself: it knows the quoting of paths better."""

    FILES = Takes.FILE.value
    DIRECTORIES = Takes.DIRECTORY.value


Completion = tuple[Candidate, ...] | Paths


class Configuration(NamedTuple):
    """Which project is meant: the files given with `-c`, and the section of the ini file."""

    files: tuple[str, ...]
    section: str


class Facts(NamedTuple):
    """Where completion looks things up.

    `own` are gitlembic's commands; `alembic` gives Alembic's; `revisions` those of a project,
    newest first, of which the second argument tells what has been typed; `refs` what each branch
    and tag is.
    """

    own: tuple[Usage, ...]
    alembic: Callable[[], tuple[Usage, ...]]
    revisions: Callable[[Configuration, str], Sequence[KnownRevision]]
    refs: Callable[[], Mapping[str, str]]

    def usages(self) -> tuple[Usage, ...]:
        """All commands by name."""
        return tuple(sorted((*self.own, *self.alembic()), key=lambda usage: usage.name))

    def usage(self, command: str) -> Usage | None:
        """One command, ours first: Alembic's sources are only read if need be."""
        own = [usage for usage in self.own if usage.name == command]
        return next(iter(own or [usage for usage in self.alembic() if usage.name == command]), None)


def complete(words: Sequence[str], current: str, facts: Facts) -> Completion:
    """What may stand in the place of `current`, after `words` (without the program itself).

    Candidates begin with `current`, are on one line, and come in the order in which to show them.
    """
    parts = split_command(list(words))
    usage = PROGRAM if parts.command is None else facts.usage(parts.command)
    if usage is None:
        return ()
    before = parts.options if parts.command is None else parts.arguments
    given = tuple(read_words(before, usage))
    place = _Place(usage, _configuration(parts.options), facts)
    awaited = given[-1].option.value if given and given[-1].awaits_value and given[-1].option else None
    if awaited is not None:
        found = place.values(awaited, current)
        if found or not is_option(current):
            return found
    if "--" not in before and current.startswith("-"):
        return place.options(current)
    argument = usage.argument(sum(each.option is None for each in given))
    if usage is PROGRAM:
        return _matching(((other.name, other.help) for other in facts.usages()), current)
    if argument is not None:
        return place.values(argument, current)
    return place.options(current)


def _configuration(options: Iterable[str]) -> Configuration:
    given = tuple(read_words(options, PROGRAM))
    files = tuple(each.value for each in given if each.option is CONFIG and each.value is not None)
    names = [each.value for each in given if each.option is NAME and each.value is not None]
    return Configuration(files, names[-1] if names else "alembic")


class _Place(NamedTuple):
    """Where something is to be offered: within which command, for which project."""

    usage: Usage
    configuration: Configuration
    facts: Facts

    def options(self, current: str) -> Completion:
        """Options, or the value of the one that `current` has begun: `--at=m`, `-rhead:`."""
        name, equals, text = current.partition("=")
        if current.startswith("--") and equals:
            return self._attached(self.usage.option(name), f"{name}=", text)
        if is_option(current) and not current.startswith("--") and len(current) > len("-r"):
            name, text = current[:2], current[2:]
            return self._attached(self.usage.option(name), name, text)
        names = ((name, option.help) for option in self.usage.options for name in option.names)
        return _matching(names, current)

    def _attached(self, option: Option | None, start: str, text: str) -> Completion:
        return () if option is None or option.value is None else _after(start, self.values(option.value, text))

    def values(self, value: Value, current: str) -> Completion:
        match value.takes:
            case Takes.CHOICE:
                return _matching(((choice, "") for choice in value.choices), current)
            case Takes.FILE | Takes.DIRECTORY:
                return Paths(value.takes.value)
            case Takes.REF:
                return _matching(self.facts.refs().items(), current)
            case Takes.REVISION | Takes.DYNAMIC_REVISION:
                only_dynamic = value.takes is Takes.DYNAMIC_REVISION
                return self._dynamic_revisions(current) if only_dynamic else self._revisions(current)
            case Takes.RANGE:
                lower, separator, upper = current.rpartition(".." if ".." in current else ":")
                return _after(f"{lower}{separator}", self._revisions(upper))
            case Takes.TEXT:
                return ()

    def _dynamic_revisions(self, current: str) -> Completion:
        revisions = self.facts.revisions(self.configuration, current)
        dynamic = ((known.revision, known.message) for known in revisions if known.is_dynamic)
        return (*_matching([("head", _SYMBOLS["head"])], current), *_matching(dynamic, current))

    def _revisions(self, current: str) -> Completion:
        """Symbols, branches (`label@head`), then ids: what is typed most first."""
        label, at, _ = current.partition("@")
        if at:
            return _matching(((f"{label}@{end}", _SYMBOLS[end]) for end in ("head", "base")), current)
        revisions = self.facts.revisions(self.configuration, current)
        labels = dict.fromkeys(label for known in revisions for label in known.branch_labels)
        return (
            *_matching(_SYMBOLS.items(), current),
            *_matching(((f"{label}@head", "the newest migration of this branch") for label in labels), current),
            *_matching(((known.revision, known.message) for known in revisions), current),
        )


def _matching(offers: Iterable[tuple[str, str]], current: str) -> tuple[Candidate, ...]:
    """The offers that begin with `current`; what a terminal could not show in one line is left out."""
    return tuple(
        Candidate(word, _shortened(description))
        for word, description in offers
        if word.startswith(current) and visible(word) == word
    )


def _shortened(description: str) -> str:
    line = visible(description.partition("\n")[0])
    return line if len(line) <= _MAX_DESCRIPTION else f"{line[: _MAX_DESCRIPTION - 1].rstrip()}…"


def _after(start: str, found: Completion) -> Completion:
    if isinstance(found, Paths):
        return found
    return tuple(Candidate(f"{start}{candidate.word}", candidate.description) for candidate in found)
