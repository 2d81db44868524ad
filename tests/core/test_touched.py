"""What a migration touches, as far as its text tells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitlembic.core.touched import NOTHING_TOUCHED, read_touched

CALLS = {
    "op.create_table('t', sa.Column('a', sa.Integer))": "t: table t",
    "op.drop_table('t')": "t: table t",
    "op.add_column('t', sa.Column('a', sa.Integer))": "t: column a of t",
    "op.drop_column('t', 'a')": "t: column a of t",
    "op.alter_column(table_name='t', column_name='a', nullable=False)": "t: column a of t",
    "op.create_index(op.f('i'), 't', ['a'])": "t: index i of t",
    "op.drop_index('i', table_name='t')": "t: index i of t",
    "op.create_unique_constraint('u', 't', ['a'])": "t: constraint u of t",
    "op.create_foreign_key('f', 't', 'other', ['a'], ['b'])": "t: constraint f of t",
    "op.drop_constraint(constraint_name='f', table_name='t')": "t: constraint f of t",
    "op.rename_table('t', 'u')": "t u:",
    "op.bulk_insert(sa.table('t', sa.column('a')), [])": "t:",
    "op.add_column(TABLE, sa.Column(COLUMN))": "t: column a of t",
    "op.execute('UPDATE t SET a = 1')": "t*:",
    "op.execute(sa.text('DELETE FROM public.t USING x'))": "t*:",
    "op.execute('ALTER TABLE IF EXISTS ONLY \"t\" ADD COLUMN b int')": "t*:",
    "op.execute('CREATE INDEX CONCURRENTLY i ON t (a)')": "t*:",
    "op.execute('SELECT 1')": ":",
    "op.execute(\"ALTER TYPE mood ADD VALUE 'x'\")": ": type mood",
    "op.execute(f'INSERT INTO t VALUES ({n})')": "t*:",
    "op.create_table('t', sa.Column('m', sa.Enum('a', name='mood')))": "t: table t, type mood",
    "with op.batch_alter_table('t') as batch:\n        batch.add_column(sa.Column('a'))": "t: column a of t",
    "with op.batch_alter_table('t') as batch:\n        batch.drop_constraint('c')": "t: constraint c of t",
}


@pytest.mark.parametrize("call", CALLS)
def test_calls_are_read(call: str) -> None:
    source = (
        f"TABLE = 't'\nCOLUMN = 'a'\ndef upgrade():\n    {call}\n\ndef downgrade():\n    op.drop_table('not_seen')\n"
    )
    touched = read_touched(source.encode())
    tables = " ".join(f"{name}*" if name in touched.raw else name for name in sorted(touched.tables))
    things = ", ".join(thing.shown for thing in sorted(touched.things))
    assert f"{tables}: {things}".strip() == CALLS[call]
    assert touched.unread == 0


def test_what_cannot_be_read_is_counted() -> None:
    touched = read_touched(b"def upgrade():\n    for t in T:\n        op.drop_table(t)\n    op.execute(make())\n")
    assert touched.tables == frozenset()
    assert touched.unread == 2


@given(st.binary(max_size=200))
def test_anything_is_read(source: bytes) -> None:
    read_touched(source)
    assert read_touched(b"def f(:") == NOTHING_TOUCHED
