"""The source of a migration -> the same source with another `down_revision`.

Only the right side of the assignment, the docstring's `Revises:` line and, where a migration turns
dynamic or static, one import are touched; line endings, encoding, byte order mark and everything
else stay to the byte. The result is parsed again: what does not say exactly what was asked, and
otherwise what it said before, is refused.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from gitlembic.core.migration import Kind, Migration
from gitlembic.core.migration_source import assignment_line, parse_migration
from gitlembic.core.module_values import DYNAMIC_FUNCTION, DYNAMIC_MODULES
from gitlembic.core.syntax import parse_module

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from gitlembic.core.migration import RevisionId

_BOM = b"\xef\xbb\xbf"
_LINE_END = re.compile(r"\r\n|\n|\r")
_QUOTES = re.compile(r"""[A-Za-z]*('{3}|"{3}|'|")""")
_REVISES = re.compile(
    r"(?:^|(?<=\r))(?P<label>[ \t]*Revises:)(?P<gap>[ \t]*)[^\r\n\\]*?(?=[ \t]*(?:[\r\n]|\Z))", re.MULTILINE
)
_PLAIN = re.compile(r"[^\x00-\x1f\x7f\\'\"{}]+")
_IMPORT = f"from gitlembic import {DYNAMIC_FUNCTION}"


@dataclass(frozen=True, slots=True)
class CannotRewrite:
    """A file that has to be edited by hand: why, the line to type, and where (counted from 1; 0 if nowhere)."""

    reason: str
    line: str
    number: int = 0


@dataclass(frozen=True, slots=True)
class _Edit:
    """`text` in place of what stands from `start` to `end`."""

    start: int
    end: int
    text: str


class _Unknown(Exception):  # noqa: N818 -- never leaves this module
    """The file is written in a way that is not understood well enough to change it."""


def rewrite_static(
    source: bytes, parents: Sequence[RevisionId], legacy: RevisionId | None = None
) -> bytes | CannotRewrite:
    """`source` declaring these literal parents: `None` for no one, a tuple for several.

    An import of `get_down_revision` that nothing needs any more goes.
    """
    return _rewrite(source, parents, _Target(Kind.STATIC, tuple(parents)), legacy)


def rewrite_dynamic(
    source: bytes, written_after: Sequence[RevisionId], legacy: RevisionId | None = None
) -> bytes | CannotRewrite:
    """`source` asking git for its parent; its `Revises:` line will name `written_after`."""
    return _rewrite(source, written_after, _Target(Kind.DYNAMIC, ()), legacy)


def without_unused_import(source: bytes, legacy: RevisionId | None = None) -> bytes:
    """`source` without an import of `get_down_revision` that nothing in it needs; as it is if that is not certain."""
    if DYNAMIC_FUNCTION.encode() not in source:
        return source
    try:
        before = parse_migration(source, legacy)
        text = _Text(source)
        after = text.apply(list(text.unused_imports()))
    except (_Unknown, SyntaxError, ValueError, LookupError, RecursionError, MemoryError):
        return source
    return after if parse_migration(after, legacy) == before else source


@dataclass(frozen=True, slots=True)
class _Target:
    kind: Kind
    parents: tuple[RevisionId, ...]


def _rewrite(
    source: bytes, revises: Sequence[RevisionId], target: _Target, legacy: RevisionId | None
) -> bytes | CannotRewrite:
    try:
        return _checked(source, tuple(revises), target, legacy)
    except _Unknown as unknown:
        reason = str(unknown)
    except (SyntaxError, ValueError, LookupError, RecursionError, MemoryError) as error:
        reason = str(error) or type(error).__name__
    return CannotRewrite(reason, f"down_revision = {_line_to_type(target)}", assignment_line(source, "down_revision"))


def _line_to_type(target: _Target) -> str:
    return f"{DYNAMIC_FUNCTION}(revision)" if target.kind is Kind.DYNAMIC else _literal(target.parents, '"')


def _checked(source: bytes, revises: tuple[RevisionId, ...], target: _Target, legacy: RevisionId | None) -> bytes:
    before = parse_migration(source, legacy)
    if not isinstance(before, Migration):
        raise _Unknown("it is not a migration that can be read")
    if "down_revision" in before.unreadable:
        raise _Unknown("its down_revision is computed")
    if before.declaration == (target.kind, target.parents):
        return source
    text = _Text(source)
    edits = list(text.edits(revises, target))
    after = text.apply(edits)
    expected = before._replace(kind=target.kind, parents=target.parents, revises=revises if before.revises else ())
    parsed = parse_migration(after, legacy)
    if isinstance(parsed, Migration) and _other_lines(parsed) == _other_lines(before):
        parsed = parsed._replace(docstring=before.docstring)
    if parsed in {expected, expected._replace(revises=revises)}:
        return after
    if isinstance(parsed, Migration) and _without_docstring(parsed) == _without_docstring(expected):
        raise _Unknown(f"in its docstring `Revises: {', '.join(revises)}` cannot take the place of what is there")
    raise _Unknown("its declarations are not plain ones")


def _without_docstring(migration: Migration) -> Migration:
    return migration._replace(revises=(), docstring="")


def _other_lines(migration: Migration) -> list[str]:
    """The docstring without what is to be rewritten in it."""
    return [line for line in migration.docstring.split("\n") if not line.lstrip().startswith("Revises:")]


class _Text:
    """A source as text, with the places of its syntax tree."""

    def __init__(self, source: bytes) -> None:
        self._bom = _BOM if source.startswith(_BOM) else b""
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source).readline)
        self._encoding = encoding.removesuffix("-sig")
        self._source = source[len(self._bom) :]
        self._text = self._source.decode(self._encoding)
        if self._text.encode(self._encoding) != self._source:
            raise _Unknown(f"its encoding {encoding} does not write back what it reads")
        self._module = parse_module(self._text)
        self._line_starts = [0, *(found.end() for found in _LINE_END.finditer(self._text))]

    def apply(self, edits: Sequence[_Edit]) -> bytes:
        text = self._text
        for edit in sorted(edits, key=lambda edit: edit.start, reverse=True):
            text = text[: edit.start] + edit.text + text[edit.end :]
        return self._bom + text.encode(self._encoding)

    def edits(self, revises: tuple[RevisionId, ...], target: _Target) -> Iterator[_Edit]:
        value = self._value()
        yield from self._revises_edits(revises)
        if target.kind is Kind.DYNAMIC:
            imported = self._imported_name()
            yield self._replaced(value, f"{imported or DYNAMIC_FUNCTION}(revision)")
            if imported is None:
                yield self._added_import()
            return
        yield from self._literal_edits(value, target.parents)
        yield from self._removed_imports(value)

    def _value(self) -> ast.expr:
        """The right side of the assignment that counts, the last one."""
        for statement in reversed(self._module.body):
            if isinstance(statement, ast.AnnAssign) and statement.value is not None:
                targets: list[ast.expr] = [statement.target]
            elif isinstance(statement, ast.Assign):
                targets = statement.targets
            else:
                continue
            for target in targets:
                value = _value_for(target, statement.value) if statement.value else None
                if value is not None:
                    if len(targets) > 1:
                        raise _Unknown("it assigns down_revision and another name at once")
                    return value
        raise _Unknown("it has no assignment to down_revision at the top level")

    def _position(self, line: int, column: int) -> int:
        """A place of the syntax tree, whose columns count bytes of UTF-8."""
        start = self._line_starts[line - 1]
        end = self._line_starts[line] if line < len(self._line_starts) else len(self._text)
        return start + len(self._text[start:end].encode()[:column].decode())

    def _span(self, node: ast.expr | ast.stmt | ast.alias) -> tuple[int, int]:
        assert node.end_lineno is not None and node.end_col_offset is not None  # noqa: S101, PT018 -- of parsed text
        return self._position(node.lineno, node.col_offset), self._position(node.end_lineno, node.end_col_offset)

    def _replaced(self, node: ast.expr, text: str) -> _Edit:
        start, end = self._span(node)
        inside = self._text[start:end]
        if "#" in inside and any(
            token.type == tokenize.COMMENT for token in tokenize.generate_tokens(io.StringIO(f"({inside})").readline)
        ):
            raise _Unknown("there is a comment inside its down_revision")
        return _Edit(start, end, text)

    def _literal_edits(self, value: ast.expr, parents: tuple[RevisionId, ...]) -> Iterator[_Edit]:
        if isinstance(value, (ast.Tuple, ast.List)) and len(value.elts) == len(parents) > 1:
            for part, parent in zip(value.elts, parents, strict=True):
                if not (isinstance(part, ast.Constant) and part.value == parent):
                    yield self._replaced(part, _literal((parent,), self._quote(part)))
            return
        yield self._replaced(value, _literal(parents, self._quote(value)))

    def _quote(self, value: ast.expr) -> str:
        """The quotes that this value has, else those of another assignment nearby."""
        for node in ast.walk(value):
            if _is_text(node):
                return self._opening(node)[1]
        for statement in self._module.body:
            if isinstance(statement, (ast.Assign, ast.AnnAssign)) and _is_text(statement.value):
                return self._opening(statement.value)[1][0]
        return '"'

    def _opening(self, node: ast.expr) -> re.Match[str]:
        found = _QUOTES.match(self._text, self._span(node)[0])
        if found is None:
            raise _Unknown("the quotes of its declarations cannot be found")
        return found

    def _revises_edits(self, revises: tuple[RevisionId, ...]) -> Iterator[_Edit]:
        first = self._module.body[0] if self._module.body else None
        if not isinstance(first, ast.Expr) or not _is_text(first.value):
            return
        opening = self._opening(first.value)
        inside = self._text[opening.end() : self._span(first.value)[1] - len(opening[1])]
        found = _REVISES.search(inside)
        if found is not None:
            named = ", ".join(revises)
            gap = found["gap"] or (" " if named else "")
            yield _Edit(opening.end() + found.end("label"), opening.end() + found.end(), gap + named)

    def _imports(self) -> Iterator[tuple[ast.Import | ast.ImportFrom, ast.alias, str]]:
        """The statements at the top level that bring the function or its module, and under which name."""
        for statement in self._module.body:
            if isinstance(statement, ast.ImportFrom) and statement.module in DYNAMIC_MODULES:
                for alias in statement.names:
                    if alias.name == DYNAMIC_FUNCTION:
                        yield statement, alias, alias.asname or alias.name
            elif isinstance(statement, ast.Import):
                for alias in statement.names:
                    if alias.name in DYNAMIC_MODULES:
                        yield statement, alias, alias.asname or alias.name

    def _imported_name(self) -> str | None:
        return next((name for statement, _, name in self._imports() if isinstance(statement, ast.ImportFrom)), None)

    def _added_import(self) -> _Edit:
        """After Alembic's own import, else after the last one, else in front of the first assignment."""
        body = self._module.body
        revision = next((number for number, one in enumerate(body) if _assigns_revision(one)), len(body))
        above = [one for one in body[:revision] if isinstance(one, (ast.Import, ast.ImportFrom))]
        operations = (one for one in above if isinstance(one, ast.ImportFrom) and one.module == "alembic")
        chosen = next(operations, above[-1] if above else None)
        ending = found[0] if (found := _LINE_END.search(self._text)) else "\n"
        if chosen is None:
            if revision == len(body):
                raise _Unknown("it does not assign `revision` on a line of its own")
            at = self._line_starts[body[revision].lineno - 1]
        else:
            at = self._line_starts[chosen.end_lineno or 0]
        if any(self._span(one)[0] < at < self._span(one)[1] for one in body):
            raise _Unknown("its imports share their lines with other statements")
        return _Edit(at, at, _IMPORT + ending)

    def _removed_imports(self, value: ast.expr) -> Iterator[_Edit]:
        """The imports that only the assignment needed."""
        inside = set(ast.walk(value))
        used = {node.id for node in inside if isinstance(node, ast.Name)}
        return self._imports_apart_from(self._needed(inside), used)

    def unused_imports(self) -> Iterator[_Edit]:
        """The imports of the function that nothing needs; one of its module may be there for other reasons."""
        return self._imports_apart_from(self._needed(()), {DYNAMIC_FUNCTION})

    def _needed(self, apart_from: Collection[ast.AST]) -> set[str]:
        return {
            node.id
            for node in ast.walk(self._module)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node not in apart_from
        }

    def _imports_apart_from(self, needed: Collection[str], wanted: Collection[str]) -> Iterator[_Edit]:
        for statement, alias, name in self._imports():
            if name in wanted and name not in needed:
                yield self._without_alias(statement, alias) if len(statement.names) > 1 else self._without(statement)

    def _without(self, statement: ast.stmt) -> _Edit:
        start, end = self._line_starts[statement.lineno - 1], self._line_starts[statement.end_lineno or 0]
        own_start, own_end = self._span(statement)
        rest = self._text[start:own_start] + self._text[own_end:end]
        if rest.strip() and not rest.strip().startswith("#"):
            raise _Unknown(f"something else stands on the line that imports {DYNAMIC_FUNCTION}")
        return _Edit(start, end, "")

    def _without_alias(self, statement: ast.Import | ast.ImportFrom, alias: ast.alias) -> _Edit:
        number = statement.names.index(alias)
        start, end = self._span(alias)
        if number:
            return _Edit(self._span(statement.names[number - 1])[1], end, "")
        return _Edit(start, self._span(statement.names[1])[0], "")


def _is_text(node: ast.AST | None) -> TypeGuard[ast.Constant]:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _value_for(target: ast.expr, value: ast.expr) -> ast.expr | None:
    """What an assignment gives to `down_revision`, if that is among its targets."""
    if isinstance(target, ast.Name):
        return value if target.id == "down_revision" else None
    if isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        for part, part_value in zip(target.elts, value.elts, strict=False):
            found = _value_for(part, part_value)
            if found is not None:
                return found
    return None


def _assigns_revision(statement: ast.stmt) -> bool:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    names = (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))
    return any(name in {"revision", "down_revision"} for name in names)


def _literal(parents: tuple[RevisionId, ...], quote: str) -> str:
    texts = [f"{quote}{parent}{quote}" if _PLAIN.fullmatch(parent) else repr(str(parent)) for parent in parents]
    if not texts:
        return "None"
    return texts[0] if len(texts) == 1 else f"({', '.join(texts)})"
