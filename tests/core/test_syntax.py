"""What others wrote is read without a word of what Python would warn of."""

from __future__ import annotations

import ast
import types
import warnings
from typing import TYPE_CHECKING

import pytest

from gitlembic.adapters.borrowed_imports import borrows_imports
from gitlembic.core.downgrade_check import why_not_undone
from gitlembic.core.migration_code import assignment_lines, code_checksum
from gitlembic.core.migration_source import assignment_line, parse_migration
from gitlembic.core.squash_header import read_squash_header
from gitlembic.core.touched import read_touched
from gitlembic.squash.earlier import read_squash
from gitlembic.squash.imports import imported_names
from gitlembic.squash.proof import is_same_but_for_imports
from tests.support.migrations import migration_source

if TYPE_CHECKING:
    from collections.abc import Callable

_SOURCE = (migration_source("a") + 'replaces = []\n_STEPS = ()\nPATTERN = "\\d"\n').encode()
_BROKEN = _SOURCE + b"def (\n"


def _warned(read: Callable[[bytes], object], source: bytes) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read(source)
    return [str(one.message) for one in caught]


@pytest.mark.parametrize(
    "read",
    [
        parse_migration,
        read_touched,
        read_squash_header,
        why_not_undone,
        assignment_lines,
        code_checksum,
        imported_names,
        lambda source: assignment_line(source, "revision"),
        lambda source: borrows_imports(types.ModuleType("a"), source),
        lambda source: read_squash(source.decode()),
        lambda source: is_same_but_for_imports(source.decode(), source.decode()),
    ],
)
def test_nothing_is_warned_of(read: Callable[[bytes], object]) -> None:
    assert _warned(ast.parse, _SOURCE) != []
    assert _warned(read, _SOURCE) == []


def test_nor_where_only_parts_can_be_read() -> None:
    assert _warned(parse_migration, _BROKEN) == []
