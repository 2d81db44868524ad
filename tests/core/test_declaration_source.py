"""Another `down_revision` in every spelling that Alembic accepts, and nothing else changed."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import strategies as st

from gitlembic.core.declaration_source import CannotRewrite, rewrite_dynamic, rewrite_static, without_unused_import
from gitlembic.core.migration import Kind, Migration, RevisionId
from gitlembic.core.migration_source import parse_migration
from tests.support.memory_history import hold

NEW, SECOND = RevisionId("n3w"), RevisionId("sec0nd")

HEAD = """\
'''add users

Revision ID: x
Revises: a
Create Date: 2026-01-01
'''
from alembic import op

revision = "x"
"""

CHECKING = "from typing import TYPE_CHECKING as T\nif T: "

STATIC = [
    ("down_revision = 'a'", "down_revision = 'n3w'"),
    ('down_revision = "a"', 'down_revision = "n3w"'),
    ('down_revision = """a"""', 'down_revision = """n3w"""'),
    ("down_revision = r'a'", "down_revision = 'n3w'"),
    ("down_revision = None", 'down_revision = "n3w"'),
    ("down_revision: Union[str, None] = 'a'", "down_revision: Union[str, None] = 'n3w'"),
    ("down_revision: str | None='a'  # why", "down_revision: str | None='n3w'  # why"),
    ("down_revision = ('a')", "down_revision = ('n3w')"),
    ("down_revision = ('a', 'b')", "down_revision = 'n3w'"),
    ("down_revision = 'a', 'b'", "down_revision = 'n3w'"),
    ("down_revision = ['a']", "down_revision = 'n3w'"),
    ("down_revision = ('a',)", "down_revision = 'n3w'"),
    ("down_revision = (\n    'a'  # why\n)", "down_revision = (\n    'n3w'  # why\n)"),
    ("down_revision = (\n    'a'\n    'b'\n)", "down_revision = (\n    'n3w'\n)"),
    ("down_revision = \\\n    'a'", "down_revision = \\\n    'n3w'"),
    ("down_revision = 'a' + 'b'", "down_revision = 'n3w'"),
    ("parent = 'a'\ndown_revision = parent", "parent = 'a'\ndown_revision = \"n3w\""),
    ("down_revision = 'old'\ndown_revision = 'a'", "down_revision = 'old'\ndown_revision = 'n3w'"),
    ("é = 'é'; down_revision = 'a'; ü = 'a'", "é = 'é'; down_revision = 'n3w'; ü = 'a'"),
    ("one, down_revision = 'a', 'a'", "one, down_revision = 'a', 'n3w'"),
    ("down_revision\t=\t'a'  \f", "down_revision\t=\t'n3w'  \f"),
    ("u = '\u2028\x85\v\x1c'; down_revision = 'a'", "u = '\u2028\x85\v\x1c'; down_revision = 'n3w'"),
    ("down_revision: str\ndown_revision = 'a'", "down_revision: str\ndown_revision = 'n3w'"),
    ("down_revision = 'a'\nif T:\n\tdown_revision: str", "down_revision = 'n3w'\nif T:\n\tdown_revision: str"),
    (f"{CHECKING}down_revision = 'b'\ndown_revision = 'a'", f"{CHECKING}down_revision = 'b'\ndown_revision = 'n3w'"),
    (
        f"down_revision = 'a'\n{CHECKING}down_revision = 'b'\nelse: pass",
        f"down_revision = 'n3w'\n{CHECKING}down_revision = 'b'\nelse: pass",
    ),
    ("(one, [down_revision, two]) = ('a', ('a', 'b'))", "(one, [down_revision, two]) = ('a', ('n3w', 'b'))"),
]


@pytest.mark.parametrize(("old", "new"), STATIC)
def test_one_parent(old: str, new: str) -> None:
    assert _rewritten(HEAD + old + "\n", NEW) == (HEAD + new + "\n").replace("Revises: a\n", "Revises: n3w\n")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("down_revision = 'a'", "down_revision = ('n3w', 'sec0nd')"),
        ("down_revision = ('a', 'b')", "down_revision = ('n3w', 'sec0nd')"),
        ("down_revision = (\n  'a',  # one\n  'sec0nd',\n)", "down_revision = (\n  'n3w',  # one\n  'sec0nd',\n)"),
        ('down_revision = ["a", "b"]', 'down_revision = ["n3w", "sec0nd"]'),
    ],
)
def test_two_parents(old: str, new: str) -> None:
    expected = (HEAD + new + "\n").replace("Revises: a\n", "Revises: n3w, sec0nd\n")
    assert _rewritten(HEAD + old + "\n", NEW, SECOND) == expected


def test_no_parent() -> None:
    assert _rewritten(HEAD + "down_revision = 'a'\n") == (HEAD + "down_revision = None\n").replace(
        "Revises: a\n", "Revises: \n"
    )


def _rewritten(source: str, *parents: RevisionId) -> str:
    after = rewrite_static(source.encode(), parents)
    assert isinstance(after, bytes), after
    return after.decode()


@pytest.mark.parametrize(
    ("imports", "left"),
    [
        ("from gitlembic import get_down_revision\n", ""),
        ("from alembic_git_revisions import get_down_revision  # the chain\n", ""),
        ("import sqlalchemy as sa; from gitlembic import get_down_revision\n", None),
        ("from gitlembic import __version__, get_down_revision\n", "from gitlembic import __version__\n"),
        ("from gitlembic import get_down_revision, __version__\n", "from gitlembic import __version__\n"),
        ("import sqlalchemy as sa\nfrom gitlembic import (\n    get_down_revision,\n)\n", "import sqlalchemy as sa\n"),
    ],
)
def test_freezing_takes_the_import_away(imports: str, left: str | None) -> None:
    dynamic = HEAD.replace("from alembic import op\n", imports) + "down_revision = get_down_revision(revision)\n"
    after = rewrite_static(dynamic.encode(), [NEW])
    if left is None:
        assert isinstance(after, CannotRewrite)
        return
    expected = HEAD.replace("from alembic import op\n", left).replace("Revises: a\n", "Revises: n3w\n")
    assert after == (expected + 'down_revision = "n3w"\n').encode()


@pytest.mark.parametrize(
    ("imports", "left"),
    [
        ("from gitlembic import get_down_revision\n", ""),
        ("from alembic_git_revisions import get_down_revision  # noqa: F401\r\n", ""),
        ("from gitlembic import __version__, get_down_revision\n", "from gitlembic import __version__\n"),
        ("import gitlembic\n", "import gitlembic\n"),
        ("from gitlembic import get_down_revision\nask = get_down_revision\n", None),
        ("import sqlalchemy as sa; from gitlembic import get_down_revision\n", None),
    ],
)
@pytest.mark.parametrize("right", ["None", '"get_down_revision"'])
def test_a_static_one_loses_what_it_never_needed(imports: str, left: str | None, right: str) -> None:
    declared = f"down_revision = {right}\n"
    after = without_unused_import((HEAD.replace("from alembic import op\n", imports) + declared).encode())
    expected = HEAD.replace("from alembic import op\n", imports if left is None else left) + declared
    assert after == expected.encode()


@pytest.mark.parametrize("source", [b"from gitlembic import get_down_revision\nrevision = (", b"get_down_revision = 1"])
def test_what_cannot_be_parsed_stays(source: bytes) -> None:
    assert without_unused_import(source) == source


@pytest.mark.parametrize(
    ("imports", "call"),
    [
        ("from gitlembic import get_down_revision as ask", "ask"),
        ("import gitlembic", "gitlembic.get_down_revision"),
        ("import sqlalchemy as sa, gitlembic as g", "g.get_down_revision"),
    ],
)
def test_freezing_takes_another_spelling_away(imports: str, call: str) -> None:
    source = f'{imports}\nrevision = "x"\ndown_revision = {call}(revision)\n'
    left = "import sqlalchemy as sa\n" if "," in imports else ""
    assert _rewritten(source, NEW) == f'{left}revision = "x"\ndown_revision = "n3w"\n'


def test_an_import_that_something_else_needs_stays() -> None:
    rest = "from gitlembic import get_down_revision\nrevision = 'x'\nother = get_down_revision\n"
    assert _rewritten(rest + "down_revision = get_down_revision(revision)\n", NEW) == rest + "down_revision = 'n3w'\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from alembic import op\nimport sa\n", "from alembic import op\n{}import sa\n"),
        ("import sa\n\n# ids\n", "import sa\n{}\n# ids\n"),
        ("from __future__ import annotations\n", "from __future__ import annotations\n{}"),
        ("from alembic import (\n    op,\n)\n", "from alembic import (\n    op,\n)\n{}"),
        ("", "{}"),
        ("from gitlembic import get_down_revision as ask\n", "from gitlembic import get_down_revision as ask\n"),
    ],
)
def test_making_it_dynamic_adds_the_import(before: str, after: str) -> None:
    rest = "revision = 'x'\ndown_revision = 'a'\n"
    call = "ask" if " as " in before else "get_down_revision"
    found = rewrite_dynamic(f"{before}{rest}".encode(), [NEW])
    expected = after.format("from gitlembic import get_down_revision\n") + rest.replace("'a'", f"{call}(revision)")
    assert found == expected.encode()


@pytest.mark.parametrize(
    "source",
    [
        "down_revision = other = 'a'",
        "down_revision = ('a'  # why\n 'b')",
        "down_revision = compute()",
        "down_revision = 'a'\ndown_revision += 'b'",
        f"{CHECKING}pass\nelse: down_revision = 'a'",
        "if True:\n    down_revision = 'a'",
        "down_revision = 'a'\ndepends_on = down_revision",
        "pair = 'x', 'a'\none, down_revision = pair",
        "other = 1",
        "",
    ],
)
def test_refuses_what_it_could_not_change_alone(source: str) -> None:
    after = rewrite_static(f"revision = 'x'\n{source}\n".encode(), [NEW])
    assert isinstance(after, CannotRewrite)
    assert after.line == 'down_revision = "n3w"'
    assert after.reason
    assert (after.number >= 2) == ("down_revision" in source)


def test_refuses_a_dynamic_one_before_its_revision() -> None:
    after = rewrite_dynamic(b"down_revision = 'a'\nrevision = 'x'\n", [NEW])
    line = "down_revision = get_down_revision(revision)"
    assert after == CannotRewrite("its declarations are not plain ones", line, 1)


@pytest.mark.parametrize(
    "docstring", ["'Revises: a\\nRevises: b'", "'m' '\\nRevises: a'", '"""m\nRevises: a\\\nb\n"""', "'m\\nRevises: a'"]
)
def test_refuses_a_docstring_whose_line_cannot_be_found(docstring: str) -> None:
    after = rewrite_static(f"{docstring}\nrevision = 'x'\ndown_revision = 'a'\n".encode(), [NEW])
    assert isinstance(after, CannotRewrite)
    assert after.reason == "in its docstring `Revises: n3w` cannot take the place of what is there"


def test_what_says_it_already_is_left_alone() -> None:
    source = HEAD.encode() + b"down_revision = 'n3w'\n"
    assert rewrite_static(source, [NEW]) == source


@pytest.mark.parametrize("cookie", ["latin-1", "cp1252", "utf-8"])
def test_keeps_the_encoding(cookie: str) -> None:
    source = f'# -*- coding: {cookie} -*-\n"""für Ö\n\nRevises: a\n"""\nrevision = "x"\nü = "é"; down_revision = "a"\n'
    after = rewrite_static(source.encode(cookie), [NEW])
    assert after == source.replace("Revises: a", "Revises: n3w").replace('= "a"', '= "n3w"').encode(cookie)


def test_refuses_an_id_that_the_encoding_lacks() -> None:
    source = '# -*- coding: latin-1 -*-\nrevision = "x"\ndown_revision = "a"\n'.encode("latin-1")
    assert isinstance(rewrite_static(source, [RevisionId("鰻")]), CannotRewrite)


_NAMES = st.sampled_from(["a", "b2", "c'3", 'd"4', "é5", "f\\6", "g 7"]).map(RevisionId)
_QUOTED = st.tuples(_NAMES, st.sampled_from(["'", '"', "'''", '"""', "repr"])).map(
    lambda pair: repr(str(pair[0])) if pair[1] == "repr" or not pair[0].isalnum() else pair[1] + pair[0] + pair[1]
)
_VALUES = st.one_of(
    st.just("None"),
    _QUOTED,
    _QUOTED.map(lambda text: f"({text})"),
    _QUOTED.map(lambda text: f"(\n    {text}\n)"),
    st.lists(_QUOTED, min_size=1, max_size=3).map(lambda texts: f"({', '.join(texts)},)"),
    st.lists(_QUOTED, min_size=1, max_size=3).map(lambda texts: "[\n    " + ",\n    ".join(texts) + "\n]"),
    st.tuples(_QUOTED, _QUOTED).map(" ".join),
    st.tuples(_QUOTED, _QUOTED).map(lambda pair: f"(\n\t{pair[0]}\n\t{pair[1]}\n)"),
    _QUOTED.map(lambda text: f"( # why é\n  {text} # é\n)"),
    st.just("get_down_revision(revision)"),
)
_HIDDEN = "\nif TYPE_CHECKING:\n\tdown_revision = 'z'\n"
_SOURCES = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(["", "# é\n"]),
        st.sampled_from(
            [
                "",
                '"""m é\n\nRevises: a, b\nCreate Date: 2026-01-01\n"""\n',
                "'''m\n\nRevises:'''\n",
                'r"""m\n\tRevises:\ta  \n"""\n',
                '"""Revises: a"""; é = 1\n',
            ]
        ),
        st.sampled_from(["", "from alembic import op\n", "import sqlalchemy as sa\n\n"]),
        st.just("from gitlembic import get_down_revision\nfrom typing import TYPE_CHECKING\n"),
        st.sampled_from(["revision = 'x'\n", 'revision: str = "x"\n', "é = 'é'; revision = 'x'\n"]),
        st.sampled_from(["down_revision = ", "down_revision: str | None = ", "ü = 'ü'; down_revision="]),
        _VALUES,
        st.sampled_from(
            ["\n", "  # a comment\n", "; ö = 'a'\n", "\t\f\n", "\nif TYPE_CHECKING:\n\tdown_revision = 'z'\n"]
        ),
        st.sampled_from(["branch_labels = None\ndepends_on = 'a'\n", ""]),
        st.sampled_from(["def upgrade():\n    op.execute('down_revision = 1')\n", ""]),
    ),
)


@pytest.mark.parametrize("examples", [300, pytest.param(5_000, marks=pytest.mark.full)])
def test_it_says_what_was_asked_and_keeps_every_other_line(examples: int) -> None:
    @hold(
        examples,
        _SOURCES,
        st.lists(_NAMES, unique=True, max_size=3),
        st.sampled_from(["\n", "\r\n", "\r"]),
        st.booleans(),
        st.booleans(),
    )
    def _(text: str, parents: list[RevisionId], ending: str, bom: bool, ended: bool) -> None:  # noqa: FBT001
        text = text if ended else text.rstrip("\n")
        source = (b"\xef\xbb\xbf" if bom else b"") + text.replace("\n", ending).encode()
        before = parse_migration(source)
        assert isinstance(before, Migration)
        for after, kind in (
            (rewrite_static(source, parents), Kind.STATIC),
            (rewrite_dynamic(source, parents), Kind.DYNAMIC),
        ):
            if isinstance(after, CannotRewrite):
                assert any(not name.isalnum() for name in parents), after  # `Revises:` cannot name these
                continue
            parsed = parse_migration(after)
            literal = tuple(parents) if kind is Kind.STATIC else ()
            assert isinstance(parsed, Migration)
            assert parsed.declaration == (kind, literal)
            parsed = parsed._replace(kind=before.kind, parents=before.parents)
            assert parsed._replace(revises=before.revises, docstring=before.docstring) == before
            assert after.startswith(b"\xef\xbb\xbf") == bom
            _check_lines(source.decode("utf-8-sig").split(ending), after.decode("utf-8-sig").split(ending))


def _check_lines(before: list[str], after: list[str]) -> None:
    """Only lines of the assignment, the import and the docstring's one differ."""
    blocks = difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    changed = [line for tag, i, j, k, l in blocks if tag != "equal" for line in (*before[i:j], *after[k:l])]  # noqa: E741
    texts = "\n".join(changed)
    assert len(changed) <= 14, texts
    for line in changed:
        assert not line.startswith(("def ", "branch_labels", "revision", "from alembic", "import ", "# é")), texts
