"""A directory of migrations -> the files in it, in the order in which Alembic finds them.

Nothing is opened. Paths are texts: making an object of each costs more than all the rest.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.names import is_migration_file
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import DirEntry

_LINKS_ARE_FILES = sys.version_info >= (3, 12)
"""Whether Alembic, which walks with `Path.walk` there, takes a link to a directory for a file."""


class FoundFile(NamedTuple):
    """A file as it was found: `below` is its path from the directory that was listed, with `/`."""

    path: str
    below: str
    is_link: bool

    @property
    def real_path(self) -> str:
        """The path of what Alembic loads, if the directory that was listed is no link itself."""
        return os.path.realpath(self.path) if self.is_link else self.path

    @property
    def is_migration(self) -> bool:
        """Whether Alembic loads it; of a link the name of what it leads to decides."""
        return is_migration_file(Path(self.real_path).name if self.is_link else self.below.rpartition("/")[2])


def list_files(top: str, *, recursive: bool) -> Iterator[FoundFile]:
    """As Alembic's `Script._list_py_dir` walks: sorted, links to directories not followed.

    Nothing where there is no such directory; raises `BrokenInputError` for one that cannot be listed.
    """
    return _list(top, "", recursive=recursive)


def _list(directory: str, prefix: str, *, recursive: bool) -> Iterator[FoundFile]:
    below = []
    holds_migrations = not directory.endswith("__pycache__")
    for entry in _entries(directory):
        if entry.is_dir() and not (_LINKS_ARE_FILES and entry.is_symlink()):
            below += [] if entry.is_symlink() else [entry]
        elif holds_migrations:
            yield FoundFile(entry.path, prefix + entry.name, entry.is_symlink())
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
