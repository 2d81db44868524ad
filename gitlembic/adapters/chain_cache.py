"""Leaves the chain that a command ran with in the git directory.

Losing it, or being forbidden to write it, changes nothing but speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.adapters.cache_files import cache_key, renew_cache, write_cache

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.adapters.git_directory import GitDirectory


def write_chain_cache(directory: GitDirectory, locations: Iterable[str], text: str) -> None:
    """Keep `text` for the project with these locations, unless it is there already; one file a project."""
    name = f"chain-{cache_key(chr(10).join(locations))}.json"
    try:
        is_there = (directory.cache_dir / name).read_bytes() == text.encode()
    except OSError:
        is_there = False
    if is_there:
        renew_cache(directory.cache_dir, name)
    else:
        write_cache(directory.cache_dir, name, text)
