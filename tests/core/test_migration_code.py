"""What of a migration runs, whom it replaces, and where it says what."""

from __future__ import annotations

import pytest

from gitlembic.core.migration_code import assignment_lines, same_code
from gitlembic.core.squash_header import replaced_revisions
from tests.support.migrations import migration_source

SOURCE = migration_source("b2", "a1", body='    op.drop_table("x")').encode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("'a1'", "'a9'"),
        ('"x"', "'x'"),
        ("def upgrade():\n", 'def upgrade() -> None:\n    """Drop x."""\n    # gone\n\n'),
        ("import sqlalchemy as sa\n", ""),
        ('"""add b2', '"""Add b2.'),
        ("    pass\n", '    """Nothing."""\n'),
    ],
)
def test_what_changes_nothing_that_runs(old: str, new: str) -> None:
    after = SOURCE.decode().replace(old, new)
    assert after != SOURCE.decode()
    assert same_code(SOURCE, after.encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [('"x"', '"y"'), ("    pass\n", '    op.create_table("x")\n'), ("\n\ndef upgrade", "\n\nX = 1\ndef upgrade")],
)
def test_what_changes_something_that_runs(old: str, new: str) -> None:
    assert not same_code(SOURCE, SOURCE.decode().replace(old, new).encode())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("op.execute('x')", "op.execute(sa.text('x'))"),
        ("op.execute(sa.select([a, b]))", "op.execute(sa.select(a, b))"),
        ("op.execute(u'x')", "op.execute('x')"),
        ("op.execute(shop.old.place.X())", "op.execute(shop.place.X())"),
        ("f(sa.dialects.mysql.TEXT())", "f(mysql.TEXT())"),
        ("f(sa.sql.column('x'))", "f(column('x'))"),
    ],
)
def test_what_only_newer_libraries_make_people_rewrite(old: str, new: str) -> None:
    imports = (
        "import shop.old.place, shop.place\nimport sqlalchemy as sa\n"
        "from sqlalchemy import column\nfrom sqlalchemy.dialects import mysql\n"
    )
    one, other = (f"{imports}def upgrade():\n    {line}\n".encode() for line in (old, new))
    assert same_code(one, other)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("op.execute('x')", "op.execute(sa.text('y'))"),
        ("op.add_column('x')", "op.drop_column('x')"),
        ("op.execute(sa.select([a, b]))", "op.execute(sa.select(b, a))"),
        ("f(server_default='now()')", "f(server_default=sa.text('now()'))"),
        ("f('now()')", "f(sa.text('now()'))"),
        ("op.execute(sa.String())", "op.execute(sa.Text())"),
        ("op.execute(a.b)", "op.execute(c.b)"),
        ("op.execute(sa.TEXT())", "op.execute(mysql.TEXT())"),
        ("op.execute(TEXT())", "op.execute(sa.TEXT())"),
    ],
)
def test_what_looks_like_it_and_is_not(old: str, new: str) -> None:
    imports = "import sqlalchemy as sa\nfrom sqlalchemy.dialects import mysql\n"
    imports += "from sqlalchemy.dialects.postgresql import TEXT\n"
    one, other = (f"{imports}def upgrade():\n    {line}\n".encode() for line in (old, new))
    assert not same_code(one, other)


def test_the_downgrade_alone() -> None:
    other = SOURCE.replace(b"    pass\n", b"    op.create_table('x')\n")
    assert not same_code(SOURCE, other)
    assert same_code(SOURCE, other, with_downgrade=False)


def test_what_is_not_python_never_ran() -> None:
    assert same_code(SOURCE, b"<<<<")
    assert same_code(b"<<<<", SOURCE)


@pytest.mark.parametrize(
    ("source", "replaced"),
    [
        (b'replaces = (("a1", "0123"), ("b2", "4567"))', {"a1", "b2"}),
        (b"replaces = OTHERS", set()),
        (b"replaces = 3", set()),
        (b"replaces = ((1 2), )", set()),
        (b"replaces: tuple", set()),
        (b"# replaces nothing", set()),
        (b"", set()),
    ],
)
def test_whom_a_squash_replaces(source: bytes, replaced: set[str]) -> None:
    assert replaced_revisions(source) == replaced


def test_lines_of_assignments() -> None:
    source = b'"""x"""\nrevision = "a"\ndown_revision: str = "b"\nx.y = 1\nrevision = "c"\n'
    assert assignment_lines(source) == {"revision": 5, "down_revision": 3}
    assert assignment_lines(b"<<<<") == {}
