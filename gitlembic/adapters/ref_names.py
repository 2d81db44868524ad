"""The branches and tags of a repository, by their names, without dulwich and without opening an object."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitlembic.adapters.git_directory import GitDirectory

_KINDS = {"refs/heads/": "branch", "refs/remotes/": "remote branch", "refs/tags/": "tag"}


def read_ref_names(directory: GitDirectory) -> dict[str, str]:
    """The short names of branches, remote branches and tags, in this order, each with what it is."""
    full = sorted({*_loose(directory), *_packed(directory)})
    return {
        name.removeprefix(prefix): kind for prefix, kind in _KINDS.items() for name in full if name.startswith(prefix)
    }


def _loose(directory: GitDirectory) -> Iterator[str]:
    for below, _, names in os.walk(directory.common_dir / "refs"):
        start = os.path.relpath(below, directory.common_dir).replace(os.sep, "/")
        yield from (f"{start}/{name}" for name in names if not name.endswith(".lock"))


def _packed(directory: GitDirectory) -> Iterator[str]:
    path = directory.common_dir / "packed-refs"
    text = path.read_text(encoding="utf-8", errors="surrogateescape") if path.exists() else ""
    yield from (line.partition(" ")[2] for line in text.splitlines() if not line.startswith(("#", "^")))
