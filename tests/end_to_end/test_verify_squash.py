"""A squash is compared with its originals on scratch databases, and no other database is touched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.commands.squash import plan_squash
from gitlembic.commands.verify_squash import verify
from tests.support.databases import table_names
from tests.support.projects import configuration, two_branches

if TYPE_CHECKING:
    from sqlalchemy import URL

    from gitlembic.squash.schema_diff import Verdict
    from tests.support.repositories import RepositoryBuilder

ENVIRONMENTS = {
    "plain": """
with engine_from(url).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
""",
}


@pytest.fixture(autouse=True)
def inside(repository: RepositoryBuilder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository.root)


def check(repository: RepositoryBuilder, url: URL | str, server: str | None = None, **files: str) -> Verdict:
    two_branches(repository, url, files={**configuration(url), **files})
    options = ("-c", str(repository.root / "alembic.ini"))
    planned = plan_squash(options, "head", message=None, prune=False)
    return verify(options, planned, server)


def test_equal(repository: RepositoryBuilder, sqlite: URL) -> None:
    verdict = check(repository, sqlite)
    assert verdict.is_equal
    assert verdict.counts["table"] == 4
    assert table_names(sqlite) == set()
