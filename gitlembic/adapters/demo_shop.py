"""The demo's projects: a small shop in repositories of dulwich's, and the commands that are run there."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

from dulwich.index import commit_tree
from dulwich.objects import Blob, Commit
from dulwich.refs import Ref
from dulwich.repo import Repo

from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from dulwich.objects import ObjectID

_CONFIGURATION = """\
[alembic]
script_location = %(here)s/migrations
"""

_ENVIRONMENT = """\
import logging
from alembic import context
from sqlalchemy import create_engine

logging.basicConfig(format="%(message)s")
logging.getLogger("alembic.runtime.migration").setLevel(logging.INFO)
logging.getLogger("alembic.util.messaging").propagate = False
logging.getLogger("alembic.util.messaging").addHandler(logging.NullHandler())

with create_engine("sqlite:///shop.db").connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""

_MIGRATION = '''\
"""create {table}

Revision ID: {revision}
Revises: {revises}
"""
from alembic import op
import sqlalchemy as sa
from gitlembic import get_down_revision

revision = "{revision}"
down_revision = {down_revision}


def upgrade():
    op.create_table("{table}", sa.Column("id", sa.Integer, primary_key=True))


def downgrade():
    op.drop_table("{table}")
'''

BASE, ADA, GRACE = "ba5e00000001", "ada000000002", "97ace0000003"
_NOISE = ("Context impl", "Will assume")
_MISLEADING = frozenset({"ALEMBIC_CONFIG", "GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR"})
_SECONDS = 60
_WIDTH = 110


def make_repository(root: Path, down_revision: str) -> None:
    """Two branches with a migration each, merged and checked out; the migrations' down_revision is given as source."""
    files = {"alembic.ini": _CONFIGURATION, "migrations/env.py": _ENVIRONMENT, **_migration(BASE, "users", "None")}
    ada = _migration(ADA, "orders", down_revision)
    grace = _migration(GRACE, "prices", down_revision)
    (root / "migrations" / "versions").mkdir(parents=True)
    with Repo.init(os.fspath(root), default_branch=b"main") as repository:
        base = _commit(repository, "Ada", files)
        on_main = _commit(repository, "Ada", files | ada, base)
        on_branch = _commit(repository, "Grace", files | grace, base)
        merge = _commit(repository, "Grace", files | ada | grace, on_main, on_branch)
        repository.refs[Ref(b"refs/heads/main")] = merge
        repository.refs.set_symbolic_ref(Ref(b"HEAD"), Ref(b"refs/heads/main"))
    for path, text in (files | ada | grace).items():
        (root / path).write_text(text, encoding="utf-8", newline="\n")


def _migration(revision: str, table: str, down_revision: str) -> dict[str, str]:
    revises = "" if revision == BASE else BASE
    text = _MIGRATION.format(revision=revision, table=table, revises=revises, down_revision=down_revision)
    return {f"migrations/versions/{revision}_create_{table}.py": text}


def _commit(repository: Repo, author: str, files: Mapping[str, str], *parents: ObjectID) -> ObjectID:
    """A commit as plain objects, so that nobody's git configuration (signing, hooks) takes part."""
    blobs = {path: Blob.from_string(text.encode()) for path, text in files.items()}
    for blob in blobs.values():
        repository.object_store.add_object(blob)
    commit = Commit()
    commit.tree = commit_tree(
        repository.object_store, [(path.encode(), blob.id, 0o100644) for path, blob in blobs.items()]
    )
    commit.parents = list(parents)
    commit.author = commit.committer = f"{author} <{author.lower()}@example.org>".encode()
    commit.author_time = commit.commit_time = 1_767_225_600
    commit.author_timezone = commit.commit_timezone = 0
    commit.message = b"demo"
    repository.object_store.add_object(commit)
    return commit.id


def run_command(root: Path, program: str, *arguments: str, succeeds: bool = True) -> str:
    """The command as one would type it, and what it prints.

    Raises `GitlembicError` if it does not end as it should.
    """
    environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(  # noqa: S603 -- our own commands
        [sys.executable, "-m", program, *arguments],
        cwd=root,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_SECONDS,
        check=False,
        env=environment,
    )
    if (done.returncode == 0) is not succeeds:
        raise GitlembicError(f"`{program} {' '.join(arguments)}` ended with {done.returncode}:\n{done.stderr}")
    lines = [line for line in (done.stderr + done.stdout).splitlines() if not line.startswith(_NOISE)]
    shown = [part for line in lines for part in textwrap.wrap(line, _WIDTH, subsequent_indent="    ") or [""]]
    return textwrap.indent("\n".join((f"$ {program} {' '.join(arguments)}", *shown, "")), "  ")
