"""Leaves the chain that a command ran with in the git directory.

Losing it, or being forbidden to write it, changes nothing but speed.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gitlembic.adapters.cache_files import cache_key, renew_cache, write_cache

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gitlembic.adapters.git_directory import GitDirectory


class ChainCache:
    """The chain of the project with some locations, as the last command left it; one file a project."""

    def __init__(self, directory: GitDirectory, locations: Iterable[str]) -> None:
        self._root = directory.cache_dir
        self._name = f"chain-{cache_key(chr(10).join(locations))}.json"

    def keep(self, text: str) -> None:
        """Leave `text`."""
        if not self.keep_as_it_is(text):
            write_cache(self._root, self._name, text)

    def keep_as_it_is(self, end: str) -> bool:
        """Whether what is there ends with `end`, which what was cut off does not; then it counts as new."""
        expected = end.encode()
        try:
            with (self._root / self._name).open("rb") as file:
                file.seek(-len(expected), os.SEEK_END)
                if file.read() != expected:
                    return False
        except OSError:  # not there, or shorter
            return False
        renew_cache(self._root, self._name)
        return True
