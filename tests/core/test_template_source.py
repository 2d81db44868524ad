"""Templates are patched in two lines and otherwise kept to the byte, or refused."""

from __future__ import annotations

from pathlib import Path

import alembic
import pytest

from gitlembic.core.template_source import (
    DYNAMIC_EXPRESSION,
    IMPORT_LINE,
    PatchedTemplate,
    UnknownTemplate,
    is_dynamic_template,
    patch_template,
    restore_template,
)

SHIPPED = sorted(Path(alembic.__file__).parent.glob("templates/*/script.py.mako"))


def _patch(text: str) -> str:
    patched = patch_template(text)
    assert isinstance(patched, PatchedTemplate)
    return patched.text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_shipped_templates(path: Path, ending: str) -> None:
    before = "\ufeff" + path.read_text(encoding="utf-8").replace("\n", ending)
    after = _patch(before)
    added = [line for line in after.split(ending) if line not in before.split(ending)]
    assert len(added) == 2
    assert added[0] == IMPORT_LINE
    assert added[1].endswith(DYNAMIC_EXPRESSION)
    assert after.replace(IMPORT_LINE + ending, "").replace(DYNAMIC_EXPRESSION, "${repr(down_revision)}") == before
    assert is_dynamic_template(after)
    assert not is_dynamic_template(before)
    assert _patch(after) == after


def test_shipped_templates_are_five() -> None:
    assert len(SHIPPED) >= 5


@pytest.mark.parametrize(
    ("left", "right", "rest"),
    [
        ("down_revision=", "${ repr(down_revision) }", ""),
        ("down_revision : 'str | None' = ", "${repr(down_revision)}", "  # ours too"),
    ],
)
def test_users_edits_stay(left: str, right: str, rest: str) -> None:
    template = "# ours\nimport os\n{}revision = ${{repr(up_revision)}}\n{}\nowner = 'team'\n"
    after = _patch(template.format("", left + right + rest))
    asked = right.replace("repr(", "down_revision_source(")
    assert after == template.format(f"{IMPORT_LINE}\n", left + asked + rest)


_REPLACED = """.replace("'", '"')"""


@pytest.mark.parametrize(
    ("right", "asked"),
    [
        (f"${{repr(down_revision){_REPLACED}}}", f"${{down_revision_source(down_revision){_REPLACED}}}"),
        ("${repr(down_revision) | n}", "${down_revision_source(down_revision) | n}"),
        ("${json.dumps(down_revision)}", DYNAMIC_EXPRESSION),
        ('"${down_revision}"', DYNAMIC_EXPRESSION),
        ("'${ down_revision }'", DYNAMIC_EXPRESSION),
        ("${down_revision | repr}", DYNAMIC_EXPRESSION),
        ("${down_revision | n, repr}", DYNAMIC_EXPRESSION),
    ],
)
def test_other_ways_to_write_the_parent(right: str, asked: str) -> None:
    template = "from alembic import op\n{}revision = '${{up_revision}}'\ndown_revision: str | None = {}\n"
    after = _patch(template.format("", right))
    assert after == template.format(f"{IMPORT_LINE}\n", asked)
    assert is_dynamic_template(after)
    assert _patch(after) == after


def test_a_condition_for_the_first_one_stays() -> None:
    """The same import serves, and it stands where it is always executed."""
    template = (
        "import os\n% if 'op.' in (upgrades or ''):\nfrom alembic import op\n% endif\n{}revision = '${{up_revision}}'\n"
        "% if down_revision is None:\ndown_revision = None\n% else:\ndown_revision = {}\n% endif\n"
    )
    before = template.format("", "${repr(down_revision)}")
    after = template.format("", DYNAMIC_EXPRESSION).replace("import os\n", f"import os\n{IMPORT_LINE}\n")
    assert _patch(before) == after


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_imports_that_follow_leave_the_comment_with_its_assignments(ending: str) -> None:
    lines = ['"""${message}"""', "", "# revision identifiers", "revision = ${repr(up_revision)}"]
    lines += ["down_revision = ${repr(down_revision)}", "", "from alembic import op", ""]
    after = _patch(ending.join(lines)).split(ending)
    assert after[:4] == ['"""${message}"""', "", IMPORT_LINE, ""]
    assert after[4:] == [*lines[2:4], f"down_revision = {DYNAMIC_EXPRESSION}", *lines[5:]]


_LIBRARY = "from alembic_git_revisions import get_down_revision\n"
_CONDITION = '${"get_down_revision(revision)" if isinstance(down_revision, str) else repr(down_revision)}'


@pytest.mark.parametrize("right", ["get_down_revision(revision)", "${repr(down_revision)}"])
def test_a_template_of_the_other_library_asks_us_instead(right: str) -> None:
    text = f"{_LIBRARY}revision = ${{repr(up_revision)}}\ndown_revision: str = {right}\n"
    after = f"{IMPORT_LINE}\nrevision = ${{repr(up_revision)}}\ndown_revision: str = {DYNAMIC_EXPRESSION}\n"
    assert _patch(text) == after
    assert _patch(after) == after


def test_an_expression_that_decides_for_the_other_library_stays() -> None:
    text = f"{_LIBRARY}revision = ${{repr(up_revision)}}\ndown_revision = {_CONDITION}\n"
    assert _patch(text) == text.replace("alembic_git_revisions", "gitlembic")


@pytest.mark.parametrize("line", ["import alembic_git_revisions as library\n", _LIBRARY.replace("\n", "  # ours\n")])
@pytest.mark.parametrize("right", ["library.get_down_revision(revision)", "get_down_revision(revision)", _CONDITION])
def test_another_import_of_the_other_library_is_refused(line: str, right: str) -> None:
    text = f"{line}revision = ${{repr(up_revision)}}\ndown_revision = {right}\n"
    assert isinstance(patch_template(text), UnknownTemplate)


def test_a_comment_about_the_other_library_does_not_matter() -> None:
    text = f"# once alembic_git_revisions\n{IMPORT_LINE}\nrevision = 1\ndown_revision = {DYNAMIC_EXPRESSION}\n"
    assert _patch(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "revision = ${repr(up_revision)}\n",
        "revision = ${repr(up_revision)}\ndown_revision = ${down_revision!r}\n",
        "revision = 1\ndown_revision = ${repr(down_revision)}\ndown_revision = ${repr(down_revision)}\n",
        "down_revision = ${repr(down_revision)}\n",
    ],
    ids=["none", "another-right-side", "twice", "no-revision"],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    assert isinstance(patch_template(text), UnknownTemplate)


def _restore(text: str) -> str:
    restored = restore_template(text)
    assert isinstance(restored, PatchedTemplate)
    return restored.text


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_the_way_back_leads_to_what_it_was(path: Path, ending: str) -> None:
    before = "\ufeff" + path.read_text(encoding="utf-8").replace("\n", ending)
    assert _restore(_patch(before)) == before
    assert _restore(before) == before


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("right", [f"${{repr(down_revision){_REPLACED}}}", "${repr(down_revision) | n}"])
def test_the_way_back_keeps_what_is_the_users(right: str, ending: str) -> None:
    lines = ['"""${message}"""', "", "# ours", "revision = ${repr(up_revision)}", f"down_revision = {right}", ""]
    before = ending.join([*lines, "from alembic import op", ""])
    assert _patch(before) != before
    assert _restore(_patch(before)) == before


@pytest.mark.parametrize("right", ["get_down_revision(revision)", _CONDITION])
def test_the_way_back_from_the_other_library(right: str) -> None:
    text = f"{_LIBRARY}revision = ${{repr(up_revision)}}\ndown_revision: str = {right}\n"
    assert _restore(text) == "revision = ${repr(up_revision)}\ndown_revision: str = ${repr(down_revision)}\n"


@pytest.mark.parametrize("line", ["import gitlembic\n", ""])
def test_the_way_back_from_what_is_not_understood_is_refused(line: str) -> None:
    right = DYNAMIC_EXPRESSION if line else "library.get_down_revision(revision)"
    text = f"{line}revision = ${{repr(up_revision)}}\ndown_revision = {right}\n"
    assert isinstance(restore_template(text), UnknownTemplate)
