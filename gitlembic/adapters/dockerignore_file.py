"""Reads `.dockerignore`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gitlembic.core.image_files import ImageBuild

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NAME = ".dockerignore"


def read_dockerignores(directory: Path, root: Path) -> Iterator[ImageBuild]:
    """What images may be built from: a directory of a repository, and those above it up to `root`, with such a file."""
    for context in (directory, *directory.parents):
        if context.is_relative_to(root):
            try:
                text = (context / _NAME).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            path = (context / _NAME).relative_to(root).as_posix()
            yield ImageBuild("", "", os.fspath(context), path, text)
