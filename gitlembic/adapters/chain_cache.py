"""Leaves the chain that a command ran with in the git directory.

Losing it, or being forbidden to write it, changes nothing but speed.
"""

from __future__ import annotations

import contextlib
import hashlib
from typing import TYPE_CHECKING

from gitlembic.adapters.atomic_file import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from gitlembic.adapters.git_directory import GitDirectory


def chain_cache_path(directory: GitDirectory, locations: Iterable[str]) -> Path:
    """Where the chain of a project with these locations is kept; one file a project."""
    name = hashlib.sha256("\n".join(locations).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return directory.cache_dir / f"chain-{name}.json"


def write_chain_cache(path: Path, text: str) -> None:
    """Keep `text`, unless it is there already."""
    with contextlib.suppress(OSError):
        with contextlib.suppress(FileNotFoundError):
            if path.read_bytes() == text.encode():
                return
        path.parent.mkdir(exist_ok=True)
        write_atomically(path, text)
