"""A whole database as SQL statements that make it anew: its schema, and the rows that are in it."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sqlalchemy import Connection

_FIRST_OBJECT = "\n--\n-- Name:"
_FOR_ITS_CLIENT = re.compile(r"\n\\unrestrict \w+\n*\Z")
_SECONDS = 600


def dump(connection: Connection, without: Collection[str]) -> tuple[str, ...]:
    """The statements, in an order in which they run on an empty database; not the tables named in `without`.

    Raises `GitlembicError` where the kind of database, or the program that it needs, is not there.
    """
    dialect = connection.dialect.name
    if dialect == "sqlite":
        return tuple(_dump_sqlite(connection, without))
    if dialect == "postgresql":
        return (_dump_postgresql(connection, without),)
    raise GitlembicError(
        f"--as sql writes dumps of SQLite and PostgreSQL, and this is {dialect}",
        "leave it out: the default keeps the originals and runs anywhere",
    )


def _dump_sqlite(connection: Connection, without: Collection[str]) -> Iterator[str]:
    database = connection.connection.driver_connection
    assert database is not None  # noqa: S101 -- it is connected
    names = "|".join(re.escape(name) for name in without) or "(?!)"
    left_out = re.compile(rf'(?:CREATE TABLE|INSERT INTO|CREATE (?:UNIQUE )?INDEX \S+ ON) "?(?:{names})"?(?=[ (])')
    for statement in database.iterdump():
        if statement not in {"BEGIN TRANSACTION;", "COMMIT;"} and not left_out.match(statement):
            yield statement


def _dump_postgresql(connection: Connection, without: Collection[str]) -> str:
    """By pg_dump, one text, without the settings at its beginning and what it says to its own client."""
    program = shutil.which("pg_dump")
    if program is None:
        raise GitlembicError("--as sql needs pg_dump, which is not installed", "install PostgreSQL's client programs")
    url = connection.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    command = [program, "--no-owner", "--inserts", *(f'--exclude-table="{name}"' for name in without), url]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS)  # noqa: S603 -- found above
    if done.returncode:
        raise GitlembicError(
            f"pg_dump stopped: {done.stderr.strip().partition(chr(10))[0]}",
            "its version has to be that of the server, or newer",
        )
    _settings, _, objects = done.stdout.partition(_FIRST_OBJECT)
    return "-- Name:" + _FOR_ITS_CLIENT.sub("", objects).rstrip() + "\n" if objects else ""
