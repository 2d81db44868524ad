"""A directory without a configuration of Alembic's -> the commands that use one that is near."""

from __future__ import annotations

import configparser
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.util.compat import tomllib

if TYPE_CHECKING:
    from collections.abc import Iterator

_INI, _TOML = "alembic.ini", "pyproject.toml"
_NAMES = (_INI, _TOML)
_DEPTH = 2
_OTHERS = frozenset({"node_modules", "venv", "env", "build", "dist"})
"""Directories of what is not the project's own, apart from hidden ones."""


def commands_nearby(directory: Path) -> tuple[str, ...]:
    """How to use the configurations a few levels below, nearest first, else the nearest above in the repository.

    Where a `script_location` counts from the working directory, as Alembic takes it, that one has to be changed.
    """
    below = tuple(_command(directory, found) for found in _below(directory, _DEPTH))
    return below or tuple(_command(directory, found) for found in _above(directory.absolute()))[:1]


def _above(directory: Path) -> Iterator[Path]:
    places = [directory, *directory.parents]
    root = next((place for place in places if (place / ".git").exists()), directory)
    for parent in places[1 : places.index(root) + 1]:
        yield from (parent / name for name in _NAMES if _location(parent / name) is not None)


def _below(directory: Path, depth: int) -> Iterator[Path]:
    try:
        with os.scandir(directory) as entries:
            inside = sorted(entry.name for entry in entries if entry.is_dir(follow_symlinks=False))
    except OSError:
        return
    within = [directory / name for name in inside if not name.startswith(".") and name not in _OTHERS]
    for child in within:
        yield from (child / name for name in _NAMES if _location(child / name) is not None)
    if depth > 1:
        for child in within:
            yield from _below(child, depth - 1)


def _location(path: Path) -> str | None:
    """What a configuration says is its `script_location`, as it stands there."""
    try:
        text = path.read_text(encoding="utf-8")
        if path.name == _TOML:
            location = tomllib.loads(text).get("tool", {}).get("alembic", {}).get("script_location")
            return location if isinstance(location, str) else None
        parser = configparser.RawConfigParser()
        parser.read_string(text)
    except (OSError, ValueError, AttributeError, configparser.Error):
        return None
    if parser.has_section("alembic") and path.with_name("env.py").exists():
        return parser["alembic"].get("script_location", "%(here)s")  # Flask-Migrate leaves it out
    sections = (parser[name] for name in parser.sections() if "script_location" in parser[name])
    return next((section["script_location"] for section in sections), None)


def _command(directory: Path, found: Path) -> str:
    location = _location(found) or ""
    shown = os.path.relpath(found, directory)
    if not ("%(here)s" in location or ":" in location or (directory / location).exists()):
        return f"`cd {shlex.quote(str(Path(shown).parent))}` first"
    # With a location in pyproject.toml the ini file still has the database and the logging.
    beside = [path for path in (found.with_name(_INI),) if found.name == _TOML and path.exists()]
    files = [shlex.quote(os.path.relpath(path, directory)) for path in (*beside, found)]
    return f"`gitlembic {' '.join(f'-c {name}' for name in files)} ...`"
