"""Migrations that git has and the work tree need not -> scripts of Alembic. No file is written.

A module is executed from its source when its migration is going to run, under a name that says which
commit it is from, so that a traceback shows its lines. What it imports (siblings, the project's models)
is what is importable today, not what was when it was written.
"""

from __future__ import annotations

import linecache
import os
import re
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from alembic.script import Script

from gitlembic.adapters.lazy_scripts import LazyScript
from gitlembic.core.migration import ANSWER
from gitlembic.errors import BrokenInputError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gitlembic.core.chain import Link
    from gitlembic.core.migration import RevisionId


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A version of a migration: its bytes, where it would stand (absolute), and what to call it in messages."""

    source: bytes
    path: str
    shown: str


class StoredScript(LazyScript):
    """A script from git; `source` is its file, which is nowhere on disk."""

    def __init__(self, link: Link, file: StoredFile, load: Callable[[str, Link], Script | None]) -> None:
        super().__init__(link, file.shown, load)
        self.source = file.source


def source_of(script: Script) -> bytes:
    """Of a script from git or from disk; empty where there is none to be read, as of what was compiled."""
    try:
        return script.source if isinstance(script, StoredScript) else Path(script.path).read_bytes()
    except OSError:
        return b""


def read_stored_scripts(
    links: Iterable[Link], files: Mapping[RevisionId, StoredFile], before_import: Callable[[], None]
) -> Iterator[Script]:
    """A script of every link, with its parents. Raises `BrokenInputError` for what cannot be executed."""

    def load(_: str, link: Link) -> Script:
        before_import()
        file = files[link.revision]
        return Script(_execute(file, link), link.revision, file.shown)

    for link in links:
        if link.placed.migration.unreadable:
            script = load("", link)
            if link.placed.migration.is_dynamic:
                script.down_revision = link.parents[0] if link.parents else None
            yield script
        else:
            yield StoredScript(link, files[link.revision], load)


def _execute(file: StoredFile, link: Link) -> ModuleType:
    module = ModuleType(re.sub(r"\W", "_", os.path.basename(file.path)))  # noqa: PTH119 -- as Alembic names it
    module.__file__ = file.path  # by which it may find what lies beside it
    setattr(module, ANSWER, link.parents[0] if link.parents else None)
    text = file.source.decode("utf-8", "replace")
    linecache.cache[file.shown] = (len(text), None, text.splitlines(keepends=True), file.shown)
    try:
        exec(compile(file.source, file.shown, "exec", dont_inherit=True), module.__dict__)  # noqa: S102 -- it is what Alembic does with a file
    except GitlembicError:
        raise
    except Exception as error:
        raise BrokenInputError(
            f"cannot import {file.shown}: {type(error).__name__}: {error}",
            "taken from git, it imports what this checkout has, which may be what is missing: "
            "check that commit out (`git worktree add`), and run gitlembic there",
        ) from error
    if not hasattr(module, "down_revision"):
        module.down_revision = None  # type: ignore[attr-defined]
    return module
