"""`[tool.gitlembic]` in pyproject.toml, and `[gitlembic]` in alembic.ini (which wins) -> the settings."""

from __future__ import annotations

import configparser
from dataclasses import fields
from typing import TYPE_CHECKING

from alembic.util.compat import tomllib

from gitlembic.adapters.alembic_project import configuration_files
from gitlembic.errors import BrokenInputError
from gitlembic.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

_KEYS = tuple(field.name for field in fields(Settings))


def read_settings(arguments: Sequence[str]) -> Settings:
    """The settings of the project that Alembic's global options choose, from the files that Alembic reads."""
    ini, toml = configuration_files(arguments)
    from_toml = _checked(_read_toml(toml), f"[tool.gitlembic] in {toml}")
    from_ini = _checked(_read_ini(ini), f"[gitlembic] in {ini}")
    return Settings(**{**from_toml, **from_ini})


def _read_toml(path: Path) -> Mapping[str, object]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:  # TOMLDecodeError is a ValueError
        raise BrokenInputError(f"cannot read {path}: {error}", f"mend {path}") from error
    table = document.get("tool", {}).get("gitlembic", {})
    if not isinstance(table, dict):
        raise BrokenInputError(f"tool.gitlembic in {path} is not a table", 'write [tool.gitlembic], then key = "value"')
    return table


def _read_ini(path: Path) -> Mapping[str, object]:
    parser = configparser.RawConfigParser(default_section="")  # a key of [DEFAULT] is none of ours
    try:
        parser.read(path, encoding="utf-8")
    except (OSError, ValueError, configparser.Error) as error:
        raise BrokenInputError(f"cannot read {path}: {' '.join(str(error).split())}", f"mend {path}") from error
    return dict(parser["gitlembic"]) if parser.has_section("gitlembic") else {}


def _checked(values: Mapping[str, object], place: str) -> dict[str, str]:
    known = f"the known ones: {', '.join(_KEYS)}"
    checked = {}
    for key, value in values.items():
        if key not in _KEYS:
            raise BrokenInputError(f"{place} has the unknown key {key!r}", known)
        if not isinstance(value, str) or not value:
            raise BrokenInputError(f"{key} of {place} is {value!r}, and has to be a text that is not empty", known)
        checked[key] = value
    return checked
