"""A directory of migrations -> the files that Alembic would load from it, in its order.

Nothing is opened. Paths are texts: making an object of each costs more than all the rest.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.migration_source import is_migration_file
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import DirEntry


class MigrationFile(NamedTuple):
    """A file as it was found: `below` is its path from the directory that was listed, with `/`."""

    path: str
    below: str
    is_link: bool


def list_migration_files(top: str, *, recursive: bool) -> Iterator[MigrationFile]:
    """As Alembic's `Script._list_py_dir` walks: sorted, links to directories not followed.

    Of a link that leads to a file, the name of that file decides. Nothing where there is no such
    directory; raises `BrokenInputError` for one that cannot be listed.
    """
    return _list(top, "", recursive=recursive)


def _list(directory: str, prefix: str, *, recursive: bool) -> Iterator[MigrationFile]:
    below = []
    for entry in _entries(directory):
        if entry.is_dir():
            below += [] if entry.is_symlink() else [entry]
        elif not directory.endswith("__pycache__"):
            is_link = entry.is_symlink()
            if is_migration_file(Path(os.path.realpath(entry.path)).name if is_link else entry.name):
                yield MigrationFile(entry.path, prefix + entry.name, is_link)
    for entry in below if recursive else ():
        yield from _list(entry.path, f"{prefix}{entry.name}/", recursive=True)


def _entries(directory: str) -> list[DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise BrokenInputError(f"cannot list {directory}: {error.strerror}", "make the directory readable") from error
