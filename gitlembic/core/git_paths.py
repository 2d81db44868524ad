"""Paths in git commands that a user may type from anywhere."""

from __future__ import annotations

import shlex


def git_path(path: str) -> str:
    """A path below the repository's root, as one word for a shell, that git finds from every directory of the tree.

    `:/` is git's "from the root"; behind it no path is taken for an option.
    """
    return shlex.quote(f":/{path}")
