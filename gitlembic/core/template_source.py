"""The text of a `script.py.mako` -> the same template, making dynamic migrations.

Two lines change, everything else stays to the byte: an import is added (with one for the template
itself, which Mako takes out), and the right side of the `down_revision` assignment becomes an
expression. The assignment has been the same in every template since Alembic 0.1.0, and people put other
quotes around it; where there is not exactly one such line, or the one that `alembic-git-revisions` asks for,
the template is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from gitlembic.core.migration import FOREIGN_LIBRARY

IMPORT_LINE = "from gitlembic import get_down_revision<%! from gitlembic import down_revision_source %>"

DYNAMIC_EXPRESSION = "${down_revision_source(down_revision)}"
"""Dynamic on the end of the chain; literal for a base, a merge, `--splice` and another `--head`."""

PASTE = (IMPORT_LINE, f"down_revision = {DYNAMIC_EXPRESSION}")
"""What to put into a template by hand, where it cannot be patched."""

_ASSIGNMENT = re.compile(
    r"^(?P<left>down_revision[ \t]*(?::[^=\r\n]*)?=[ \t]*)"
    r"(?:(?P<before>\$\{[^{}\r\n]*?)\b(?:repr|json\.dumps)\([ \t]*down_revision[ \t]*\)(?P<after>[^{}\r\n]*\})"
    r"|get_down_revision\([ \t]*revision[ \t]*\)"
    r"|(?P<quote>[\"'])\$\{[ \t]*down_revision[ \t]*\}(?P=quote)"
    r"|\$\{[ \t]*down_revision[ \t]*\|[ \t]*(?:n[ \t]*,[ \t]*)?repr[ \t]*\})",
    re.MULTILINE,
)
"""The parent as Alembic's templates write it, whatever is done with the text then, and other ways to write it."""

_ANY_ASSIGNMENT = re.compile(r"^down_revision\b(?![^\r\n]*=[ \t]*None[ \t]*\r?$)[^\r\n]*=[^\r\n]*", re.MULTILINE)
"""Save one for a migration without a parent, between `% if` and `% else`."""

_EXPRESSION = re.compile(r"^down_revision\b[^\r\n=]*=[ \t]*\$\{(?P<expression>[^\r\n]*)\}", re.MULTILINE)
_CONTROL = re.compile(r"^[ \t]*%[ \t]*(?P<end>end)?(?:if|for|while|try|with)\b", re.MULTILINE)
_FUNCTION_IMPORT = re.compile(
    rf"^from[ \t]+(?:gitlembic|{FOREIGN_LIBRARY})[ \t]+import[ \t]+get_down_revision[ \t]*(?=\r|$)", re.MULTILINE
)
_LIBRARY_IMPORT = re.compile(rf"^[ \t]*(?:from|import)[ \t]+{FOREIGN_LIBRARY}\b", re.MULTILINE)
_IMPORT = re.compile(r"^(?:from|import)[ \t]+(?!__future__)[^\r\n(\\]*(?P<end>\r\n|\n|\r)", re.MULTILINE)
_ASKED = re.compile(
    r"^(?P<before>down_revision\b[^\r\n=]*=[ \t]*\$\{[^\r\n}]*)\bdown_revision_source\([ \t]*down_revision[ \t]*\)"
    r"(?P<after>[^\r\n}]*\})",
    re.MULTILINE,
)
_OWN_LINE = (
    rf"from[ \t]+(?:gitlembic|{FOREIGN_LIBRARY})[ \t]+import[ \t]+get_down_revision[ \t]*(?:<%![^\r\n%]*%>)?[ \t]*\r?\n"
)
_OWN_IMPORT = re.compile(rf"(?:(?<=\n\n)|(?<=\n\r\n)){_OWN_LINE}\r?\n|^{_OWN_LINE}", re.MULTILINE)
"""With the empty line after it, where there is one before it as well."""

_ANY_OWN_IMPORT = re.compile(rf"\b(?:from|import)[ \t]+(?:gitlembic|{FOREIGN_LIBRARY})\b")
_REVISES = re.compile(r"^[ \t]*Revises:[^\r\n]*\bdown_revision\b", re.MULTILINE)
_OPERATIONS = "from alembic import op"
_COMMENT_ABOVE = re.compile(r"(?:(?<=\n\n)|(?<=\n\r\n))(?:#(?!#)[^\n]*\n)+\Z")
"""The comment of the assignments, which an import would tear off them."""

_REVISION = re.compile(r"^revision\b[^\r\n]*=", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PatchedTemplate:
    """A template that makes dynamic migrations; the same text if it did already."""

    text: str


@dataclass(frozen=True, slots=True)
class UnknownTemplate:
    """A template that cannot be patched, and why."""

    reason: str


def is_dynamic_template(text: str) -> bool:
    """Whether new migrations made from this template ask git for their parent."""
    return any("get_down_revision(" in assignment for assignment in _ANY_ASSIGNMENT.findall(text)) or decides_by_itself(
        text
    )


def decides_by_itself(text: str) -> bool:
    """Whether the template asks gitlembic which migrations to make dynamic, as `adopt` writes it."""
    return any("down_revision_source(" in assignment for assignment in _ANY_ASSIGNMENT.findall(text))


def names_parents(text: str) -> bool:
    """Whether the docstring of new migrations says what they were written after."""
    return _REVISES.search(text) is not None


def patch_template(text: str) -> PatchedTemplate | UnknownTemplate:
    """Make a template dynamic, asking gitlembic, keeping the user's edits and line endings."""
    dynamic = is_dynamic_template(text)
    if dynamic and not _LIBRARY_IMPORT.search(text):
        return PatchedTemplate(text)
    decides = any("get_down_revision(" in found for found in _EXPRESSION.findall(text))
    patched = _ask_gitlembic(text) if decides else _patch_assignment(text)
    if isinstance(patched, PatchedTemplate) and _LIBRARY_IMPORT.search(patched.text):
        return UnknownTemplate(f"it imports {FOREIGN_LIBRARY}, and not as `from ... import get_down_revision`")
    return patched


def restore_template(text: str) -> PatchedTemplate | UnknownTemplate:
    """Make a template static again, as Alembic's own are, keeping the user's edits and line endings."""
    if _ASKED.search(text) is not None:
        text = _ASKED.sub(lambda found: f"{found['before']}repr(down_revision){found['after']}", text)
    elif is_dynamic_template(text):
        text = _ASSIGNMENT.sub(lambda found: f"{found['left']}${{repr(down_revision)}}", text)
    text = _OWN_IMPORT.sub("", text)
    if is_dynamic_template(text) or _ANY_OWN_IMPORT.search(text):
        return UnknownTemplate("it asks gitlembic in a way of its own")
    return PatchedTemplate(text)


def _ask_gitlembic(text: str) -> PatchedTemplate:
    """The same template, which decides by an expression of its own what to make dynamic."""
    return PatchedTemplate(_FUNCTION_IMPORT.sub("from gitlembic import get_down_revision", text))


def _patch_assignment(text: str) -> PatchedTemplate | UnknownTemplate:
    if len(_ASSIGNMENT.findall(text)) != 1 or len(_ANY_ASSIGNMENT.findall(text)) != 1:
        return UnknownTemplate(_why(text))
    text = _ASSIGNMENT.sub(_dynamic, text)
    imported = _FUNCTION_IMPORT.search(text)
    if imported is not None:
        return PatchedTemplate(text[: imported.start()] + IMPORT_LINE + text[imported.end() :])
    before = _REVISION.search(text)
    if before is None:
        return UnknownTemplate("it does not assign `revision` on a line of its own")
    above = [found for found in _IMPORT.finditer(text, 0, before.start()) if _is_plain(text[: found.start()])]
    chosen = next((found for found in above if found[0].startswith(_OPERATIONS)), above[-1] if above else None)
    if chosen is not None:
        return PatchedTemplate(text[: chosen.end()] + IMPORT_LINE + chosen["end"] + text[chosen.end() :])
    ending = "\r\n" if "\r\n" in text else "\n"
    comment = _COMMENT_ABOVE.search(text, 0, before.start())
    if comment is None:
        return PatchedTemplate(text[: before.start()] + IMPORT_LINE + ending + text[before.start() :])
    return PatchedTemplate(text[: comment.start()] + IMPORT_LINE + 2 * ending + text[comment.start() :])


def _why(text: str) -> str:
    wanted = "`down_revision = ${repr(down_revision)}`"
    lines = [text.count("\n", 0, found.start()) + 1 for found in _ANY_ASSIGNMENT.finditer(text)]
    if len(lines) == 1:
        return f"its line {lines[0]} is not {wanted}, nor like it"
    listed = f" but those in lines {', '.join(map(str, lines))}" if lines else ""
    return f"it has not exactly one line {wanted}{listed}"


def _dynamic(assignment: re.Match[str]) -> str:
    """The assignment with whatever is done with the text, such as other quotes, and the text asked for."""
    if assignment["before"] is None:
        return assignment["left"] + DYNAMIC_EXPRESSION
    return f"{assignment['left']}{assignment['before']}down_revision_source(down_revision){assignment['after']}"


def _is_plain(before: str) -> bool:
    """Whether what follows this is neither in the docstring nor in a block or a condition of Mako's."""
    depth = sum(-1 if found["end"] else 1 for found in _CONTROL.finditer(before))
    return depth == 0 and before.count('"""') % 2 == 0 and before.count("<%") == before.count("%>")
