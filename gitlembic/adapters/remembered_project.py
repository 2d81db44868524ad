"""The project that Alembic's global options choose: as Alembic said the last time, if its configuration is the same.

Importing Alembic takes longer than drawing thousands of migrations. What a configuration means is
still Alembic's own answer; losing or damaging what is remembered of it changes nothing but speed.
"""

from __future__ import annotations

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitlembic.adapters.cache_files import cache_key, mark_used, write_cache
from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.project import Project
from gitlembic.core.rows import text_of
from gitlembic.core.sealed import VERSION, seal, unseal
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from alembic.config import Config


def recall_project(arguments: Sequence[str]) -> Project:
    """What `load_project` answers, and raises."""
    path = _path(arguments)
    project = None if path is None else _read(path)
    if project is not None:
        return project
    from gitlembic.adapters.alembic_project import configuration_files, load_script, project_of  # noqa: PLC0415 -- says why

    files = _checksums(configuration_files(arguments))
    script, config = load_script(arguments)
    project = project_of(script, config)
    # Whoever writes the configuration meanwhile, it was of one version.
    if path is not None and not _names_package(config) and files == _checksums(configuration_files(arguments)):
        write_cache(path.parent, path.name, seal(_document(project, files, script.dir)))
    return project


def _path(arguments: Sequence[str]) -> Path | None:
    """Where the answer for these options is remembered: in the repository that this is run in, if it is."""
    try:
        directory = find_git_directory(Path(os.curdir))
    except BrokenInputError:  # which whoever needs it will say
        return None
    spec = find_spec("alembic")
    if directory is None or spec is None or spec.origin is None:
        return None
    alembic = f"{spec.origin} {os.stat(spec.origin).st_mtime_ns}"  # noqa: PTH116 -- a text
    key = "\0".join((alembic, os.getcwd(), os.environ.get("ALEMBIC_CONFIG", ""), *arguments))  # noqa: PTH109 -- likewise
    return directory.cache_dir / f"project-{VERSION}-{cache_key(key)}.json"


def _names_package(config: Config) -> bool:
    """Whether a location is in a package, of which the configuration does not say where it is."""
    named = [config.get_alembic_option("script_location") or "", *(config.get_version_locations_list() or ())]
    return any(":" in name and not os.path.isabs(name) for name in named)  # noqa: PTH117 -- as Alembic asks


def _checksums(files: Sequence[Path]) -> list[list[str | None]]:
    return [[os.path.abspath(name), _checksum(os.fspath(name))] for name in files]  # noqa: PTH100


def _document(project: Project, files: list[list[str | None]], script_directory: str) -> list[Any]:
    return [
        files,
        script_directory,
        os.fspath(project.directory),
        [*map(os.fspath, project.locations)],
        project.recursive,
        project.sourceless,
    ]


def _read(path: Path) -> Project | None:
    """What is remembered, if the configuration files are those of then and Alembic would still find its directory."""
    try:
        document = unseal(path.read_text(encoding="utf-8"))
        files, script_directory, directory, locations, recursive, sourceless = document
        status = path.stat()
        is_same = all(_checksum(text_of(name)) == checksum for name, checksum in files)
        is_same = is_same and os.path.exists(text_of(script_directory))  # noqa: PTH110 -- a text
        project = Project(
            Path(text_of(directory)),
            tuple(Path(text_of(one)) for one in locations),
            recursive is True,
            sourceless is True,
        )
    except (OSError, TypeError, ValueError):  # not there, or not what we write
        return None
    if not is_same:
        return None
    mark_used(path, status)
    return project


def _checksum(name: str) -> str | None:
    """Of a file's contents; `None` where nothing can be read."""
    try:
        return hashlib.sha256(Path(name).read_bytes()).hexdigest()
    except OSError:
        return None
