"""Where there is no configuration, the one that is near is named, with the command that uses it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.nearby_configuration import commands_nearby
from tests.support.projects import Project, succeed

if TYPE_CHECKING:
    from pathlib import Path

_INI = "[alembic]\nscript_location = {}\n"
_HERE = _INI.format("%(here)s/migrations")


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "commands"),
    [
        ({"backend/alembic.ini": _HERE}, ("`gitlembic -c backend/alembic.ini ...`",)),
        ({"a b/db/alembic.ini": _HERE}, ("`gitlembic -c 'a b/db/alembic.ini' ...`",)),
        (
            {"x/y/alembic.ini": _HERE, "z/pyproject.toml": '[tool.alembic]\nscript_location = "%(here)s/m"\n'},
            ("`gitlembic -c z/pyproject.toml ...`", "`gitlembic -c x/y/alembic.ini ...`"),
        ),
        (
            {"z/pyproject.toml": '[tool.alembic]\nscript_location = "%(here)s/m"\n', "z/alembic.ini": "[alembic]\n"},
            ("`gitlembic -c z/alembic.ini -c z/pyproject.toml ...`",),
        ),
        ({"backend/alembic.ini": _INI.format("migrations")}, ("`cd backend` first",)),
        (
            {"backend/alembic.ini": _INI.format("backend/migrations"), "backend/migrations/env.py": ""},
            ("`gitlembic -c backend/alembic.ini ...`",),
        ),
        ({"backend/alembic.ini": _INI.format("package:migrations")}, ("`gitlembic -c backend/alembic.ini ...`",)),
        ({"m/alembic.ini": "[alembic]\n", "m/env.py": ""}, ("`gitlembic -c m/alembic.ini ...`",)),
        ({"m/alembic.ini": "[alembic]\n"}, ()),
        ({"backend/alembic.ini": "[loggers]\n", "backend/pyproject.toml": "[tool]\nalembic = 3\n"}, ()),
        ({"backend/alembic.ini": "not a configuration", "backend/pyproject.toml": "neither"}, ()),
        ({"a/b/c/alembic.ini": _HERE, "node_modules/alembic.ini": _HERE, ".venv/alembic.ini": _HERE}, ()),
    ],
)
def test_below(tmp_path: Path, files: dict[str, str], commands: tuple[str, ...]) -> None:
    assert commands_nearby(_write(tmp_path, files)) == commands


def test_above_in_the_repository_only(tmp_path: Path) -> None:
    _write(tmp_path, {"alembic.ini": _HERE, "app/alembic.ini": _HERE, "app/src/shop/a.py": ""})
    assert commands_nearby(tmp_path / "app/src/shop") == ()
    (tmp_path / ".git").mkdir()
    assert commands_nearby(tmp_path / "app/src/shop") == ("`gitlembic -c ../../alembic.ini ...`",)
    assert commands_nearby(tmp_path / "nosuch") == ("`gitlembic -c ../alembic.ini ...`",)


def test_is_told(tmp_path: Path) -> None:
    files = {"pyproject.toml": "[project]\n", "backend/alembic.ini": _HERE, "backend/migrations/versions/.keep": ""}
    project = Project(_write(tmp_path, files))
    hint = "Hint: there is one nearby: `gitlembic -c backend/alembic.ini ...`\n"
    own, alembics, named, mended = project.play(
        "gitlembic", "chain", "heads", "-c nosuch.ini chain", "-c backend/alembic.ini chain"
    )
    assert [done.stderr.endswith(hint) for done in (own, alembics, named)] == [True] * 3
    succeed(mended)
