"""Where the migrations of a project live, without Alembic."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from gitlembic.core.names import CHAIN_FILE_NAME, is_migration_file


class Project(NamedTuple):
    """Where the migrations of one Alembic configuration live.

    `directory` holds the configuration; paths are shown relative to it where there is no
    repository. `locations` are absolute, in the order of the configuration. With `sourceless`
    Alembic loads compiled files that have no source.
    """

    directory: Path
    locations: tuple[Path, ...]
    recursive: bool
    sourceless: bool = False


def compiled_only(project: Project) -> tuple[Path, ...]:
    """The compiled migrations that Alembic would load without their source."""
    if not project.sourceless:
        return ()
    found = []
    for location in project.locations:
        for directory, directories, names in os.walk(location):
            directories[:] = [name for name in directories if project.recursive or name == "__pycache__"]
            owner = Path(directory).parent if directory.endswith("__pycache__") else Path(directory)
            found += [
                Path(directory, name)
                for name in names
                if name.endswith((".pyc", ".pyo"))
                and is_migration_file(f"{name.partition('.')[0]}.py")
                and not (owner / f"{name.partition('.')[0]}.py").exists()
            ]
    return tuple(sorted(found))


def chain_file_paths(locations: tuple[Path, ...]) -> tuple[Path, ...]:
    """Where the chain files of these locations are: in their parents, siblings sharing one."""
    return tuple(dict.fromkeys(location.parent / CHAIN_FILE_NAME for location in locations))
