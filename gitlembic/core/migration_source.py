"""Source text -> what the migration declares, by syntax tree, never by running it.

What counts is what Alembic would find after importing the file: the last module-level
assignment to each name. Literals, names that were bound to literals before, and concatenated
strings are read; anything else is marked as unreadable rather than guessed.
"""

from __future__ import annotations

import ast
import re
from importlib.util import decode_source
from typing import TYPE_CHECKING

from gitlembic.core.create_date import parse_create_date
from gitlembic.core.migration import Kind, Migration, NotAMigration, RevisionId, Unparsable
from gitlembic.core.module_values import DYNAMIC, Unreadable, line_of, module_values
from gitlembic.core.source_parts import top_level_parts
from gitlembic.core.syntax import parse_module

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.core.migration import Parsed
    from gitlembic.core.module_values import Value

_CONFLICT = re.compile(rb"^(?:<{7}|>{7})(?: |\r?$)", re.MULTILINE)
_REVISES = re.compile(r"^[ \t]*Revises:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_CREATE_DATE = re.compile(r"^[ \t]*Create Date:[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_SEPARATORS = re.compile(r"[,\s]+")

_NOT_A_MIGRATION = NotAMigration()


def parse_migration(source: bytes, legacy: RevisionId | None = None) -> Parsed:
    """What `source` declares; `legacy` is the id its file name gives, for files that assign none.

    Never raises: what Python itself cannot parse (also for its nesting or its encoding) is
    `Unparsable`, and so is a `revision` that is not a literal, since nothing else names it.
    """
    return parse_loaded(source, legacy) if b"revision" in source else _NOT_A_MIGRATION


def parse_loaded(source: bytes, legacy: RevisionId | None = None) -> Parsed:
    """The same of a file that Alembic imports, whatever it holds: without a `revision` it may be cut off or broken.

    Of all the Python files in a repository's history that would take too long.
    """
    try:
        return _declared(parse_module(source), legacy)
    except SyntaxError as error:
        marker = _CONFLICT.search(source)
        if marker is not None:
            return Unparsable("it has conflict markers", source.count(b"\n", 0, marker.start()) + 1)
        return Unparsable(error.msg or "syntax error", error.lineno or 0, declares=_declared_in_parts(source))
    except (ValueError, RecursionError, MemoryError) as error:
        return Unparsable(str(error) or type(error).__name__)


def assignment_line(source: bytes, name: str) -> int:
    """The line (from 1) of the module-level assignment to a name that counts; 0 where there is none to be found."""
    try:
        return line_of(parse_module(source), name)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return 0


def _declared(module: ast.Module, legacy: RevisionId | None) -> Parsed:
    values = module_values(module)
    if "revision" not in values and (legacy is None or "down_revision" not in values):
        return _NOT_A_MIGRATION
    revision = values.get("revision", legacy)
    if not isinstance(revision, str) or not revision:
        line = line_of(module, "revision")
        return Unparsable("its revision is not a literal", line, needs_running=isinstance(revision, Unreadable))
    return _migration(RevisionId(revision), values, ast.get_docstring(module, clean=False) or "")


def _declared_in_parts(source: bytes) -> Migration | None:
    """What a file declares of which Python cannot parse the rest.

    The rest may be in the syntax of a Python newer than the one that runs, and an order must not
    depend on the interpreter.
    """
    try:
        parts = top_level_parts(decode_source(source))
        parsed = _declared(parts, None)
        is_whole = "down_revision" in module_values(parts)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    readable = isinstance(parsed, Migration) and "down_revision" not in parsed.unreadable
    return parsed if is_whole and readable else None  # type: ignore[return-value]


def _migration(revision: RevisionId, values: Mapping[str, Value], docstring: str) -> Migration:
    down = values.get("down_revision")
    texts = {name: _texts(values.get(name)) for name in ("branch_labels", "depends_on")}
    texts["down_revision"] = () if down is DYNAMIC else _texts(down)
    texts["__doc__"] = None if "__doc__" in values else ()
    return Migration(
        revision=revision,
        kind=Kind.DYNAMIC if down is DYNAMIC else Kind.STATIC,
        parents=tuple(RevisionId(parent) for parent in texts["down_revision"] or ()),
        branch_labels=texts["branch_labels"] or (),
        depends_on=texts["depends_on"] or (),
        docstring=docstring,
        create_date=parse_create_date(_line(docstring, _CREATE_DATE)),
        revises=_revision_list(_line(docstring, _REVISES)),
        unreadable=frozenset(name for name, value in texts.items() if value is None),
    )


def _line(docstring: str, pattern: re.Pattern[str]) -> str:
    found = pattern.search(docstring)
    return found[1] if found else ""


def _revision_list(text: str) -> tuple[RevisionId, ...]:
    """`Revises:` names several parents of a merge with commas, and a base by `None` or nothing."""
    return tuple(RevisionId(word) for word in _SEPARATORS.split(text) if word and word != "None")


def _texts(value: Value) -> tuple[str, ...] | None:
    """What Alembic makes of a text, a sequence of texts or `None`; `None` if it is unreadable."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, tuple):
        texts = tuple(item for item in value if isinstance(item, str))
        return texts if len(texts) == len(value) else None
    return None
