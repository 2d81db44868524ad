"""Tables and hints as text."""

from __future__ import annotations

import pytest

from gitlembic.cli.report import as_typed, render_chains
from gitlembic.core.chain import Chain, Link
from gitlembic.core.history import Location
from gitlembic.core.migration import Kind, Migration, PlacedMigration, RevisionId
from gitlembic.core.resolution import Resolution


def _resolution(message: str) -> Resolution:
    migration = Migration(RevisionId("ba5e"), Kind.STATIC, docstring=message)
    link = Link(PlacedMigration("versions/ba5e.py", migration), ())
    return Resolution((Chain((Location("versions"),), (link,), RevisionId("ba5e")),))


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        ("short", "short"),
        ("0123456789abcdef", "0123456789abcdef"),
        ("0123456789abcdefg", "0123456789abcde…"),
        ("日本語の長い長い説明", "日本語の長い長…"),
        ("e\u0301" * 20, "e\u0301" * 15 + "…"),
    ],
)
def test_messages_are_cut_to_what_is_left_of_the_line(message: str, shown: str) -> None:
    table = render_chains(_resolution(message), width=10)
    assert table.splitlines()[-1].endswith(f"  {shown}")
    assert message in render_chains(_resolution(message))


def test_commands_are_typed_with_the_options_that_chose_the_project() -> None:
    assert as_typed("run `gitlembic chain`", ("-c", "my app.ini")) == "run `gitlembic -c 'my app.ini' chain`"
    assert as_typed("run `gitlembic chain`", ()) == "run `gitlembic chain`"
    assert as_typed("name it: `gitlembic -c FILE ...`", ("-c", "a.ini")) == "name it: `gitlembic -c FILE ...`"


@pytest.mark.parametrize(
    ("width", "headers"),
    [
        (None, "Revision Follows Kind Born Author Message"),
        (66, "Revision Follows Kind Born Author Message"),
        (65, "Revision Follows Kind Born Message"),
        (50, "Revision Follows Kind Message"),
        (40, "Revision Follows Message"),
    ],
)
def test_columns_are_left_out_where_a_short_message_would_have_no_room(width: int | None, headers: str) -> None:
    table = render_chains(_resolution("0123456789abcdefgh" * 9), width=width).splitlines()
    assert table[2].split() == headers.split()
    assert width is None or max(map(len, table)) <= width
