"""Alembic's configuration -> the directories of migrations of a project.

Alembic itself reads the configuration, so that what it means is never interpreted twice.
"""

from __future__ import annotations

import configparser
import contextlib
import functools
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from alembic.config import CommandLine, Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from gitlembic.adapters.nearby_configuration import commands_nearby
from gitlembic.adapters.project import Project as Project  # noqa: PLC0414 -- for those who have Alembic anyway
from gitlembic.core.explanation import Explanation
from gitlembic.core.listing import first_of
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator, Sequence

_SHOWN = 3
TEMPLATE_NAME = "script.py.mako"


def load_project(arguments: Sequence[str]) -> Project:
    """The project that Alembic's global options (`-c`, `-n`, `-x`) choose."""
    return project_of(*load_script(arguments))


def template_path(arguments: Sequence[str]) -> Path:
    """The `script.py.mako` from which that project's new migrations are made."""
    return Path(load_script(arguments)[0].dir, TEMPLATE_NAME)


def configuration_files(arguments: Sequence[str]) -> tuple[Path, Path]:
    """The ini file and the pyproject.toml that Alembic would read; either may be absent."""
    toml, ini = _files(_command_line(), _options(arguments))
    return Path(ini), Path(toml)


def script_sections(arguments: Sequence[str]) -> tuple[str, ...]:
    """The sections of the ini file that name a `script_location` of their own, save the chosen one."""
    ini, _ = configuration_files(arguments)
    parser = configparser.RawConfigParser(default_section="")  # what [DEFAULT] names is no section's own
    try:
        parser.read(ini, encoding="utf-8")
    except (OSError, ValueError, configparser.Error):  # which Alembic reports itself
        return ()
    chosen = _options(arguments).name
    return tuple(
        name
        for name in parser.sections()
        if name not in {chosen, "DEFAULT"} and parser.has_option(name, "script_location")
    )


def options_of_section(arguments: Sequence[str], section: str) -> tuple[str, ...]:
    """The options that choose another section of the same configuration."""
    options = _options(arguments)
    files = [part for name in options.config or () for part in ("-c", name)]
    return (*files, "-n", section)


@functools.cache
def _command_line() -> CommandLine:
    """Which takes as long to make as reading a project of a hundred migrations."""
    return CommandLine(prog="gitlembic")


def _options(arguments: Sequence[str]) -> Namespace:
    return _command_line().parser.parse_args([*arguments, "heads"])


def load_script(arguments: Sequence[str]) -> tuple[ScriptDirectory, Config]:
    """The script directory and the configuration that Alembic's global options choose."""
    options = _options(arguments)
    try:
        config = configuration(_command_line(), options)
        check_configuration(config)
        with refusing_bad_settings(config):
            return ScriptDirectory.from_config(config), config
    except CommandError as error:
        for name in options.config or ():
            if not Path(name).exists():
                hint = _one_nearby() or "name the configuration: `gitlembic -c FILE ...`"
                raise BrokenInputError(f"{name} does not exist", hint) from error
        missing = explain_missing_location(config)
        raise BrokenInputError("\n".join((str(error), *missing.facts)), missing.hint) from error


def explain_missing_location(config: Config) -> Explanation:
    """What a configuration has instead of a `script_location`."""
    section = config.config_ini_section
    ini = config.config_file_name
    if ini is None or not Path(ini).exists():
        toml = config.toml_file_name
        hint = _one_nearby() or "run this where the project's configuration is, or name it: `gitlembic -c FILE ...`"
        if toml is not None and Path(toml).exists():
            return Explanation((f"There is no {ini}, and {toml} has no script_location in [tool.alembic].",), hint)
        return Explanation((f"There is neither {ini} nor {toml}.",), hint)
    others = [name for name in config.file_config.sections() if config.file_config.has_option(name, "script_location")]
    if others and not config.file_config.has_section(section):
        listed = ", ".join(f"[{name}]" for name in others)
        return Explanation(
            (f"{ini} has no section [{section}]; a script_location is in {listed}.",),
            f"choose that one: `gitlembic -n {shlex.quote(others[0])} ...`",
        )
    return Explanation(
        (),
        f"give it a `script_location` in the section [{section}] of {ini} "
        "(with Flask-Migrate, `script_location = %(here)s` in migrations/alembic.ini)",
    )


def _one_nearby() -> str:
    """How to use a configuration that is near; empty without one."""
    commands = commands_nearby(Path.cwd())
    return f"there is one nearby: {first_of(commands, _SHOWN)}" if commands else ""


def configuration(command_line: CommandLine, options: Namespace) -> Config:
    """As Alembic's command line makes it of its options."""
    toml, ini = _files(command_line, options)
    return Config(file_=ini, toml_file=toml, ini_section=options.name, cmd_opts=options)


def _files(command_line: CommandLine, options: Namespace) -> tuple[str, str]:
    try:
        return command_line._inis_from_config(options)  # noqa: SLF001 -- nothing public chooses the files
    except CommandError as error:
        raise BrokenInputError(
            str(error), "name one of each: `gitlembic -c alembic.ini -c pyproject.toml ...`"
        ) from error


@contextlib.contextmanager
def refusing_bad_settings(config: Config) -> Iterator[None]:
    """Say in words what Alembic stumbles over when it makes a script directory of a configuration."""
    try:
        yield
    except (ImportError, KeyError, TypeError, ValueError) as error:  # an unknown package, a bad path_separator
        files = [name for name in (config.config_file_name, config.toml_file_name) if name and Path(name).exists()]
        raise BrokenInputError(
            f"cannot use the settings in {' and '.join(map(str, files))}: {_one_line(error)}",
            f"mend {files[0] if files else 'them'}",
        ) from error


def check_configuration(config: Config) -> None:
    """Refuse configuration files that cannot be read, naming them."""
    try:
        _ = config.file_config
    except (configparser.Error, UnicodeDecodeError, OSError) as error:
        raise BrokenInputError(
            f"cannot read {config.config_file_name}: {_one_line(error)}", f"mend {config.config_file_name}"
        ) from error
    try:
        _ = config.toml_alembic_config
    except (ValueError, OSError) as error:  # TOMLDecodeError is a ValueError
        raise BrokenInputError(
            f"cannot read {config.toml_file_name}: {_one_line(error)}", f"mend {config.toml_file_name}"
        ) from error
    try:
        config.get_alembic_option("script_location")
        config.get_alembic_option("version_locations")
    except (configparser.Error, ValueError, KeyError, TypeError) as error:  # a bad % in its value
        files = f"{config.config_file_name} or {config.toml_file_name}"
        raise BrokenInputError(
            f"cannot read the locations in {files}: {_one_line(error)}", "a percent sign is written %%"
        ) from error


def project_of(script: ScriptDirectory, config: Config | None = None) -> Project:
    """The directories that a script directory of Alembic loads from."""
    files = [config.config_file_name, config.toml_file_name] if config is not None else []
    existing = [Path(name).absolute().parent for name in files if name is not None and Path(name).exists()]
    return Project(
        directory=existing[0] if existing else Path(script.dir).absolute().parent,
        locations=tuple(Path(location) for location in script._version_locations),  # noqa: SLF001 -- as Alembic loads
        recursive=bool(script.recursive_version_locations),
        sourceless=bool(script.sourceless),
    )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
