"""Migrations that are on no disk, as Alembic's scripts."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.stored_scripts import StoredFile, read_stored_scripts
from gitlembic.core.chain import Link
from gitlembic.core.migration import Migration, PlacedMigration
from gitlembic.core.migration_source import parse_migration
from gitlembic.errors import BrokenInputError, CannotTellError
from tests.support.migrations import DYNAMIC, migration_source

if TYPE_CHECKING:
    from alembic.script import Script

    from gitlembic.core.migration import RevisionId

SHOWN = "18bf9bef1:versions/b.py"


def _script(source: str, *parents: str, imported: list[str] | None = None) -> Script:
    parsed = parse_migration(source.encode())
    assert isinstance(parsed, Migration)
    link = Link(PlacedMigration("versions/b.py", parsed), tuple(map(_id, parents)))
    files = {parsed.revision: StoredFile(source.encode(), "/work/versions/b.py", SHOWN)}
    seen = [] if imported is None else imported
    (script,) = read_stored_scripts([link], files, lambda: seen.append("imported"))
    return script


def _id(text: str) -> RevisionId:
    return text  # type: ignore[return-value]


def test_it_is_executed_when_somebody_looks_at_its_module() -> None:
    imported: list[str] = []
    script = _script(migration_source("b", "a"), "a", imported=imported)
    assert (script.revision, script.down_revision, script.path, imported) == ("b", "a", SHOWN, [])
    assert script.module.__file__ == "/work/versions/b.py"
    assert callable(script.module.downgrade)
    assert imported == ["imported"]


def test_a_dynamic_one_has_the_parent_of_its_chain() -> None:
    script = _script(migration_source("b", DYNAMIC), "x")
    assert (script.down_revision, script.module.down_revision) == ("x", "x")
    assert _script(migration_source("b", DYNAMIC)).module.down_revision is None


def test_one_whose_labels_only_running_it_tells_is_executed_at_once() -> None:
    imported: list[str] = []
    source = migration_source("b", DYNAMIC).replace("branch_labels = None", "branch_labels = tuple(['side'])")
    script = _script(source, "x", imported=imported)
    assert imported == ["imported"]
    assert (script.branch_labels, script.down_revision) == ({"side"}, "x")


def test_one_without_a_down_revision_is_a_base() -> None:
    script = _script('revision = "b"\nbranch_labels = str()\ndef upgrade(): pass\n')
    assert script.module.down_revision is None


def test_a_traceback_shows_its_lines() -> None:
    script = _script(migration_source("b", "a", body="    raise RuntimeError('here')"), "a")
    with pytest.raises(RuntimeError) as raised:
        script.module.upgrade()
    shown = "".join(traceback.format_exception(raised.value))
    assert f'File "{SHOWN}", line ' in shown
    assert "    raise RuntimeError('here')\n" in shown


def test_what_it_cannot_import_is_said_with_the_commit() -> None:
    script = _script("import no_such_module_anywhere\n" + migration_source("b", "a"), "a")
    with pytest.raises(BrokenInputError) as raised:
        _ = script.module
    assert raised.value.message.startswith(f"cannot import {SHOWN}: ModuleNotFoundError: ")
    assert "`git worktree add`" in raised.value.hint


def test_an_error_of_gitlembic_stays_what_it_is() -> None:
    source = (
        "from gitlembic.errors import CannotTellError\n" + migration_source("b", "a") + "raise CannotTellError('x')\n"
    )
    with pytest.raises(CannotTellError, match="x"):
        _ = _script(source, "a").module
