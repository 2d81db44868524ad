"""A migration file asks for its parent: finds out which project it belongs to, and its chain.

One load of a project asks once for every dynamic migration, and the chain is computed once for
it: for Alembic a load is the life of a script directory, elsewhere it ends when a migration asks
again. A migration that the chain does not know has just been written, and is answered by itself.
"""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from alembic.script import ScriptDirectory
from alembic.util import CommandError

from gitlembic.adapters.alembic_project import Project, load_project, project_of
from gitlembic.adapters.project import chain_file_paths
from gitlembic.adapters.project_home import find_homes
from gitlembic.commands.resolve import resolve
from gitlembic.core.migration import ANSWER, RevisionId
from gitlembic.errors import BrokenInputError, CannotTellError, GitlembicError, NeedsRunningError

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from types import FrameType
    from typing import TypeVar

    from gitlembic.core.resolution import Resolution

    Key = TypeVar("Key")


@dataclass
class _Load:
    """The computed parents of one load, and who has asked for theirs."""

    parents: dict[RevisionId, RevisionId | None]
    asked: set[str] = field(default_factory=set)


class _OutsideAlembic(threading.local):
    def __init__(self) -> None:
        self.loads: dict[tuple[tuple[Path, ...], bool], _Load] = {}


_by_script: WeakKeyDictionary[ScriptDirectory, _Load] = WeakKeyDictionary()
_outside = _OutsideAlembic()


def remember(script: ScriptDirectory, resolution: Resolution) -> None:
    """Take `resolution` for what `script` is about to load."""
    _by_script[script] = _load_of(resolution)


def parent_of(revision: str, versions_dir: str | os.PathLike[str] | None, frame: FrameType) -> str | None:
    """The computed parent of `revision`, asked by the code that runs in `frame`."""
    if ANSWER in frame.f_globals:
        return frame.f_globals[ANSWER]  # type: ignore[no-any-return]
    file = Path(frame.f_code.co_filename).absolute()
    given = None if versions_dir is None else Path(versions_dir).absolute()
    script = loading_script(frame)
    try:
        if script is not None:
            project = project_of(script)
            if given is None or _holds(project, given):
                return _ask(revision, project, _by_script, script)
        return _ask_outside(revision, given, file)
    except GitlembicError as error:
        if script is None:
            raise
        raise _for_alembic(error) from None


def _for_alembic(error: GitlembicError) -> GitlembicError:
    """The same error, as Alembic prints its own."""
    from gitlembic.adapters.alembic_session import ChainError  # noqa: PLC0415 -- imports Alembic

    wrapped = ChainError(error.message, error.hint)
    wrapped.exit_code = error.exit_code
    return wrapped


def _ask(revision: str, project: Project, loads: MutableMapping[Key, _Load], key: Key) -> str | None:
    load = loads.get(key)
    try:
        if load is None or revision in load.asked:
            load = loads[key] = _load_of(resolve(project))
        elif revision not in load.parents:
            load = _load_of(resolve(project))
    except NeedsRunningError:
        if not project.sourceless or any(home.repository for home in find_homes(project)):
            raise
        return _recorded(revision, project.locations)
    load.asked.add(revision)
    if revision not in load.parents:
        raise BrokenInputError(
            f"no dynamic migration in {', '.join(map(os.fspath, project.locations))} has the revision {revision}",
            "a migration asks for its own: down_revision = get_down_revision(revision)",
        )
    return load.parents[revision]  # type: ignore[index]


def _load_of(resolution: Resolution) -> _Load:
    return _Load(
        {
            revision: link.parents[0] if link.parents else None
            for revision, link in resolution.links.items()
            if link.placed.migration.is_dynamic
        }
    )


def _ask_outside(revision: str, given: Path | None, file: Path) -> str | None:
    """The answer for a program that loads migrations without a script directory of Alembic."""
    directory = file.parent if given is None else given
    project = _configured_project(directory)
    if project is None and given is not None:
        project = Project(given.parent, (given,), recursive=False)
    if project is not None:
        return _ask(revision, project, _outside.loads, (project.locations, project.recursive))
    if not any(path.exists() for path in chain_file_paths((directory,))):
        raise CannotTellError(
            f"{file} asks for its down_revision, but no Alembic configuration above it names its directory",
            "run it with `gitlembic`, or write a chain file: `gitlembic chain --write`",
        )
    return _recorded(revision, (directory,))


def _recorded(revision: str, locations: tuple[Path, ...]) -> str | None:
    """What the chain files alone say, where the migrations themselves cannot be told or read."""
    paths = " or ".join(map(os.fspath, chain_file_paths(locations)))
    hint = "write it again where the whole history is: `gitlembic chain --write`"
    from gitlembic.adapters.chain_file import read_chain_files  # most have a repository  # noqa: PLC0415

    entries = read_chain_files(locations)
    if entries is None:
        raise CannotTellError(f"there is no chain file ({paths}) to tell the down_revision of {revision}", hint)
    if revision not in entries:
        raise CannotTellError(f"the chain file {paths} is stale, it lacks {revision}", hint)
    return entries[RevisionId(revision)]


def loading_script(frame: FrameType | None) -> ScriptDirectory | None:
    """The `ScriptDirectory` of Alembic that is loading the file, if one is."""
    while frame is not None:
        for name in ("self", "scriptdir"):
            value = frame.f_locals.get(name)
            if isinstance(value, ScriptDirectory):
                return value
        frame = frame.f_back
    return None


def _configured_project(directory: Path) -> Project | None:
    """The project of the nearest configuration above a directory that it loads from."""
    for above in (directory, *directory.parents):
        for name in ("alembic.ini", "pyproject.toml"):
            configuration = above / name
            if not configuration.exists():
                continue
            try:
                project = load_project(["-c", os.fspath(configuration)])
            except GitlembicError as error:
                if isinstance(error.__cause__, CommandError):  # one that is not about Alembic
                    continue
                raise
            if _holds(project, directory):
                return project
    return None


def _holds(project: Project, directory: Path) -> bool:
    real = directory.resolve()
    locations = [location.resolve() for location in project.locations]
    return any(real == location or (project.recursive and location in real.parents) for location in locations)
