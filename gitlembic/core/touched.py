"""The source of a migration -> what of a database its upgrade touches, as far as its text tells.

Calls of `op` are read by syntax tree, with names that are literals or constants of the module. In
raw SQL the names behind a few key words are found; anything else is not seen.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.syntax import parse_module

if TYPE_CHECKING:
    from collections.abc import Mapping

_TABLE_FIRST = frozenset({"create_table", "drop_table", "add_column", "drop_column", "alter_column", "bulk_insert"})
_TABLE_SECOND = frozenset(
    {
        *("create_index", "drop_index", "create_unique_constraint", "create_check_constraint"),
        *("create_primary_key", "create_foreign_key", "drop_constraint", "create_exclude_constraint"),
    }
)
_KINDS = {"index": "index", "constraint": "constraint", "key": "constraint", "column": "column"}
"""What the last word of a call says that its name is of."""

_IDENTIFIER = r'(?:"[^"]+"|`[^`]+`|\w+)'
_SQL_TABLE = re.compile(
    rf"\b(?:FROM|INTO|UPDATE|JOIN|TABLE(?:\s+IF\s+(?:NOT\s+)?EXISTS)?(?:\s+ONLY)?|REFERENCES|INDEX\s[^;]*?\sON)\s+"
    rf"(?:{_IDENTIFIER}\.)?({_IDENTIFIER})",
    re.IGNORECASE,
)
_SQL_TYPE = re.compile(rf"\b(?:CREATE|ALTER|DROP)\s+TYPE\s+(?:IF\s+EXISTS\s+)?({_IDENTIFIER})", re.IGNORECASE)
_NO_TABLE = frozenset({"select", "set", "of", "only", "if", "exists", "where", "values", "lateral", "unnest"})


@dataclass(frozen=True, slots=True, order=True)
class Thing:
    """A column, constraint or index of a table; or a type, or a table that is made or dropped: those are of none."""

    table: str
    kind: str
    name: str

    @property
    def shown(self) -> str:
        of = f" of {self.table}" if self.table else ""
        return f"{self.kind} {self.name}{of}"


@dataclass(frozen=True, slots=True)
class Touched:
    """`raw` are those of the `tables` that only raw SQL names; `unread` counts the calls whose table is computed."""

    tables: frozenset[str]
    things: frozenset[Thing]
    raw: frozenset[str]
    unread: int = 0


NOTHING_TOUCHED = Touched(frozenset(), frozenset(), frozenset())


def read_touched(source: bytes) -> Touched:
    """Of all functions but `downgrade`; nothing of what Python cannot read."""
    try:
        module = parse_module(source)
    except (SyntaxError, ValueError, RecursionError):
        return NOTHING_TOUCHED
    reader = _Reader(_constants(module))
    for statement in module.body:
        if not (isinstance(statement, ast.FunctionDef) and statement.name.startswith("downgrade")):
            reader.read(statement)
    called = frozenset(reader.tables)
    return Touched(
        called | frozenset(reader.raw), frozenset(reader.things), frozenset(reader.raw) - called, reader.unread
    )


def _constants(module: ast.Module) -> dict[str, str]:
    return {
        target.id: statement.value.value
        for statement in module.body
        if isinstance(statement, ast.Assign)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }


class _Reader:
    def __init__(self, constants: Mapping[str, str]) -> None:
        self._constants = constants
        self.tables: set[str] = set()
        self.raw: set[str] = set()
        self.things: set[Thing] = set()
        self.unread = 0

    def read(self, node: ast.AST, batch: Mapping[str, str] | None = None) -> None:
        """`batch` has the tables of the batch operations that are open, by the names they have there."""
        batch = dict(batch or {})
        if isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                table = self._batch_table(item.context_expr)
                if table is not None:
                    self.tables.add(table)
                    if isinstance(item.optional_vars, ast.Name):
                        batch[item.optional_vars.id] = table
        if isinstance(node, ast.Call):
            self._read_call(node, batch)
        for child in ast.iter_child_nodes(node):
            self.read(child, batch)

    def _batch_table(self, node: ast.expr) -> str | None:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "batch_alter_table"
        ):
            return self._text(_argument(node, 0, "table_name"))
        return None

    def _read_call(self, call: ast.Call, batch: Mapping[str, str]) -> None:
        if not isinstance(call.func, ast.Attribute):
            self._read_type(call, getattr(call.func, "id", ""))
            return
        name = call.func.attr
        table = batch.get(call.func.value.id) if isinstance(call.func.value, ast.Name) else None
        if table is not None:
            self._add(table, name, _argument(call, 0, _named(name)))
        elif name in _TABLE_FIRST:
            found = self._table(_argument(call, 0, "table_name"))
            self._found(found)
            if found is not None and name in {"create_table", "drop_table"}:
                self.things.add(Thing("", "table", found))
            self._add(found, name, _argument(call, 1, "column_name"))
        elif name in _TABLE_SECOND:
            found = self._table(_argument(call, 1, "table_name") or _argument(call, 1, "source_table"))
            self._found(found)
            self._add(found, name, _argument(call, 0, _named(name)))
        elif name == "rename_table":
            for position, keyword in enumerate(("old_table_name", "new_table_name")):
                self._found(self._table(_argument(call, position, keyword)))
        elif name in {"execute", "text", "exec_driver_sql"}:
            self._read_sql(self._text(call.args[0]) if call.args else None)
        else:
            self._read_type(call, name)

    def _found(self, table: str | None) -> None:
        if table is None:
            self.unread += 1
        else:
            self.tables.add(table)

    def _add(self, table: str | None, call: str, named: ast.expr | None) -> None:
        kind = _KINDS.get(call.rpartition("_")[2])
        if table is None or kind is None:
            return
        name = self._table(named) if kind == "column" else self._text(named)  # `sa.Column("name", ...)`
        if name:
            self.things.add(Thing(table, kind, name))

    def _table(self, node: ast.expr | None) -> str | None:
        """A name, or that of `sa.table("name", ...)`."""
        if isinstance(node, ast.Call) and node.args:
            return self._text(node.args[0])
        return self._text(node)

    def _text(self, node: ast.expr | None) -> str | None:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"f", "text"}:
            return self._text(node.args[0]) if node.args else None
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.Name):
            return self._constants.get(node.id)
        if isinstance(node, ast.JoinedStr):  # what is written between the computed parts
            return "?".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        return None

    def _read_type(self, call: ast.Call, name: str) -> None:
        named = next((one.value for one in call.keywords if one.arg == "name"), None)
        if name.lower() == "enum" and named is not None:
            text = self._text(named)
            if text:
                self.things.add(Thing("", "type", text))

    def _read_sql(self, sql: str | None) -> None:
        if sql is None:
            self.unread += 1
            return
        for name in _SQL_TABLE.findall(sql):
            plain = name.strip('"`')
            if plain.lower() not in _NO_TABLE:
                self.raw.add(plain)
        self.things.update(Thing("", "type", name.strip('"`')) for name in _SQL_TYPE.findall(sql))


def _named(call: str) -> str:
    """The parameter that has the name of what a call makes."""
    kind = call.rpartition("_")[2]
    return {"index": "index_name", "column": "column_name"}.get(kind, "constraint_name")


def _argument(call: ast.Call, position: int, keyword: str) -> ast.expr | None:
    if position < len(call.args):
        return call.args[position]
    return next((one.value for one in call.keywords if one.arg == keyword), None)
