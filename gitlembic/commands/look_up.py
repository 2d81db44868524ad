"""A migration file asks for its parent: finds out which project it belongs to, and its chain.

One load of a project asks once for every dynamic migration, and the chain is computed once for
it. A migration that asks again belongs to a new load, which starts afresh; so does one that the
chain does not know, because it has just been written.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from gitlembic.commands.resolve import resolve
from gitlembic.core.chain_file import CHAIN_FILE_NAME
from gitlembic.errors import BrokenInputError, CannotTellError, GitlembicError

if TYPE_CHECKING:
    from types import FrameType

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.core.migration import RevisionId
    from gitlembic.core.resolution import Resolution


@dataclass
class _Load:
    parents: dict[RevisionId, RevisionId | None]
    asked: set[str] = field(default_factory=set)


_loads: dict[Project, _Load] = {}


def remember(project: Project, resolution: Resolution) -> None:
    """Take `resolution` for the load of `project` that is about to begin."""
    _loads[project] = _Load(
        {
            revision: link.parents[0] if link.parents else None
            for revision, link in resolution.links.items()
            if link.placed.migration.is_dynamic
        }
    )


def parent_of(revision: str, versions_dir: str | os.PathLike[str] | None, frame: FrameType) -> str | None:
    """The computed parent of `revision`, asked by the code that runs in `frame`."""
    for_alembic = "alembic.script" in sys.modules
    try:
        project = _project(versions_dir, frame)
        load = _loads.get(project)
        if load is None or revision in load.asked or revision not in load.parents:
            remember(project, resolve(project))
            load = _loads[project]
        load.asked.add(revision)
        if revision not in load.parents:
            raise BrokenInputError(
                f"no dynamic migration in {', '.join(map(os.fspath, project.locations))} has the revision {revision}",
                "a migration asks for its own: down_revision = get_down_revision(revision)",
            )
        return load.parents[revision]  # type: ignore[index]
    except GitlembicError as error:
        if not for_alembic:
            raise
        raise _for_alembic(error) from None


def _for_alembic(error: GitlembicError) -> GitlembicError:
    """The same error, as Alembic prints its own."""
    from gitlembic.adapters.alembic_session import ChainError  # noqa: PLC0415 -- imports Alembic

    wrapped = ChainError(error.message, error.hint)
    wrapped.exit_code = error.exit_code
    return wrapped


def _project(versions_dir: str | os.PathLike[str] | None, frame: FrameType) -> Project:
    from gitlembic.adapters.alembic_project import Project, project_of  # noqa: PLC0415 -- imports Alembic

    if versions_dir is not None:
        location = Path(versions_dir).absolute()
        return Project(location.parent, (location,), recursive=False)
    script = _loading_script_directory(frame)
    if script is not None:
        return project_of(script)
    return _configured_project(Path(frame.f_code.co_filename).absolute())


def _loading_script_directory(frame: FrameType | None):  # type: ignore[no-untyped-def]  # noqa: ANN202
    """The `ScriptDirectory` of Alembic that is loading the file, if one is."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 -- imports Alembic

    while frame is not None:
        for name in ("self", "scriptdir"):
            value = frame.f_locals.get(name)
            if isinstance(value, ScriptDirectory):
                return value
        frame = frame.f_back
    return None


def _configured_project(file: Path) -> Project:
    """The project of the nearest configuration above a file that is loaded without Alembic."""
    from gitlembic.adapters.alembic_project import Project, load_project  # noqa: PLC0415 -- imports Alembic

    for directory in file.parents:
        for name in ("alembic.ini", "pyproject.toml"):
            configuration = directory / name
            if not configuration.exists():
                continue
            try:
                project = load_project(["-c", os.fspath(configuration)])
            except GitlembicError:
                continue
            if any(_holds(location, file, recursive=project.recursive) for location in project.locations):
                return project
    if (file.parent.parent / CHAIN_FILE_NAME).exists():
        return Project(file.parent.parent, (file.parent,), recursive=False)
    raise CannotTellError(
        f"{file} asks for its down_revision, but no Alembic configuration above it names its directory",
        "run it with `gitlembic`, or write a chain file: `gitlembic chain --write`",
    )


def _holds(location: Path, file: Path, *, recursive: bool) -> bool:
    real, directory = location.resolve(), file.resolve().parent
    return real == directory or (recursive and real in directory.parents)
