"""Asks a database where it stands, with a connection of its own, after env.py has lost or closed its."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

from sqlalchemy import column, inspect, select, table

if TYPE_CHECKING:
    from sqlalchemy import Engine

_SECONDS = 3.0
"""A server that somebody has killed needs a moment; whoever waits for a message does not want to wait longer."""

_PAUSE = 0.2


def read_heads(engine: Engine, version_table: str, schema: str | None) -> frozenset[str] | str:
    """The heads in the table of versions; where they cannot be read within seconds, why."""
    answers: list[frozenset[str] | str] = ["it does not answer"]
    asking = threading.Thread(
        target=_ask, args=(engine, version_table, schema, answers), daemon=True
    )  # a dead host may take long
    asking.start()
    asking.join(_SECONDS + 1)
    return answers[-1]


def _ask(engine: Engine, name: str, schema: str | None, answers: list[frozenset[str] | str]) -> None:
    engine.dispose(close=False)  # the pool's connections may be dead, and belong to another thread or loop
    until = time.monotonic() + _SECONDS
    while True:
        try:
            answers.append(_heads(engine, name, schema))
        except Exception as error:  # noqa: BLE001 -- of any driver, and this comes after an error already
            answers.append(_reason(getattr(error, "orig", error)))
            if time.monotonic() < until:
                time.sleep(_PAUSE)
                continue
        return


def _reason(error: BaseException) -> str:
    """What a driver says, on one line; some give a number before."""
    said = error.args[-1] if error.args else ""
    return str(said).strip().partition("\n")[0] or type(error).__name__


def _heads(engine: Engine, name: str, schema: str | None) -> frozenset[str]:
    versions = table(name, column("version_num"), schema=schema)

    def read() -> frozenset[str]:
        with engine.connect() as connection:
            if not inspect(connection).has_table(name, schema=schema):
                return frozenset()
            return frozenset(connection.execute(select(versions.c.version_num)).scalars())

    if not engine.dialect.is_async:
        return read()
    from sqlalchemy.util import greenlet_spawn  # needs a library that others do not  # noqa: PLC0415

    return asyncio.run(greenlet_spawn(read))
