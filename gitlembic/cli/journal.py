"""The journal command: what it takes, and how its answer looks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from gitlembic.core.history import SHORT_COMMIT
from gitlembic.core.visible_text import visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.adapters.database_position import DatabaseState
    from gitlembic.core.journal import Entry

_HEADERS = ("When (UTC)", "What", "Revision", "Took", "Commit", "By")


@click.command()
@click.option("--format", "style", type=click.Choice(["table", "json"]), default="table", help="How to print it.")
@click.option("-n", "--max-count", metavar="N", type=click.IntRange(min=1), help="No more than the newest N.")
@click.pass_obj
def journal(options: tuple[str, ...], style: str, max_count: int | None) -> int:
    """Say what ran on this database, when, and by what.

    One line for each step, the oldest first, from the table that `gitlembic upgrade`, `downgrade` and
    `stamp` keep beside alembic_version where the project says `journal = true`. The database is asked
    through env.py, and nothing is written.
    """
    from gitlembic.commands.journal import read_journals  # noqa: PLC0415 -- Alembic is only imported when it is needed

    databases = read_journals(options)
    if style == "json":
        click.echo(json.dumps(_document(databases, max_count), indent=2))
        return 0
    for number, database in enumerate(databases):
        if len(databases) > 1:
            click.echo(f"{chr(10) if number else ''}{visible(database.url)}")
        click.echo(_table(database.journal, max_count))
    return 0


def _newest(entries: Sequence[Entry], count: int | None) -> Sequence[Entry]:
    return entries if count is None else entries[-count:]


def _table(entries: Sequence[Entry], count: int | None) -> str:
    from tabulate import tabulate  # noqa: PLC0415 -- only for tables

    rows = [[visible(cell) for cell in _cells(entry)] for entry in _newest(entries, count)]
    return tabulate(rows, _HEADERS, tablefmt="simple", disable_numparse=True)


def _cells(entry: Entry) -> tuple[str, ...]:
    named = entry.revision
    if named is None:
        stands = ", ".join(sorted(entry.heads)) or "base"
        named = f"{stands} ({len(entry.ran)} taken as run)"
    elif entry.ran:
        named = f"{named} (for {len(entry.ran)} more)"
    return (
        f"{entry.at:%Y-%m-%d %H:%M:%S}" if entry.at else "",
        entry.action.value,
        named,
        f"{entry.duration:.2f} s" if entry.duration is not None else "",
        (entry.commit or "")[:SHORT_COMMIT],
        f"gitlembic {entry.gitlembic}" if entry.gitlembic else "",
    )


def _document(databases: Sequence[DatabaseState], count: int | None) -> dict[str, Any]:
    return {
        "format": 1,
        "databases": [
            {
                "url": database.url,
                "heads": sorted(database.heads),
                "entries": [_entry(entry) for entry in _newest(database.journal, count)],
            }
            for database in databases
        ],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "action": entry.action.value,
        "revision": entry.revision,
        "heads": sorted(entry.heads),
        "ran": sorted(entry.ran),
        "at": entry.at.isoformat() if entry.at else None,
        "seconds": entry.duration,
        "gitlembic": entry.gitlembic,
        "git_commit": entry.commit,
        "checksum": entry.checksum,
        "batch": entry.batch,
    }
