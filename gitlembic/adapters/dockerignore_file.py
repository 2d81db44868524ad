"""Reads `.dockerignore`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def read_dockerignore(directory: Path) -> str:
    """The text of the file in the directory that images are built from; empty where there is none."""
    try:
        return (directory / ".dockerignore").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
