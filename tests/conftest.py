"""What tests ask for by name: repositories and databases that are gone afterwards."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings
from sqlalchemy.engine import URL

from tests.support import databases
from tests.support.repositories import RepositoryBuilder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# A busy machine proves nothing: what is slow is found by benchmarks.
settings.register_profile("no deadline", settings.default, deadline=None)
settings.load_profile("no deadline")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of what git itself makes are skipped where there is no git; everything else runs without."""
    if shutil.which("git") is None:
        for item in items:
            if item.get_closest_marker("needs_git"):
                item.add_marker(pytest.mark.skip(reason="there is no git on PATH"))


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[RepositoryBuilder]:
    """An empty repository."""
    with closing(RepositoryBuilder(tmp_path / "project")) as builder:
        yield builder


@pytest.fixture
def sqlite(tmp_path: Path) -> URL:
    """An SQLite database beside the project, not in it."""
    return URL.create("sqlite", database=os.fspath(tmp_path / "database.sqlite"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[URL]:
    with databases.postgres_server() as server:
        yield server


@pytest.fixture
def postgres(postgres_server: URL) -> Iterator[URL]:
    """A PostgreSQL database of the test's own."""
    with databases.own_database(postgres_server) as url:
        yield url


@pytest.fixture(scope="session")
def mysql_server() -> URL:
    server = databases.find_mysql_server()
    if server is None:
        message = f"no MariaDB or MySQL answers; {databases.MYSQL_VARIABLE} names one"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return server


@pytest.fixture
def mysql(mysql_server: URL) -> Iterator[URL]:
    """A MariaDB or MySQL database of the test's own."""
    with databases.own_database(mysql_server) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> URL:
    """A database, once on each server that is always there."""
    return _database(request)


@pytest.fixture(params=["sqlite", "postgres", "mysql"])
def any_database(request: pytest.FixtureRequest) -> URL:
    """A database, once on each server that there is."""
    return _database(request)


def _database(request: pytest.FixtureRequest) -> URL:
    url = request.getfixturevalue(request.param)
    assert isinstance(url, URL)
    return url
