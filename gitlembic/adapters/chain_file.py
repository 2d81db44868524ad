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


def read_chain_files(locations: tuple[Path, ...]) -> Entries | None:
    """What the chain files beside these locations record together; `None` if there is none."""
    entries: Entries = {}
    found = False
    for path in chain_file_paths(locations):
        try:
            text = path.read_text(encoding="utf-8")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except (OSError, ValueError) as error:
            raise BrokenInputError(
                f"cannot read {path}: {error}", "write it again with `gitlembic chain --write`"
            ) from error
        found = True
        for revision, parent in parse_chain_file(text, os.fspath(path)).items():
            if entries.setdefault(revision, parent) != parent:
                raise CannotTellError(
                    f"the chain files of this project disagree about {revision}: it follows {entries[revision]} or, "
                    f"in {path}, {parent}",
                    "write them again with `gitlembic chain --write`",
                )
    return entries if found else None


def write_chain_file(path: Path, text: str) -> None:
    """Write one chain file, whole or not at all."""
    try:
        write_atomically(path, text)
    except OSError as error:
        raise GitlembicError(f"cannot write {path}: {error.strerror or error}", "nothing was changed") from error
