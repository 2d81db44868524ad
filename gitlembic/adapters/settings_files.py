"""`[tool.gitlembic]` in pyproject.toml, and `[gitlembic]` in alembic.ini (which wins) -> the settings."""

from __future__ import annotations

import configparser
import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from alembic.util.compat import tomllib

from gitlembic.adapters.alembic_project import configuration_files
from gitlembic.core.settings_source import INI_TABLE, TOML_TABLE, with_journal
from gitlembic.errors import BrokenInputError, GitlembicError
from gitlembic.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path


def read_settings(arguments: Sequence[str]) -> Settings:
    """The settings of the project that Alembic's global options choose, from the files that Alembic reads."""
    given: dict[str, Any] = {}
    for path, table in reversed(_tables(arguments)):
        given |= _checked(_parse(_read(path), path, table), table, path)
    return Settings(**{key.replace(".", "_"): value for key, value in given.items()})


def with_journal_switched_on(arguments: Sequence[str]) -> tuple[Path, str, str]:
    """The file that holds the settings, or is to hold them, its text, and the text with `journal = true`.

    Both are the same if the journal is on. Raises `GitlembicError` with the lines to paste where the
    file is written in a way in which the key cannot be set.
    """
    tables = _tables(arguments)
    used = [(path, table) for path, table in tables if _parse(_read(path), path, table)]
    path, table = next(iter(used), next(((path, table) for path, table in tables if path.exists()), tables[0]))
    before = _read(path)
    if read_settings(arguments).journal:
        return path, before, before
    after = with_journal(before, table)
    wanted = {**_parse(before, path, table), "journal": True}
    try:
        found = _parse(after, path, table)
    except BrokenInputError:
        found = {}
    if {**found, "journal": _switch(found.get("journal"))} != wanted:
        raise GitlembicError(
            f"{path} was not changed: it has the settings of gitlembic in a way that is not understood here",
            f"write `journal = true` into [{table}] yourself",
        )
    return path, before, after


def _tables(arguments: Sequence[str]) -> tuple[tuple[Path, str], tuple[Path, str]]:
    """Both files, the one that wins first, and the table of each that is gitlembic's."""
    ini, toml = configuration_files(arguments)
    return (ini, INI_TABLE), (toml, TOML_TABLE)


def _read(path: Path) -> str:
    """The text with the line endings that it has; empty if there is no such file."""
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, ValueError) as error:
        raise BrokenInputError(f"cannot read {path}: {error}", f"mend {path}") from error


def _parse(text: str, path: Path, table: str) -> Mapping[str, object]:
    """The keys of gitlembic's table; none where there is no such table."""
    return _parse_toml(text, path) if table == TOML_TABLE else _parse_ini(text, path)


def _parse_toml(text: str, path: Path) -> Mapping[str, object]:
    try:
        document = tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError is one
        raise BrokenInputError(f"cannot read {path}: {error}", f"mend {path}") from error
    if INI_TABLE in document:
        raise _misplaced(path, INI_TABLE, TOML_TABLE)
    table = document.get("tool", {}).get("gitlembic", {})
    if not isinstance(table, dict):
        raise BrokenInputError(f"tool.gitlembic in {path} is not a table", 'write [tool.gitlembic], then key = "value"')
    return dict(_dotted(table))


def _dotted(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    """The keys of tables in a table, as they are written on one line: `doctor.ignore`."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _dotted(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _parse_ini(text: str, path: Path) -> Mapping[str, object]:
    parser = configparser.RawConfigParser(default_section="")  # a key of [DEFAULT] is none of ours
    try:
        parser.read_string(text, source=str(path))
    except configparser.Error as error:
        raise BrokenInputError(f"cannot read {path}: {' '.join(str(error).split())}", f"mend {path}") from error
    if parser.has_section(TOML_TABLE):
        raise _misplaced(path, TOML_TABLE, INI_TABLE)
    return dict(parser[INI_TABLE]) if parser.has_section(INI_TABLE) else {}


def _misplaced(path: Path, table: str, meant: str) -> BrokenInputError:
    return BrokenInputError(f"{path} has a table [{table}], which is not read there", f"call it [{meant}]")


def _checked(values: Mapping[str, object], table: str, path: Path) -> dict[str, Any]:
    place = f"[{table}] in {path}"
    checked = {}
    for key, value in values.items():
        if key not in _KEYS:
            near = get_close_matches(key.lower().replace("-", "_"), _KEYS, n=1)
            meant = f"did you mean {near[0]}? " if near else ""
            raise BrokenInputError(
                f"{place} has the unknown key {key!r}", f"{meant}The known ones: {', '.join(_KEYS)}".strip()
            )
        known = _KEYS[key]
        checked[key] = known.read(value)
        if checked[key] is None:
            example = known.in_toml if table == TOML_TABLE else known.in_ini
            raise BrokenInputError(
                f"{key} of {place} is {value!r}, and has to be {known.wanted}", f"for example `{key} = {example}`"
            )
    return checked


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _switch(value: object) -> bool | None:
    """True or false, or one of the words that an ini file has for them."""
    if isinstance(value, str):
        return configparser.RawConfigParser.BOOLEAN_STATES.get(value.lower())
    return value if isinstance(value, bool) else None


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if 0 <= seconds < math.inf else None


def _words(value: object) -> tuple[str, ...] | None:
    """A list of texts, or one text with commas, blanks or newlines between them, as in an ini file."""
    if isinstance(value, str):
        return tuple(word for word in re.split(r"[,\s]+", value) if word) or None
    if isinstance(value, list) and all(isinstance(word, str) and word for word in value):
        return tuple(value) or None
    return None


class _Key(NamedTuple):
    """What a value has to be, how it is read (`None` if it is not that), and one in the spelling of either file."""

    wanted: str
    read: Callable[[object], object]
    in_toml: str
    in_ini: str


_KEYS: Mapping[str, _Key] = {
    "mainline": _Key("a text that is not empty", _text, '"main"', "main"),
    "doctor.ignore": _Key("a list of codes that is not empty", _words, '["GL203"]', "GL203"),
    "lock": _Key("true or false", _switch, "true", "true"),
    "lock_timeout": _Key("a number of seconds", _seconds, "60", "60"),
    "journal": _Key("true or false", _switch, "true", "true"),
}
