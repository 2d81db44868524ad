"""Scratch databases are made, prove to be what they are, and are dropped whatever happens."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import create_engine
from sqlalchemy.engine import URL
from sqlalchemy.pool import NullPool

from gitlembic.adapters.scratch_database import PREFIX, ask, family_of, find_scratch, scratch_server
from gitlembic.errors import GitlembicError
from tests.support.databases import POSTGRES_DRIVER, database_names

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(params=["postgres_server", "mysql_server"])
def server(request: pytest.FixtureRequest) -> URL:
    found = request.getfixturevalue(request.param)
    assert isinstance(found, URL)
    return found


@contextlib.contextmanager
def scratch(server: URL | str) -> Iterator[URL]:
    text = server if isinstance(server, str) else server.render_as_string(hide_password=False)
    with scratch_server(text, None) as found, found.database() as url:
        yield url


def test_it_is_dropped(server: URL) -> None:
    with scratch(server) as url:
        assert url.database in database_names(server)
    assert url.database not in database_names(server)


def test_it_is_dropped_after_an_error_while_somebody_is_connected(server: URL) -> None:
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(KeyboardInterrupt), scratch(server) as url:
            connection = stack.enter_context(create_engine(url, poolclass=NullPool).connect())
            connection.exec_driver_sql("SELECT 1")
            stack.callback(connection.invalidate)
            raise KeyboardInterrupt
        assert url.database not in database_names(server)


def test_files_are_removed() -> None:
    with scratch("sqlite://") as url:
        ask(url, lambda connection: connection.exec_driver_sql("CREATE TABLE t (id INTEGER)"))
        assert Path(str(url.database)).exists()
    assert not Path(str(url.database)).parent.exists()


def test_a_connection_proves_to_be_one_to_it(server: URL) -> None:
    for place, other in ((server, server), ("sqlite://", make("sqlite://"))):
        with scratch(place) as url:
            name = str(url.database)
            assert ask(url, lambda connection, name=name: find_scratch(connection, ("x", name))) == name  # type: ignore[misc]
            assert ask(other, lambda connection, name=name: find_scratch(connection, (name,))) is None  # type: ignore[misc]


def make(text: str) -> URL:
    return create_engine(text).url


def test_an_asynchronous_driver_can_be_asked() -> None:
    with scratch("sqlite+aiosqlite://") as url:
        assert ask(url, lambda connection: connection.exec_driver_sql("SELECT 1").scalar()) == 1


@pytest.mark.parametrize(
    ("configured", "driver"),
    [
        ("sqlite+aiosqlite:///shop", "sqlite+aiosqlite"),
        ("driver://", "sqlite"),
        ("mysql+pymysql://host/shop", "sqlite"),
    ],
)
def test_the_driver_is_the_configured_one_where_it_can_be(configured: str, driver: str) -> None:
    with scratch_server(None, configured) as found:
        assert found.url.drivername == driver


@pytest.mark.parametrize("named", ["oracle://scott:tiger@host", "ada:tiger@host", "nobody://ada:tiger@host"])
def test_what_is_no_server(named: str) -> None:
    with pytest.raises(GitlembicError) as caught, scratch_server(named, None):
        pass
    assert "tiger" not in caught.value.message


def test_a_server_that_does_not_answer() -> None:
    nowhere = scratch(f"postgresql+{POSTGRES_DRIVER}://ada:secret@127.0.0.1:1/x")
    with pytest.raises(GitlembicError, match="cannot make a scratch database on ") as caught, nowhere:
        pass
    assert "secret" not in caught.value.message


def test_mariadb_is_of_mysqls_family() -> None:
    assert [family_of(one) for one in ("mariadb+pymysql://h", "mysql://h", "nonsense", "postgresql://h")] == [
        "mysql",
        "mysql",
        "",
        "postgresql",
    ]


def test_their_names_say_whose_they_are() -> None:
    with scratch("sqlite://") as url:
        assert Path(str(url.database)).name.startswith(PREFIX)
