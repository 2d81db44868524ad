"""What doctor has found before and would find again: all that its slowest checks look at is as it was."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitlembic import __version__
from gitlembic.adapters.findings_cache import FindingsCache
from gitlembic.adapters.mainline import read_mainline_refs
from gitlembic.commands.recall import read_state
from gitlembic.core.history import WORKING_TREE
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from gitlembic.adapters.project_home import Home
    from gitlembic.adapters.versions_dir import WorkingTreeHistory
    from gitlembic.settings import Settings

_PACKAGE = Path(__file__).parents[1]
_MODULES = ("adapters", "commands", "core", "doctor", "doctor/checks")


def open_known_findings(home: Home, on_disk: WorkingTreeHistory, settings: Settings) -> FindingsCache | None:
    """What is remembered of a home whose files are `on_disk`; `None` where too much has a say in it.

    It follows from the files, from HEAD and what is being merged or rebased, from where a shallow clone ends, and
    from where the mainline is; and from this program.
    """
    repository = home.repository
    if repository is None:
        return None
    try:
        state, refs = read_state(home), read_mainline_refs(repository, settings.mainline)
        if state is None or refs is None:
            return None
        rebase = repository.read_rebase()
    except GitlembicError:  # which whoever needs it will say
        return None
    return FindingsCache(
        repository,
        home.place,
        [*state, refs, settings.mainline, [*(rebase or ())], _files(home, on_disk), _program()],
    )


def _files(home: Home, on_disk: WorkingTreeHistory) -> str:
    digest = hashlib.sha256()
    for location in home.place:
        for path, file in on_disk.files(WORKING_TREE, location).items():
            digest.update(f"{path}\0{file}\n".encode("utf-8", "surrogateescape"))
    return digest.hexdigest()


def _program() -> list[Any]:
    """Another one may look for something else, or say it in other words; also while it is being written."""
    modules = (entry for name in _MODULES for entry in _modules(name))
    return [__version__, max((entry.stat().st_mtime_ns for entry in modules), default=0)]


def _modules(name: str) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(_PACKAGE / name) as entries:
            return [entry for entry in entries if entry.name.endswith(".py")]
    except OSError:  # in an archive, which has a version
        return []
