"""Reads and writes `revision_chain.json`, beside the directories of migrations."""

from __future__ import annotations

import os
from pathlib import Path

from gitlembic.adapters.atomic_file import write_atomically
from gitlembic.adapters.git_directory import find_git_directory
from gitlembic.adapters.project import chain_file_paths as chain_file_paths  # noqa: PLC0414 -- belongs to this as well
from gitlembic.core.chain_file import Entries, parse_chain_file
from gitlembic.errors import BrokenInputError, CannotTellError, GitlembicError


def read_chain_file(path: Path) -> Entries | None:
    """What one chain file records; `None` if it is not there."""
    if os.path.lexists(path):
        _check(path)
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise BrokenInputError(
            f"cannot read {path}: {error}", "write it again with `gitlembic chain --write`"
        ) from error
    return parse_chain_file(text, os.fspath(path))


def read_chain_files(locations: tuple[Path, ...]) -> Entries | None:
    """What the chain files beside these locations record together; `None` if there is none."""
    together: Entries | None = None
    for path in chain_file_paths(locations):
        entries = read_chain_file(path)
        if entries is None:
            continue
        together = {} if together is None else together
        for revision, parent in entries.items():
            if together.setdefault(revision, parent) != parent:
                raise CannotTellError(
                    f"the chain files of this project disagree about {revision}: it follows {together[revision]} or, "
                    f"in {path}, {parent}",
                    "write them again with `gitlembic chain --write`",
                )
    return together


def write_chain_file(path: Path, text: str) -> None:
    """Write one chain file, whole or not at all."""
    if os.path.lexists(path):
        _check(path)
    try:
        write_atomically(path, text)
    except OSError as error:
        raise GitlembicError(f"cannot write {path}: {error.strerror or error}", "nothing was changed") from error


def _check(path: Path) -> None:
    """Refuse what is no file, and a link out of the project: it may have come with the repository."""
    hint = f"put the file itself there: delete {path}, then `gitlembic chain --write`"
    if path.is_symlink():
        directory = os.path.realpath(path.parent)
        repository = find_git_directory(path.parent)
        tops = (directory, os.path.realpath(repository.work_tree) if repository else directory)
        real = Path(os.path.realpath(path))
        if not any(real.is_relative_to(top) for top in tops):
            raise BrokenInputError(f"{path} is a link that leads out of the project", hint)
    if path.exists() and not path.is_file():
        raise BrokenInputError(f"{path} is no file", hint)
