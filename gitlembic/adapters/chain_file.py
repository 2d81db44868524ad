"""Reads and writes `revision_chain.json`, beside the directories of migrations."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gitlembic.adapters.atomic_file import write_atomically
from gitlembic.core.chain_file import CHAIN_FILE_NAME, Entries, parse_chain_file
from gitlembic.errors import BrokenInputError, CannotTellError, GitlembicError

if TYPE_CHECKING:
    from pathlib import Path


def chain_file_paths(locations: tuple[Path, ...]) -> tuple[Path, ...]:
    """Where the chain files of these locations are: in their parents, siblings sharing one."""
    return tuple(dict.fromkeys(location.parent / CHAIN_FILE_NAME for location in locations))


def read_chain_file(path: Path) -> Entries | None:
    """What one chain file records; `None` if it is not there."""
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
    try:
        write_atomically(path, text)
    except OSError as error:
        raise GitlembicError(f"cannot write {path}: {error.strerror or error}", "nothing was changed") from error
