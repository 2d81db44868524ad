"""The migrations below a location that Alembic passes over, because of where they are or of their names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.adapters.versions_dir import read_source
from gitlembic.core.migration import Migration
from gitlembic.core.migration_source import parse_migration
from gitlembic.core.names import is_migration_file
from gitlembic.doctor.evidence import UnloadedFile

if TYPE_CHECKING:
    from collections.abc import Iterator

_IN_SUBDIRECTORY = "it lies in a subdirectory, and recursive_version_locations is not set"
_BY_NAME = "Alembic loads no file of that name"


def read_unloaded_files(root: Path, location: Path, *, recursive: bool) -> Iterator[UnloadedFile]:
    """The files that would be migrations, had they another name or place; paths are relative to `root`."""
    for directory, directories, names in os.walk(location):
        directories[:] = sorted(name for name in directories if name != "__pycache__" and not name.startswith("."))
        loads = recursive or Path(directory) == location
        for name in sorted(names):
            if ".py" not in name or ".pyc" in name or (loads and is_migration_file(name)):
                continue
            path = Path(directory, name)
            parsed = parse_migration(read_source(path)) if path.is_file() else None
            if isinstance(parsed, Migration):
                reason = _BY_NAME if loads else _IN_SUBDIRECTORY
                yield UnloadedFile(Path(os.path.relpath(path, root)).as_posix(), parsed, reason)
