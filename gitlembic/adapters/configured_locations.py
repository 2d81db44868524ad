"""Configuration files -> the directories of migrations, without importing Alembic.

Completion cannot wait for Alembic, which is asked everywhere else. This reads what Alembic's own
templates write and what its documentation names; whatever is beyond that is not guessed.
"""

from __future__ import annotations

import configparser
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOML = "pyproject.toml"
_SEPARATORS = {"space": " ", "newline": "\n", "os": os.pathsep, ":": ":", ";": ";"}
_LEGACY_SEPARATOR = re.compile(r", *| +")
"""Without `path_separator`."""


@dataclass(frozen=True, slots=True)
class ConfiguredLocations:
    """Absolute directories in the order of the configuration, and whether those below them count."""

    directories: tuple[Path, ...]
    recursive: bool


def read_configured_locations(files: Sequence[str], section: str) -> ConfiguredLocations | None:
    """The locations that the configuration `files` name, as given with `-c`, in a section of the ini file.

    `None` where only Alembic could tell: no configuration, one that cannot be read, or a package
    in the place of a directory.
    """
    try:
        return _locations(_Options.read(files, section))
    except (configparser.Error, OSError, ValueError, KeyError, TypeError):
        return None


def _locations(options: _Options) -> ConfiguredLocations | None:
    directories = options.paths("version_locations") or [f"{options.text('script_location')}/versions"]
    if any(":" in path and not Path(path).is_absolute() for path in directories):
        return None
    recursive = options.get("recursive_version_locations") in ("true", True)
    return ConfiguredLocations(tuple(Path(path).absolute() for path in directories), recursive)


class _Options:
    """The ini file's section, and where that lacks a name, `[tool.alembic]` of pyproject.toml."""

    def __init__(self, parser: configparser.ConfigParser, section: str, toml: dict[str, Any], here: str) -> None:
        self._parser = parser
        self._section = section
        self._toml = toml
        self._here = here

    @classmethod
    def read(cls, files: Sequence[str], section: str) -> _Options:
        variable = os.environ.get("ALEMBIC_CONFIG")
        named = {
            Path(name).name == _TOML: Path(name).absolute() for name in (*([variable] if variable else []), *files)
        }
        ini, toml = named.get(False, Path("alembic.ini").absolute()), named.get(True, Path(_TOML).absolute())
        parser = configparser.ConfigParser({"here": ini.parent.as_posix()})
        parser.read(ini)
        return cls(parser, section, _read_toml(toml), toml.parent.as_posix())

    def get(self, name: str) -> Any:
        if self._parser.has_option(self._section, name):
            return self._parser.get(self._section, name)
        return self._toml.get(name)

    def text(self, name: str) -> str:
        value = self.get(name)
        if not isinstance(value, str):
            raise KeyError(name)
        return value if self._parser.has_option(self._section, name) else value % {"here": self._here}

    def paths(self, name: str) -> list[str]:
        if self._parser.get(self._section, name, fallback=""):
            text, separator = self.text(name), self._separator()
            parts = _LEGACY_SEPARATOR.split(text) if separator is None else text.split(separator)
            return [part.strip() for part in parts if part]
        return [path % {"here": self._here} for path in self._toml.get(name, ())]

    def _separator(self) -> str | None:
        for name in ("path_separator", "version_path_separator"):
            if self._parser.has_option(self._section, name):
                return _SEPARATORS[self._parser.get(self._section, name)]
        return None


def _read_toml(path: Path) -> dict[str, Any]:
    """The table `[tool.alembic]`; most projects that have the file have none."""
    source = path.read_bytes() if path.exists() else b""
    if b"alembic" not in source:
        return {}
    try:
        import tomllib  # costs 15 ms  # noqa: PLC0415
    except ImportError:
        import tomli as tomllib  # type: ignore[no-redef,import-not-found,unused-ignore]  # Alembic needs it on 3.10  # noqa: PLC0415
    table = tomllib.loads(source.decode()).get("tool", {}).get("alembic", {})
    return table if isinstance(table, dict) else {}
