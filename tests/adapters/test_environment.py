"""Who watches env.py: told of every `configure`, in order, and put away afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory

from gitlembic.adapters.environment import Watcher, watched_environment

if TYPE_CHECKING:
    from pathlib import Path

    from alembic.runtime.migration import MigrationContext


class _Scribe(Watcher):
    def __init__(self, name: str, told: list[str]) -> None:
        self._name = name
        self._told = told

    def before_configure(self, environment: EnvironmentContext, options: dict[str, Any]) -> None:
        assert isinstance(environment, EnvironmentContext)
        options["version_table"] = options.get("version_table", "t") + self._name
        self._told.append(f"before {self._name}")

    def after_configure(self, environment: EnvironmentContext, migrations: MigrationContext) -> None:
        assert environment.get_context() is migrations
        self._told.append(f"after {self._name} {migrations.version_table}")

    def failed(self, error: BaseException) -> None:
        self._told.append(f"failed {self._name} {type(error).__name__}")

    def after_command(self) -> None:
        self._told.append(f"end {self._name}")
        if self._name == "a":
            raise LookupError


def _environment(tmp_path: Path) -> EnvironmentContext:
    config = Config()
    config.set_main_option("script_location", str(tmp_path))
    return EnvironmentContext(config, ScriptDirectory(str(tmp_path)), as_sql=True)


def test_watchers_are_told_and_may_change_what_env_py_passes(tmp_path: Path) -> None:
    told: list[str] = []
    environment = _environment(tmp_path)
    with pytest.raises(LookupError), watched_environment([_Scribe("a", told), _Scribe("b", told)]):  # noqa: PT012 -- the end raises
        environment.configure(None, "sqlite://", version_table="v")
        environment.configure(dialect_name="sqlite")
    assert told == [
        *("before a", "before b", "after a vab", "after b vab"),
        *("before a", "before b", "after a tab", "after b tab"),
        *("end b", "end a"),
    ]


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    original = EnvironmentContext.configure
    with pytest.raises(ZeroDivisionError), watched_environment([Watcher()]):
        raise ZeroDivisionError
    assert EnvironmentContext.configure is original
    environment = _environment(tmp_path)
    with watched_environment(()):
        environment.configure(dialect_name="sqlite")
    assert environment.get_context().version_table == "alembic_version"


def test_of_an_error_they_are_told_before_the_end(tmp_path: Path) -> None:
    told: list[str] = []
    environment = _environment(tmp_path)
    with pytest.raises(SystemExit), watched_environment([_Scribe("b", told), _Scribe("c", told)]):  # noqa: PT012 -- as above
        environment.configure(dialect_name="sqlite")
        raise SystemExit(255)
    assert told[-4:] == ["failed b SystemExit", "failed c SystemExit", "end c", "end b"]
