"""What a migration file declares is what importing it would give, or is marked as unreadable."""

from __future__ import annotations

import builtins
import sys
import time
import types
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from alembic.script import Script
from alembic.util import to_tuple
from hypothesis import assume, given
from hypothesis import strategies as st

from gitlembic.core.migration import Kind, Migration, NotAMigration, Parsed, RevisionId, Unparsable
from gitlembic.core.migration_source import parse_loaded, parse_migration
from gitlembic.core.names import is_migration_file, legacy_revision
from tests.support.migrations import DYNAMIC, Dynamic, migration_source

if TYPE_CHECKING:
    from tests.support.migrations import Down

_ASKED = object()


def _parse(source: str | bytes) -> Migration:
    parsed = _parsed(source)
    assert isinstance(parsed, Migration), parsed
    return parsed


def _parsed(source: str | bytes) -> Parsed:
    return parse_migration(source.encode() if isinstance(source, str) else source)


def _imported(source: str | bytes) -> Script:
    """What Alembic makes of the module, where asking git gives `_ASKED`, or an error for another revision."""
    module = types.ModuleType("migration")

    def ask(revision: str) -> object:
        assert revision == module.__dict__["revision"]
        return _ASKED

    def import_stub(*_: object) -> Any:
        return SimpleNamespace(get_down_revision=ask, op=None, TYPE_CHECKING=False)

    module.__dict__["__builtins__"] = {**vars(builtins), "__import__": import_stub}
    exec(compile(source, "migration.py", "exec"), module.__dict__)  # noqa: S102 -- our own text
    if module.__dict__["down_revision"] is _ASKED:
        module.__dict__["down_revision"] = None
        module.__dict__["asked"] = True
    return Script(module, module.__dict__["revision"], "migration.py")


def _assert_as_imported(source: str | bytes) -> None:
    parsed, script = _parse(source), _imported(source)
    assert parsed.unreadable == frozenset()
    assert parsed.revision == script.revision
    assert parsed.parents == to_tuple(script.down_revision, default=())
    assert parsed.is_dynamic == hasattr(script.module, "asked")
    assert set(parsed.branch_labels) == set(script._orig_branch_labels)
    assert parsed.depends_on == to_tuple(script.dependencies, default=())
    assert parsed.message == script.doc


@pytest.mark.parametrize(
    ("assignment", "parents"),
    [
        ("down_revision = 'b'", "b"),
        ("down_revision = None", ""),
        ("down_revision = ('b', 'c')", "b c"),
        ("down_revision = 'b', 'c'", "b c"),
        ("down_revision = ['b', 'c']", "b c"),
        ("down_revision = ('b',)", "b"),
        ("down_revision: str | None = 'b'", "b"),
        ("down_revision: Union[str, Sequence[str], None] = ('c', 'b')", "c b"),
        ("down_revision = 'a' 'b'", "ab"),
        ("down_revision = 'a' + 'b' + 'c'", "abc"),
        ("down_revision = ('b')", "b"),
        ("down_revision = r'b'", "b"),
        ("down_revision = '''b'''", "b"),
        ("down_revision = '\\x62'", "b"),
        ("base = 'b'\ndown_revision = base", "b"),
        ("base = 'b'\ndown_revision = (base, base + 'c')", "b bc"),
        ("base = 'b'\nother = base\nbase = 'c'\ndown_revision = other", "b"),
        ("down_revision = previous = 'b'", "b"),
        ("previous, down_revision = 'c', 'b'", "b"),
        ("[previous, down_revision] = ['c', ('b', 'd')]", "b d"),
        ("down_revision = 'c'\ndown_revision = 'b'", "b"),
        ("down_revision = compute()\ndown_revision = 'b'", "b"),
        ("if True:\n    down_revision = 'c'\ndown_revision = 'b'", "b"),
        ("down_revision = 'b'\n\ndef upgrade():\n    down_revision = 'c'\n    revision = 'd'", "b"),
        ("down_revision = 'b'\n\nclass Table:\n    down_revision = 'c'", "b"),
        ("down_revision = 'b'; revises = down_revision", "b"),
        ("down_revision = \\\n    'b'", "b"),
        ("if True:\n    import os\ndown_revision = 'b'", "b"),
        ("down_revision = 'b'\nif True:\n    down_revision: str", "b"),
        ("from typing import TYPE_CHECKING\ndown_revision = 'b'\nif TYPE_CHECKING:\n    down_revision = 'c'", "b"),
        ("import typing as t\nif t.TYPE_CHECKING:\n    pass\nelse:\n    down_revision = 'b'", "b"),
        ("from typing import *\ndown_revision = 'b'\nif TYPE_CHECKING:\n    from c import down_revision", "b"),
    ],
)
def test_literal_parents(assignment: str, parents: str) -> None:
    source = (
        "from typing import Sequence, Union\ndef compute():\n    return 'x'\n"
        f"revision = 'a'\n{assignment}\nbranch_labels = None\ndepends_on = None\n"
    )
    assert _parse(source).parents == tuple(parents.split())
    assert not _parse(source).is_dynamic
    assert _parse(source).unreadable == frozenset()
    stubbed = _imported(source.replace("from typing import Sequence, Union", "Sequence = Union = dict"))
    assert to_tuple(stubbed.down_revision, default=()) == tuple(parents.split())


@pytest.mark.parametrize(
    "assignment",
    [
        "down_revision = compute()",
        "down_revision = f'{revision}'",
        "down_revision = 'b' if flag else 'c'",
        "down_revision = ('b', compute())",
        "down_revision = 'b' * 2",
        "down_revision = 'b' - 'c'",
        "down_revision = unknown",
        "down_revision = compute",
        "down_revision = 17",
        "down_revision = b'b'",
        "down_revision = (('b',), 'c')",
        "down_revision = module.previous",
        "down_revision, other = compute()",
        "down_revision = 'b'\ndown_revision += 'c'",
        "down_revision = 'b'\nif flag:\n    down_revision = 'c'",
        "if flag:\n    down_revision = 'b'\nelse:\n    down_revision = 'b'",
        "TYPE_CHECKING = 1\nif TYPE_CHECKING:\n    down_revision = 'b'",
        "from typing import TYPE_CHECKING\nTYPE_CHECKING = 1\nif TYPE_CHECKING:\n    down_revision = 'b'",
        "if typing.TYPE_CHECKING:\n    down_revision = 'b'",
        "try:\n    down_revision = 'b'\nfinally:\n    pass",
        "for down_revision in ('b', 'c'):\n    pass",
        "with compute() as down_revision:\n    pass",
        "base = compute()\ndown_revision = base",
        "base = 'b'\nif flag:\n    base = 'c'\ndown_revision = base",
        "from elsewhere import down_revision",
        "from elsewhere import previous as down_revision",
        "def down_revision():\n    pass",
        "class down_revision:\n    pass",
    ],
)
def test_parents_that_only_running_tells_are_unreadable(assignment: str) -> None:
    parsed = _parse(f"revision = 'a'\n{assignment}\nbranch_labels = None\n")
    assert parsed == Migration(RevisionId("a"), Kind.STATIC, unreadable=frozenset({"down_revision"}))


@pytest.mark.parametrize(
    ("statement", "parent"),
    [
        ("(down_revision := 'c')", "c"),
        ("other = (down_revision := 'c')", "c"),
        ("revision, down_revision = down_revision, revision", "a"),
        ("other, (down_revision, another) = 'd', ('c', 'e')", "c"),
        ("other, *down_revision = 'd', 'c'", "c"),
        ("import elsewhere as down_revision", None),
        ("if flag:\n    from elsewhere import down_revision", None),
        ("if flag:\n    import elsewhere as down_revision", None),
        ("if flag:\n    def down_revision(): pass", None),
        ("if flag:\n    class down_revision: pass", None),
        ("try:\n    pass\nexcept ValueError as down_revision:\n    pass", None),
        ("match flag:\n    case down_revision:\n        pass", None),
    ],
)
def test_rare_bindings_are_not_overlooked(statement: str, parent: str | None) -> None:
    """Whatever binds the name last, an older literal is not what importing gives."""
    parsed = _parse(f"revision = 'a'\ndown_revision = 'b'\n{statement}\n")
    assert "down_revision" in parsed.unreadable or parsed.parents == (parent,)


@pytest.mark.parametrize("name", ["branch_labels", "depends_on"])
@pytest.mark.parametrize(
    ("value", "expected"),
    [("None", ()), ("'x'", ("x",)), ("('x', 'y')", ("x", "y")), ("['y', 'x']", ("y", "x")), ("()", ())],
)
def test_labels_and_dependencies(name: str, value: str, expected: tuple[str, ...]) -> None:
    parsed = _parse(f"revision = 'a'\ndown_revision = None\n{name}: object = {value}\n")
    assert getattr(parsed, name) == expected
    assert parsed.unreadable == frozenset()


@pytest.mark.parametrize("name", ["branch_labels", "depends_on"])
def test_labels_and_dependencies_that_only_running_tells_are_unreadable(name: str) -> None:
    parsed = _parse(f"revision = 'a'\ndown_revision = 'b'\n{name} = compute()\n")
    assert parsed == Migration(RevisionId("a"), Kind.STATIC, (RevisionId("b"),), unreadable=frozenset({name}))


@pytest.mark.parametrize(
    "text",
    [
        "from gitlembic import get_down_revision\nrevision = 'a'\ndown_revision = get_down_revision(revision)",
        "from alembic_git_revisions import get_down_revision as ask\nrevision = 'a'\ndown_revision = ask(revision)",
        "import gitlembic\nrevision = 'a'\ndown_revision = gitlembic.get_down_revision(revision)",
        "import gitlembic as order\nrevision = 'a'\ndown_revision = order.get_down_revision(revision)",
        "from gitlembic import get_down_revision as ask\nrevision = 'a'\ndown_revision = ask(revision)",
        "from gitlembic import get_down_revision\nrevision = 'a'\ndown_revision = get_down_revision(revision=revision)",
        "from gitlembic import get_down_revision\nrevision = 'a'\ndown_revision = get_down_revision('a')",
        "from gitlembic import get_down_revision as ask\nrevision: str = 'a'\ndown_revision: str = ask(revision)",
        "from gitlembic import get_down_revision\nme = revision = 'a'\ndown_revision = get_down_revision(me)",
        "from gitlembic import get_down_revision as ask\nrevision, x = 'a', None\ndown_revision = x = ask(revision)",
    ],
)
def test_dynamic(text: str) -> None:
    source = f"{text}\nbranch_labels = None\ndepends_on = None\n"
    assert (_parse(source).kind, _parse(source).parents) == (Kind.DYNAMIC, ())
    _assert_as_imported(source)


@pytest.mark.parametrize(
    "value",
    [
        "get_down_revision('b')",
        "get_down_revision()",
        "get_down_revision(down_revision)",
        "get_down_revision(other=revision)",
        "get_down_revision",
        "(get_down_revision(revision), 'b')",
        "get_down_revision(revision) or 'b'",
        "get_revision(revision)",
        "ask(revision)",
    ],
)
def test_not_dynamic(value: str) -> None:
    source = f"from gitlembic import get_down_revision\nrevision = 'a'\ndown_revision = {value}\n"
    assert _parse(source) == Migration(RevisionId("a"), Kind.STATIC, unreadable=frozenset({"down_revision"}))


def test_the_last_kind_counts() -> None:
    ask = "from gitlembic import get_down_revision\nrevision = 'a'\n"
    assert not _parse(f"{ask}down_revision = get_down_revision(revision)\ndown_revision = 'b'\n").is_dynamic
    assert _parse(f"{ask}down_revision = 'b'\ndown_revision = get_down_revision(revision)\n").is_dynamic


@pytest.mark.parametrize(
    "source",
    [
        b"\xef\xbb\xbfrevision = 'a'\ndown_revision = 'b'\n",
        b"revision = 'a'\r\ndown_revision = 'b'\r\n",
        b"revision = 'a'\rdown_revision = 'b'\r",
        b"revision = 'a'\ndown_revision = 'b'",
        b"# -*- coding: latin-1 -*-\nname = '\xe9'\nrevision = 'a'\ndown_revision = 'b'\n",
        b"#!/bin/python\n# vim: set fileencoding=cp1252 :\nname = '\x80'\nrevision = 'a'\ndown_revision = 'b'\n",
        b"'\\d'\nrevision = 'a'\ndown_revision = 'b'\nx = 1 is 1\n",
        b"\x0crevision = 'a'\ndown_revision = 'b'\n",
    ],
    ids=["bom", "crlf", "cr", "no-newline", "latin-1", "cp1252", "invalid-escape", "form-feed"],
)
def test_bytes_as_python_reads_them(source: bytes) -> None:
    parsed = _parse(source)
    assert (parsed.revision, parsed.parents) == ("a", ("b",))


def test_ids_are_decoded_as_the_cookie_says() -> None:
    assert _parse("# coding: latin-1\nrevision = 'é'\n".encode("latin-1")).revision == "é"
    assert _parse("# coding: latin-1\nrevision = 'é'\n".encode()).revision == "Ã©"
    assert _parse("revision = 'é'\n".encode()).revision == "é"


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b"revision = 'a'\n<<<<<<< HEAD\n", 2),
        (b"revision = 'a'\ndown_revision = 'b\n", 2),
        (b"revision = 'a'\n\n\nif True:\npass\n", 5),
        (b"import x\nrevision = compute()\n", 2),
        (b"revision = 'a'\nrevision = 17\n", 2),
        (b"if x:\n    revision = 'a'\n", 1),
        (b"revision = ''\n", 1),
        (b"revision = None\n", 1),
        (b"revision = ('a',)\n", 1),
    ],
)
def test_unparsable_with_its_line(source: bytes, line: int) -> None:
    parsed = _parsed(source)
    assert isinstance(parsed, Unparsable)
    assert parsed.line == line
    assert parsed.reason


@pytest.mark.parametrize(
    "source",
    [
        b"revision = 'a'\0\n",
        b"# coding: nonsense\nrevision = 'a'\n",
        b"revision = '\xe9'\n",
        b"# coding: utf-8\nrevision = '\xe9'\n",
        b"\xef\xbb\xbf# coding: latin-1\nrevision = 'a'\n",
        b"revision = " + b"(" * 100_000 + b"'a'" + b")" * 100_000,
        b"revision = " + b"-" * 100_000 + b"1",
        b"revision = 'a'" + b" + 'a'" * 100_000,
    ],
    ids=[
        "null",
        "unknown-encoding",
        "not-utf-8",
        "not-as-the-cookie-says",
        "bom-and-cookie",
        "nested",
        "signs",
        "sums",
    ],
)
def test_unparsable_without_raising(source: bytes) -> None:
    assert isinstance(_parsed(source), Unparsable)


@pytest.mark.parametrize("count", [10, 100, 500, 1_000, 2_000, 3_000, 10_000])
@pytest.mark.parametrize("operand", ["'b'", "name"])
def test_long_sums_never_raise(count: int, operand: str) -> None:
    """Deeper than Python's own limit on recursion, and not too deep for its parser."""
    parsed = _parsed(f"name = 'b'\nrevision = 'a'\ndown_revision = {' + '.join([operand] * count)}\n")
    assert isinstance(parsed, Unparsable) or parsed in {
        Migration(RevisionId("a"), Kind.STATIC, (RevisionId("b" * count),)),
        Migration(RevisionId("a"), Kind.STATIC, unreadable=frozenset({"down_revision"})),
    }


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"# nothing\n",
        b"x = 1\n",
        b"previous_revision = 'a'\n",
        b"print('revision')\n",
        b"def upgrade():\n    revision = 'a'\n",
        b"revision: str\n",
        b"down_revision = 'b'\n",
        b"module.revision = 'a'\n",
    ],
)
def test_what_assigns_no_revision_is_no_migration(source: bytes) -> None:
    assert isinstance(_parsed(source), NotAMigration)


class TestFileNames:
    @pytest.mark.parametrize("name", ["5c9e_add_users.py", "a.py", "add users.py", ".hidden.py", "x\ny.py", "ü.py"])
    def test_of_migrations(self, name: str) -> None:
        assert is_migration_file(name)

    @pytest.mark.parametrize("name", ["__init__.py", ".#a.py", "a.pyc", "a.py~", "a.txt", "py", "a.py.orig", "a.PY"])
    def test_of_others(self, name: str) -> None:
        assert not is_migration_file(name)

    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("5c9eb899ede0.py", "5c9eb899ede0"),
            ("cafe.py", "cafe"),
            ("5c9e_add.py", None),
            ("xyz.py", None),
            ("CAFE.py", None),
            (".py", None),
        ],
    )
    def test_that_are_revision_ids(self, name: str, expected: str | None) -> None:
        assert legacy_revision(name) == expected

    def test_count_for_a_file_that_assigns_no_revision(self) -> None:
        source, legacy = b"down_revision = 'b'\n", RevisionId("cafe")
        assert parse_migration(source, legacy) == Migration(legacy, Kind.STATIC, (RevisionId("b"),))

    def test_do_not_count_for_a_file_that_does(self) -> None:
        parsed = parse_migration(b"revision = 'a'\ndown_revision = None\n", RevisionId("cafe"))
        assert parsed == Migration(RevisionId("a"), Kind.STATIC)

    def test_do_not_help_where_the_revision_is_computed(self) -> None:
        parsed = parse_migration(b"revision = compute()\ndown_revision = None\n", RevisionId("cafe"))
        assert isinstance(parsed, Unparsable)


class TestDocstring:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("Revises: b", "b"),
            ("Revises:b", "b"),
            ("  Revises: \t b  ", "b"),
            ("Revises: b, c", "b c"),
            ("Revises: b,c", "b c"),
            ("Revises: b c", "b c"),
            ("Revises: ", ""),
            ("Revises:", ""),
            ("Revises: None", ""),
            ("Revises:\nCreate Date: 2024-01-01", ""),
            ("Revises: b\nRevises: c", "b"),
            ("It revises: b", ""),
            ("revises: b", ""),
            ("Nothing of the kind", ""),
        ],
    )
    @pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
    def test_revises(self, line: str, expected: str, newline: str) -> None:
        text = f'"""Message\n\nRevision ID: a\n{line}\n"""\nrevision = "a"\ndown_revision = "x"\n'
        assert _parse(text.replace("\n", newline)).revises == tuple(expected.split())

    def test_revises_names_parents_of_dynamic_ones_only(self) -> None:
        assert _parse(migration_source("a", "b", revises="c")).named_parents == ("b",)
        assert _parse(migration_source("a", revises="c")).named_parents == ("c",)

    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            ("Create Date: 2024-02-29 12:34:56.789012", datetime(2024, 2, 29, 12, 34, 56, 789012, timezone.utc)),
            ("Create Date:2024-02-29", datetime(2024, 2, 29, tzinfo=timezone.utc)),
            ("  Create Date:   2024-02-29 12:34+02:00  ", datetime(2024, 2, 29, 10, 34, tzinfo=timezone.utc)),
            ("Create Date: ", None),
            ("Create Date: long ago", None),
            ("Create Date: 29.02.2024", None),
            ("create date: 2024-02-29", None),
            ("Created: 2024-02-29", None),
        ],
    )
    @pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
    def test_create_date(self, line: str, expected: datetime | None, newline: str) -> None:
        text = f'"""Message\n\n{line}\n\n"""\nrevision = "a"\ndown_revision = "x"\n'
        assert _parse(text.replace("\n", newline)).create_date == expected

    @pytest.mark.parametrize(
        ("docstring", "message"),
        [
            ('"""add users\n\nRevision ID: a\n"""', "add users"),
            ('"""\nadd users\nand orders\n\nRevision ID: a\n"""', "add users\nand orders"),
            ("'add users'", "add users"),
            ('"""   """', ""),
            ("", ""),
            ("x = 1\n'no docstring'", ""),
        ],
    )
    def test_message(self, docstring: str, message: str) -> None:
        source = f'{docstring}\nrevision = "a"\ndown_revision = None\nbranch_labels = None\ndepends_on = None\n'
        assert _parse(source).message == message
        _assert_as_imported(source)

    def test_lines_elsewhere_do_not_count(self) -> None:
        parsed = _parse('# Revises: b\nrevision = "a"\n"""\nRevises: c\nCreate Date: 2024-02-29\n"""\n')
        assert (parsed.revises, parsed.create_date, parsed.message) == ((), None, "")


@pytest.mark.parametrize(
    "value",
    [
        "from somewhere import get_down_revision\n",
        "def get_down_revision(revision): return 'b'\n",
        "",
        "from gitlembic import get_down_revision\nfrom somewhere import other as get_down_revision\n",
        "try:\n    from gitlembic import get_down_revision\nexcept ImportError:\n    get_down_revision = str\n",
        "from .gitlembic import get_down_revision\n",
        "import somewhere as gitlembic\nget_down_revision = gitlembic.get_down_revision\n",
    ],
)
def test_only_our_function_makes_a_file_dynamic(value: str) -> None:
    parsed = _parse(f"{value}revision = 'a'\ndown_revision = get_down_revision(revision)\n")
    assert (parsed.is_dynamic, parsed.unreadable) == (False, frozenset({"down_revision"}))


@pytest.mark.parametrize(
    ("source", "unreadable"),
    [
        ("from common import *\nrevision = 'a'\ndown_revision = None\n", {"branch_labels", "depends_on"}),
        ("revision = 'a'\ndepends_on = None\nfrom . import *\nbranch_labels = ()\n", {"depends_on", "down_revision"}),
        ("from sqlalchemy.types import *\nrevision = 'a'\ndown_revision = None\n", set()),
        ("from alembic.op import *\nrevision = 'a'\ndown_revision = None\n", set()),
        ("from .typing import *\nrevision = 'a'\ndown_revision = None\n", {"branch_labels", "depends_on"}),
    ],
)
def test_a_star_may_bring_what_is_not_bound_after_it(source: str, unreadable: set[str]) -> None:
    assert _parse(source).unreadable == unreadable


@pytest.mark.parametrize(
    "imported",
    [
        "from gitlembic import *\n",
        "if True:\n    from gitlembic import get_down_revision\n",
        (
            "try:\n    from gitlembic import get_down_revision\n"
            "except ImportError:\n    from alembic_git_revisions import get_down_revision\n"
        ),
    ],
)
def test_ours_may_be_imported_in_any_way(imported: str) -> None:
    assert _parse(f"{imported}revision = 'a'\ndown_revision = get_down_revision(revision)\n").is_dynamic


class TestSyntaxThatPythonCannotParse:
    """The top level still says what the file declares: an order must not depend on the interpreter."""

    HEAD = '"""add\n\nRevises: b\nCreate Date: 2024-02-29\n"""\n'
    NEWER = "\n\ndef upgrade():\n    match later:\n        case ~~~ 1:\n            pass\n"

    def _declares(self, source: str) -> Migration | None:
        parsed = _parsed(source.encode())
        assert isinstance(parsed, Unparsable)
        return parsed.declares

    def test_elsewhere_does_not_hide_the_declarations(self) -> None:
        text = (
            f"{self.HEAD}from gitlembic import get_down_revision\n\nrevision: str = 'a'\n"
            "down_revision: str = (\n    get_down_revision(\n        revision\n    )\n)\nbranch_labels = ('x',)\n"
        )
        assert self._declares(text + self.NEWER) == _parse(text)

    @pytest.mark.parametrize(
        "source",
        [
            "revision = 'a'\ndown_revision = 'b\n",
            "revision = 'a'\ndown_revision = (\n",
            "revision = 'a\ndown_revision = 'b'\n",
            "<<<<<<< HEAD\nrevision = 'a'\n=======\nrevision = 'c'\n>>>>>>> other\ndown_revision = 'b'\n",
            "revision = 'a'\ndown_revision = compute()\n)\n",
        ],
    )
    def test_in_the_declarations_is_not_guessed_around(self, source: str) -> None:
        assert self._declares(source) is None


@given(st.binary())
def test_arbitrary_bytes_never_raise(noise: bytes) -> None:
    for source in noise, b"revision = 'a'\n" + noise, noise + b"\nrevision = 'a'\n":
        assert isinstance(parse_migration(source), (Migration, NotAMigration, Unparsable))


_ids = st.text("0123456789abcdef", min_size=1, max_size=12)
_tokens = st.sampled_from(
    [
        *("revision", "down_revision", "branch_labels", "depends_on", "get_down_revision", "gitlembic", "'a'", "'b'"),
        *("None", "=", "==", ":=", ",", "(", ")", "[", "]", "{", "}", "*", "+", ".", ":", "\n", "\n    ", " ", ";"),
        *(
            "if ",
            "import ",
            "from ",
            " as ",
            "def ",
            "del ",
            "for ",
            " in ",
            "lambda",
            '"""',
            "\\",
            "\r\n",
            "\x00",
            "#",
        ),
    ]
)


@given(st.text() | st.lists(_tokens).map("".join))
def test_arbitrary_text_never_raises(noise: str) -> None:
    source = f"revision = 'a'\n{noise}".encode("utf-8", "surrogatepass")
    assert isinstance(parse_migration(source), (Migration, NotAMigration, Unparsable))


_downs = st.none() | st.just(DYNAMIC) | _ids | st.lists(_ids, min_size=1, max_size=3, unique=True).map(tuple)
_names = st.lists(st.from_regex("[a-z]{1,8}", fullmatch=True), max_size=3, unique=True).map(tuple)
_messages = st.from_regex("[A-Za-z0-9äöü ',.:_-]{1,30}", fullmatch=True).map(str.strip)
_dates = st.none() | st.datetimes(timezones=st.just(timezone.utc))


@given(_ids, _downs, _names, _names, _messages, _ids, _dates, st.sampled_from(["gitlembic", "alembic_git_revisions"]))
def test_generated_migrations_are_read_back(
    revision: str,
    down: Down,
    labels: tuple[str, ...],
    depends_on: tuple[str, ...],
    message: str,
    revises: str,
    created: datetime | None,
    library: str,
) -> None:
    source = migration_source(
        revision,
        down,
        revises=revises,
        create_date="" if created is None else str(created),
        labels=labels,
        depends_on=depends_on,
        message=message,
        library=library,
    )
    parents = () if down is None or isinstance(down, Dynamic) else (down,) if isinstance(down, str) else down
    parsed = _parse(source)
    assert parsed.message == (message or f"add {revision}")
    assert parsed._replace(docstring="") == Migration(
        RevisionId(revision),
        Kind.DYNAMIC if isinstance(down, Dynamic) else Kind.STATIC,
        tuple(RevisionId(parent) for parent in parents),
        labels,
        depends_on,
        "",
        created,
        (RevisionId(revises),),
    )


@given(_ids, _downs, _names, _names, _messages)
def test_generated_migrations_are_read_as_importing_gives_them(
    revision: str, down: Down, labels: tuple[str, ...], depends_on: tuple[str, ...], message: str
) -> None:
    parents = (down,) if isinstance(down, str) else down if isinstance(down, tuple) else ()
    assume(revision not in (*parents, *depends_on))  # Alembic refuses that
    _assert_as_imported(migration_source(revision, down, labels=labels, depends_on=depends_on, message=message))


_VARIABLES = ("down_revision", "depends_on", "branch_labels", "x", "y")
_words = st.sampled_from(["'b'", "'c'", "'d' 'e'", "None"])
_expressions = st.recursive(
    _words,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda parts: f"({''.join(part + ', ' for part in parts)})"),
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]"),
        st.tuples(inner, inner).map(" + ".join),
        st.tuples(inner, inner).map(" or ".join),
        inner.map("({})".format),
        inner.map("str({})".format),
        st.sampled_from(_VARIABLES),
    ),
    max_leaves=5,
)
_names_bound = st.sampled_from(_VARIABLES)
_statements = st.one_of(
    st.builds("{} = {}".format, _names_bound, _expressions),
    st.builds("{}: object = {}".format, _names_bound, _expressions),
    st.builds("{}: object".format, _names_bound),
    st.builds("{} = {} = {}".format, _names_bound, _names_bound, _expressions),
    st.builds("{}, {} = {}, {}".format, _names_bound, _names_bound, _words, _words),
    st.builds("[{}, {}] = ({}, {})".format, _names_bound, _names_bound, _words, _words),
    st.builds("{}, {} = {}".format, _names_bound, _names_bound, _expressions),
    st.builds("{} += {}".format, _names_bound, _expressions),
    st.builds("if {}:\n    {} = {}".format, _expressions, _names_bound, _expressions),
    st.builds("for {} in ({},):\n    pass".format, _names_bound, _expressions),
    st.builds("def {}():\n    x = {}".format, _names_bound, _expressions),
    st.builds("def upgrade():\n    {} = {}".format, _names_bound, _expressions),
    st.builds("class Local:\n    {} = {}".format, _names_bound, _expressions),
)


@given(st.lists(_statements, max_size=8))
def test_what_is_read_is_what_running_gives(statements: list[str]) -> None:
    """Random programs: a value is that of the module after it has run, or it is unreadable."""
    source = "\n".join(["revision = 'a'", *(f"{name} = None" for name in _VARIABLES), *statements, ""])
    values: dict[str, Any] = {}
    try:
        exec(compile(source, "migration.py", "exec"), values)  # noqa: S102 -- our own text
    except (TypeError, ValueError):
        return  # Alembic could not load it either
    parsed = _parse(source)
    for name, read in (
        ("down_revision", parsed.parents),
        ("branch_labels", parsed.branch_labels),
        ("depends_on", parsed.depends_on),
    ):
        if name not in parsed.unreadable:
            assert read == to_tuple(values[name], default=()), source
        else:
            assert read == ()


def test_a_loaded_file_that_is_cut_off_before_it_says_who_it_is() -> None:
    source = b'"""Add it.\n\nRevision ID: a1\n'
    assert isinstance(parse_migration(source), NotAMigration)
    parsed = parse_loaded(source)
    assert isinstance(parsed, Unparsable)
    assert (parsed.line, parsed.declares) == (1, None)
    assert isinstance(parse_loaded(b"x = 1"), NotAMigration)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the statement is new in Python 3.12")
def test_new_syntax_is_read_where_python_knows_it() -> None:
    assert _parse("type Down = str\nrevision = 'a'\ndown_revision: Down = 'b'\n").parents == ("b",)


def test_many_statements_without_an_end_are_given_up() -> None:
    """Else each of them is parsed with every line after it."""
    start = time.process_time()
    parsed = parse_migration(b"revision = 'a'\n" + b"x = (((\n" * 3_000)
    assert isinstance(parsed, Unparsable)
    assert time.process_time() - start < 2
