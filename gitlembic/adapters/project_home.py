"""The locations of a project -> the repositories that they belong to."""

from __future__ import annotations

import os
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.adapters.git_directory import GitDirectory, find_git_directory
from gitlembic.adapters.project import chain_file_paths
from gitlembic.core.history import Location
from gitlembic.errors import BrokenInputError, CannotTellError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from gitlembic.adapters.project import Project
    from gitlembic.core.chain_file import Entries
    from gitlembic.core.history import CommitId
    from gitlembic.core.presence import Place


class Home(NamedTuple):
    """The locations that belong to one repository, or to none.

    `root` is what paths are relative to: the work tree's root, or without a repository the
    directory of the configuration. `configured` has the directories as Alembic knows them, by
    what they are from there, in git's spelling. `damage` says why a repository that seems to be
    there cannot be found; it matters only to who asks for it.
    """

    root: Path
    repository: GitDirectory | None
    configured: Mapping[Location, tuple[Path, ...]]
    damage: BrokenInputError | None = None

    @property
    def place(self) -> Place:
        return tuple(self.configured)

    @property
    def directory(self) -> GitDirectory | None:
        """The repository, `None` without one; raises `BrokenInputError` for a damaged one."""
        if self.damage is not None:
            raise self.damage
        return self.repository

    def directories(self, place: Place) -> tuple[Path, ...]:
        """Where some of the locations are configured."""
        return tuple(path for location in place for path in self.configured[location])

    def detours(self) -> Iterator[tuple[Path, Location]]:
        """The directories that are configured by another path than git's, each with what git calls it."""
        top = os.path.realpath(self.root)
        for location, paths in self.configured.items():
            for path in paths:
                typed = Path(os.path.normpath(path))  # `./` and `..` mean the same to everybody
                above = (parent for parent in reversed((typed, *typed.parents)) if os.path.realpath(parent) == top)
                root = next(above, None)
                below = None if root is None else typed.relative_to(root).as_posix()
                if below != (location.path or "."):
                    yield typed, location

    def read_chain_files(self, place: Place) -> Entries | None:
        """What the chain files beside some of the locations record; `None` if there is none."""
        from gitlembic.adapters.chain_file import read_chain_files  # mostly there is none  # noqa: PLC0415

        directories = self.directories(place)
        return read_chain_files(directories) if self.has_chain_file(place) else None

    def has_chain_file(self, place: Place) -> bool:
        """Whether anything stands where the chain files of some of the locations would be."""
        return any(os.path.lexists(path) for path in chain_file_paths(self.directories(place)))

    def head_if_readable(self) -> CommitId | None:
        """HEAD for the record, where nothing depends on it."""
        try:
            return self.repository.read_head() if self.repository else None
        except CannotTellError:
            return None


def find_homes(project: Project) -> tuple[Home, ...]:
    """The repositories of a project's locations, in the order of the configuration."""
    found: dict[tuple[GitDirectory | None, str], tuple[BrokenInputError | None, list[Path]]] = {}
    for location in project.locations:
        directory, damage = None, None
        try:
            directory = find_git_directory(location)
        except BrokenInputError as error:
            damage = error
        found.setdefault((directory, str(damage)), (damage, []))[1].append(location)
    return tuple(_home(project, directory, damage, locations) for (directory, _), (damage, locations) in found.items())


def _home(
    project: Project, directory: GitDirectory | None, damage: BrokenInputError | None, locations: list[Path]
) -> Home:
    root = directory.work_tree if directory else project.directory
    configured: dict[Location, tuple[Path, ...]] = {}
    for path in locations:
        location = Location(_relative(path, root), project.recursive)
        configured[location] = (*configured.get(location, ()), path)
    return Home(root, directory, configured, damage)


def _relative(location: Path, root: Path) -> str:
    top = os.path.realpath(root)
    path = os.path.relpath(os.path.realpath(location), top).replace(os.sep, "/")
    if path == ".":
        return ""
    ignores_case = os.path.lexists(os.path.join(top, ".gIt"))  # noqa: PTH118 -- the one entry that is surely there
    return as_spelled(path, lambda below: _names(f"{top}/{below}")) if ignores_case else path


def as_spelled(path: str, names: Callable[[str], Iterable[str]]) -> str:
    """A path as it is written on a disk that takes any case for the same; git has it so in its trees.

    `names` lists the directory that a path leads to; what is not found there stays as it was typed.
    """
    found: list[str] = []
    for part in path.split("/"):
        listed = [*names("/".join(found))] if part != ".." else [part]
        alike = [name for name in listed if _folded(name) == _folded(part)]
        found.append(part if part in listed or not alike else alike[0])
    return "/".join(found)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)  # noqa: PTH208 -- names are all that is wanted
    except OSError:
        return []
