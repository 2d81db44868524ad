"""New migrations of a template that `adopt` patched, made by program: as asked, dynamic where that is the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from alembic import command
from alembic.config import Config

from tests.support.projects import ADA, BASE, GRACE, LOCATION, Project, succeed, table_migration, two_branches

if TYPE_CHECKING:
    from tests.support.repositories import RepositoryBuilder

BILLING = "migrations/billing"


@pytest.fixture
def project(repository: RepositoryBuilder) -> Project:
    project = two_branches(repository)
    project.write({"migrations/script.py.mako": succeed(project.gitlembic("adopt", "--print"))})
    return project


def _declared(project: Project, name: str, location: str = LOCATION) -> str:
    (path,) = (project.root / location).glob(f"{name}*.py")
    (line,) = (line for line in path.read_text().splitlines() if line.startswith("down_revision"))
    return line.partition(" = ")[2]


def test_head_and_splice_given_by_program_are_obeyed(project: Project) -> None:
    configured = Config(project.root / "alembic.ini")
    command.revision(configured, rev_id="1111", head=ADA, splice=True)
    command.revision(configured, rev_id="2222", head=GRACE)
    command.merge(configured, "heads", rev_id="3333")
    command.revision(configured, rev_id="4444")
    command.revision(configured, rev_id="5555")
    assert {name: _declared(project, name) for name in ("1111", "2222", "4444", "5555")} == {
        "1111": f"'{ADA}'",
        "2222": "get_down_revision(revision)",
        "4444": "get_down_revision(revision)",
        "5555": "get_down_revision(revision)",
    }
    assert succeed(project.alembic("heads")) == succeed(project.gitlembic("heads")) == "5555 (head)\n"


def test_flask_migrate_obeys_its_options(project: Project) -> None:
    app = (
        "from flask import Flask\nfrom flask_migrate import Migrate\nfrom flask_sqlalchemy import SQLAlchemy\n"
        "app = Flask(__name__)\napp.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite://'\nMigrate(app, SQLAlchemy(app))\n"
    )
    files = {"app.py": app, "migrations/alembic.ini": (project.root / "alembic.ini").read_text()}
    project.write(files)
    succeed(project.run("-m", "flask", "db", "revision", "--rev-id", "1111", "--head", ADA, "--splice"))
    succeed(project.run("-m", "flask", "db", "revision", "--rev-id", "2222", "--head", GRACE))
    assert _declared(project, "1111") == f"'{ADA}'"
    assert _declared(project, "2222") == "get_down_revision(revision)"


def test_another_location_is_literal_where_its_chain_is_another(repository: RepositoryBuilder) -> None:
    """In a location that holds nothing yet it joins the chain; in one with a chain of its own it cannot."""
    project = two_branches(repository)
    empty, full = "migrations/empty", BILLING
    ini = (project.root / "alembic.ini").read_text()
    locations = f"version_locations = %(here)s/{LOCATION};%(here)s/{empty};%(here)s/{full}\n"
    project.write({"alembic.ini": ini.replace("path_separator = os\n", f"path_separator = ;\n{locations}")})
    project.write(table_migration("b1", "bills", None, revises="", location=full, create_date="2026-01-01"))
    project.write({"migrations/script.py.mako": succeed(project.gitlembic("adopt", "--print"))})
    where = {"1111": empty, "2222": full}
    for name, location in where.items():
        arguments = ("--rev-id", name, "--head", f"{GRACE if name == '1111' else '1111'}", "--version-path", location)
        succeed(project.gitlembic("revision", *arguments))
    assert _declared(project, "1111", empty) == "get_down_revision(revision)"
    assert _declared(project, "2222", full) == "'1111'"
    assert BASE in succeed(project.gitlembic("history"))
