"""Completion as the shells ask for it, and as they want the answer.

The completion scripts (`gitlembic/templates/completion.*`) run gitlembic with the variable
`_GITLEMBIC_COMPLETE` set to the name of the shell. zsh and fish hand over the words up to the cursor,
the last of which may be empty. bash hands over the line up to the cursor, because it splits
words at `:`, `@` and `=`, and the part of the last word that it is going to replace.

The answer is a line that says what follows, then one candidate a line. Nothing else is ever
printed, least of all an error: the user is in the middle of a command.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from typing import TYPE_CHECKING

from gitlembic.cli.completion import Facts, Paths, complete

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitlembic.adapters.known_revisions import KnownRevision
    from gitlembic.cli.completion import Candidate, Completion, Configuration

_PLAIN = re.compile(r"[\w@%+=:,./~^-]+")
"""What bash takes as one word without quotes: it inserts replies as they are."""


def answer(shell: str, words: list[str]) -> int:
    """Print what the shell shall offer; nothing on any trouble. Always 0."""
    with contextlib.suppress(Exception):  # a traceback would land in the middle of what the user types
        sys.stdout.buffer.write("".join(f"{line}\n" for line in _answer(shell, words)).encode())
        sys.stdout.buffer.flush()
    return 0


def completion_script(shell: str) -> str:
    """The script that makes a shell ask."""
    from importlib import resources  # not for an answer  # noqa: PLC0415

    return resources.files("gitlembic").joinpath("templates", f"completion.{shell}").read_text(encoding="utf-8")


def _answer(shell: str, words: list[str]) -> Iterable[str]:
    if shell == "bash":
        line, replaced = words
        _, *before, current = split_bash(line)
        found = complete(before, current, _facts())
        return _for_bash(found, current, split_bash(replaced)[-1])
    *before, current = words
    found = complete(before, current, _facts())
    return _for_zsh(found) if shell == "zsh" else _for_fish(found)


def split_bash(line: str) -> list[str]:
    """The words of a line as bash reads them; the last one may be empty, or in a quote not yet closed."""
    words, word, quote = [], "", ""
    started = False
    characters = iter(line)
    for character in characters:
        if character == "\\" and quote != "'":
            word += next(characters, "")
        elif character == quote:
            quote = ""
        elif not quote and character in "'\"":
            quote, started = character, True
        elif not quote and character.isspace():
            if word or started:
                words.append(word)
            word, started = "", False
        else:
            word += character
    return [*words, word]


def _for_bash(found: Completion, current: str, replaced: str) -> Iterable[str]:
    """Without what stands before the part that bash replaces, which ends where `current` does."""
    if isinstance(found, Paths):
        return (found.value,)
    if not current.endswith(replaced):
        return ()
    kept = len(current) - len(replaced)
    return ("words", *(candidate.word[kept:] for candidate in found if _PLAIN.fullmatch(candidate.word)))


def _for_zsh(found: Completion) -> Iterable[str]:
    """As `_describe` reads it."""
    if isinstance(found, Paths):
        return (found.value,)
    return ("words", *(_described(candidate) for candidate in found))


def _described(candidate: Candidate) -> str:
    word = candidate.word.replace("\\", "\\\\").replace(":", "\\:")
    description = candidate.description.replace("\\", "\\\\")
    return f"{word}:{description}" if description else word


def _for_fish(found: Completion) -> Iterable[str]:
    if isinstance(found, Paths):
        return (found.value,)
    return ("words", *(f"{candidate.word}\t{candidate.description}" for candidate in found))


def _facts() -> Facts:
    from gitlembic.adapters.alembic_source import alembic_usages  # noqa: PLC0415 -- ours need no syntax tree
    from gitlembic.cli.own_commands import OWN_USAGES  # noqa: PLC0415

    return Facts(OWN_USAGES, alembic_usages, _revisions, _refs)


def _revisions(configuration: Configuration, typed: str) -> tuple[KnownRevision, ...]:
    from gitlembic.adapters.configured_locations import read_configured_locations  # noqa: PLC0415 -- as above
    from gitlembic.adapters.known_revisions import read_known_revisions  # noqa: PLC0415

    locations = read_configured_locations(configuration.files, configuration.section)
    return read_known_revisions(locations, typed)


def _refs() -> Mapping[str, str]:
    from pathlib import Path  # noqa: PLC0415 -- as above

    from gitlembic.adapters.git_directory import find_git_directory  # noqa: PLC0415 -- as above
    from gitlembic.adapters.ref_names import read_ref_names  # noqa: PLC0415

    directory = find_git_directory(Path(os.curdir))
    return {} if directory is None else read_ref_names(directory)
