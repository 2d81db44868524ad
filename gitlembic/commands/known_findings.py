"""What doctor has found before and would find again: all that its slowest checks look at is as it was."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitlembic import __version__
from gitlembic.adapters.findings_cache import FindingsCache
from gitlembic.adapters.mainline import read_mainline_refs
from gitlembic.adapters.project import chain_file_paths, compiled_only
from gitlembic.commands.recall import read_state
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.errors import CannotTellError, GitlembicError

if TYPE_CHECKING:
    from gitlembic.adapters.project import Project
    from gitlembic.adapters.project_home import Home
    from gitlembic.adapters.versions_dir import WorkingTreeHistory
    from gitlembic.doctor.evidence import Evidence
    from gitlembic.settings import Settings

_PACKAGE = Path(__file__).parents[1]
_MODULES = ("adapters", "commands", "core", "doctor", "doctor/checks")


def open_known_findings(
    project: Project, home: Home, on_disk: WorkingTreeHistory, settings: Settings
) -> FindingsCache | None:
    """What is remembered of the only home of a project, its files being `on_disk`; `None` where more has a say in it.

    It follows from the files, from HEAD and what is being merged or rebased, from where a shallow clone ends, and
    from where the mainline is; and from this program.
    """
    repository = home.repository
    if repository is None or compiled_only(project):
        return None
    try:
        if any(map(os.path.lexists, _library_files(home, on_disk))):
            return None
        state, refs = read_state(home), read_mainline_refs(repository, settings.mainline)
        if state is None or refs is None:
            return None
        rebase = repository.read_rebase()
    except GitlembicError:  # which whoever needs it will say
        return None
    return FindingsCache(
        repository,
        home.place,
        [*state, refs, settings.mainline, [*(rebase or ())], _files(home, on_disk), this_program()],
    )


def is_lasting(evidence: Evidence) -> bool:
    """Whether nothing was found, or not found, only because a repository could not be read: it may be mended."""
    try:
        evidence.past()
        return not isinstance(evidence.unknown_mainline(), CannotTellError)
    except (GitlembicError, HistoryUnknownError):
        return bool(evidence.shallow())  # where the clone ends is known


def _library_files(home: Home, on_disk: WorkingTreeHistory) -> tuple[Path, ...]:
    """The chain files that alembic-git-revisions would look for, which has them beside each directory."""
    paths = (path for location in home.place for path in on_disk.files(WORKING_TREE, location))
    return chain_file_paths(tuple(home.root / name for name in {os.path.dirname(path) for path in paths}))  # noqa: PTH120


def _files(home: Home, on_disk: WorkingTreeHistory) -> str:
    digest = hashlib.sha256()
    for location in home.place:
        digest.update(f"{on_disk.links_outside(location)}\n".encode("utf-8", "surrogateescape"))
        for path, file in on_disk.files(WORKING_TREE, location).items():
            digest.update(f"{path}\0{file}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def this_program() -> list[Any]:
    """Another one may look for something else, or say it in other words; also while it is being written."""
    modules = (entry for name in _MODULES for entry in _modules(name))
    return [__version__, max((entry.stat().st_mtime_ns for entry in modules), default=0)]


def _modules(name: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(_PACKAGE / name) as entries:
            return [entry for entry in entries if entry.name.endswith(".py")]
    except OSError:  # in an archive, which has a version
        return []
