"""Words read against a usage, as argparse reads them."""

from __future__ import annotations

import pytest

from gitlembic.core.usage import Option, Takes, Usage, Value, read_words

CONFIG = Option(("-c", "--config"), "", Value(Takes.FILE, "FILE"))
QUIET = Option(("-q", "--quiet"), "")
USAGE = Usage("program", "", (CONFIG, QUIET, Option(("--quick",), "")))


@pytest.mark.parametrize(
    ("line", "given"),
    [
        ("a b", [(None, "a"), (None, "b")]),
        ("-c x a", [(CONFIG, "x"), (None, "a")]),
        ("-cx -c=y", [(CONFIG, "x"), (CONFIG, "y")]),
        ("-qcx", [(QUIET, None), (CONFIG, "x")]),
        ("-qc x", [(QUIET, None), (CONFIG, "x")]),
        ("--config x --config=y --conf z", [(CONFIG, "x"), (CONFIG, "y"), (CONFIG, "z")]),
        ("--config= a", [(CONFIG, ""), (None, "a")]),
        ("--quie", [(QUIET, None)]),
        ("--q", []),  # two begin so
        ("--nosuch -z", []),
        ("-c", [(CONFIG, None)]),
        ("-c -q", [(CONFIG, None), (QUIET, None)]),
        ("-c -1 -2", [(CONFIG, "-1"), (None, "-2")]),
        ("- -- -q", [(None, "-"), (None, "-q")]),
        ("-c -- x", [(CONFIG, None), (None, "x")]),
    ],
)
def test_words(line: str, given: list[tuple[Option | None, str | None]]) -> None:
    assert list(read_words(line.split(), USAGE)) == given


def test_arguments_by_position() -> None:
    first, second = Value(Takes.TEXT, "A"), Value(Takes.REVISION, "B")
    usage = Usage("x", "", (), (first, second))
    assert [usage.argument(position) for position in range(3)] == [first, second, None]
    assert [usage._replace(repeats=True).argument(position) for position in range(3)] == [first, second, second]
    assert Usage("x", "", repeats=True).argument(0) is None
