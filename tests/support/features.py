"""A branch whose migrations have run on a database, while main is checked out, which lacks them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.databases import table_names
from tests.support.projects import ADA, BASE, Project, configuration, succeed, table_migration

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import URL

    from tests.support.repositories import RepositoryBuilder

F1, F2 = "feed00000001", "feed00000002"
JOURNAL = "[gitlembic]\njournal = true\n"


def run_feature(
    repository: RepositoryBuilder, url: URL, *, second: Mapping[str, str] | None = None, options: str = ""
) -> Project:
    """Main with two migrations, and a branch off the first with two of its own; the branch's have run.

    base --- ada             main, checked out
         \\
          f1 --- f2          feature, of which `second` are the files of f2
    """
    start = {**configuration(url, options=options), **table_migration(BASE, "users", None, revises="")}
    repository.commit("base", [], start)
    repository.commit("ada", ["base"], table_migration(ADA, "orders"))
    repository.commit("f1", ["base"], table_migration(F1, "first"))
    repository.commit("f2", ["f1"], table_migration(F2, "second") if second is None else second)
    repository.branch("feature", "f2")
    project = Project(repository.root)
    repository.checkout("f2", "feature")
    succeed(project.gitlembic("upgrade", "head"))
    repository.checkout("ada")
    return project


def tables_of(url: URL) -> set[str]:
    """The tables of a database, without that of the journal."""
    return table_names(url) - {"alembic_version_journal"}
