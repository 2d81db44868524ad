"""Which imports of many modules may stand once, at the top of a file that holds them all."""

from __future__ import annotations

import ast
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.squash.meaning import bound_names, is_future_import

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_WELL_KNOWN = sys.stdlib_module_names | {"alembic", "sqlalchemy"}
"""Importing these does nothing but import them, whenever it happens."""


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """`from module import name as bound`, or `import module as bound` where there is no name."""

    module: str
    name: str
    bound: str

    @property
    def line(self) -> str:
        if self.name:
            renamed = f" as {self.bound}" if self.bound != self.name else ""
            return f"from {self.module} import {self.name}{renamed}"
        return f"import {self.module}" + (f" as {self.bound}" if self.bound != self.module else "")


def hoisted_imports(modules: Iterable[ast.Module], own: Mapping[str, Import]) -> dict[str, Import]:
    """The imports that may be made once, by the name they bind.

    Each binds its name to the same thing wherever the name is bound at all, and nothing else binds
    it there. `own` are those of the file itself, with which none may be at odds.
    """
    found: dict[str, set[Import]] = {name: {one} for name, one in own.items()}
    spoiled: set[str] = set()
    for module in modules:
        times = Counter(bound_names(module.body))
        for statement in module.body:
            for one in _imports(statement):
                times[one.bound] -= 1
                found.setdefault(one.bound, set()).add(one)
        spoiled |= {name for name, number in times.items() if number > 0}
    return {
        name: next(iter(ones))
        for name, ones in found.items()
        if len(ones) == 1 and (name not in spoiled or name in own)
        if all(_is_well_known(one) for one in ones)
    }


def hoisted_statements(module: ast.Module, hoisted: Mapping[str, Import]) -> list[ast.stmt]:
    """The statements of a module that are made elsewhere: whole lines, with nothing beside them."""
    times = Counter(bound_names(module.body))
    imports = {id(statement): _imports(statement) for statement in module.body}
    counted = Counter(one.bound for ones in imports.values() for one in ones)
    found = [
        statement
        for statement in module.body
        if is_future_import(statement)
        or (
            isinstance(statement, (ast.Import, ast.ImportFrom))
            and len(imports[id(statement)]) == len(statement.names)
            and all(hoisted.get(one.bound) == one for one in imports[id(statement)])
            and all(times[one.bound] == counted[one.bound] for one in imports[id(statement)])
        )
    ]
    gone = set(map(id, found))
    kept = {line for statement in module.body if id(statement) not in gone for line in lines_of(statement)}
    return [statement for statement in found if is_future_import(statement) or kept.isdisjoint(lines_of(statement))]


def lines_of(statement: ast.stmt) -> range:
    """The numbers of the lines on which it stands."""
    return range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)


def _imports(statement: ast.stmt) -> list[Import]:
    if (
        isinstance(statement, ast.ImportFrom)
        and not statement.level
        and statement.module
        and statement.module != "__future__"
    ):
        return [Import(statement.module, alias.name, alias.asname or alias.name) for alias in statement.names]
    if isinstance(statement, ast.Import):
        return [
            Import(alias.name, "", alias.asname or alias.name)
            for alias in statement.names
            if alias.asname or "." not in alias.name  # the others bind the first part only
        ]
    return []


def _is_well_known(one: Import) -> bool:
    return one.module.partition(".")[0] in _WELL_KNOWN
