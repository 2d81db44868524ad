"""Which downgrades would undo nothing."""

from __future__ import annotations

import pytest

from gitlembic.core.downgrade_check import why_not_undone

_UPGRADE = "def upgrade():\n    op.create_table('t')\n"


def _why(source: str) -> str | None:
    return why_not_undone(source.encode())


@pytest.mark.parametrize(
    "body",
    ["pass", "'''nothing'''", "...", "return", "return None", "'''a'''\n    pass"],
)
def test_an_empty_one_is_refused_unless_the_upgrade_is_empty_too(body: str) -> None:
    downgrade = f"def downgrade():\n    {body}\n"
    assert _why(_UPGRADE + downgrade) == "has an empty downgrade"
    assert _why(f"def upgrade():\n    pass\n{downgrade}") is None


@pytest.mark.parametrize("body", ["raise NotImplementedError", "op.drop_table('t')\n    raise RuntimeError('no')"])
def test_one_that_raises_is_refused(body: str) -> None:
    assert _why(f"{_UPGRADE}def downgrade():\n    {body}\n") == "has a downgrade that raises"


def test_one_that_raises_under_a_condition_is_not() -> None:
    assert _why(f"{_UPGRADE}def downgrade():\n    if x:\n        raise RuntimeError\n    op.drop_table('t')\n") is None


def test_a_missing_one_is_refused() -> None:
    assert _why(_UPGRADE) == "has no downgrade"
    assert _why("def upgrade():\n    pass\n") == "has no downgrade"


@pytest.mark.parametrize(
    "binding",
    [
        "from other import downgrade",
        "from other import *",
        "import other as downgrade",
        "downgrade = upgrade",
        "upgrade, downgrade = make()",
        "if postgres:\n    def downgrade():\n        op.drop_table('t')",
    ],
)
def test_one_that_is_made_elsewhere_is_taken_for_whole(binding: str) -> None:
    assert _why(f"{_UPGRADE}{binding}\n") is None


def test_of_several_databases_each_counts() -> None:
    source = """
def upgrade(name): globals()[f"upgrade_{name}"]()
def downgrade(name): globals()[f"downgrade_{name}"]()
def upgrade_one(): op.create_table("t")
def downgrade_one(): op.drop_table("t")
def upgrade_two(): BODY
def downgrade_two(): pass
"""
    assert _why(source.replace("BODY", "pass")) is None
    assert _why(source.replace("BODY", "op.create_table('t')")) == "has an empty downgrade_two"


@pytest.mark.parametrize("body", ["pass", "raise RuntimeError"])
def test_a_helper_is_no_downgrade_of_its_own(body: str) -> None:
    assert _why(f"{_UPGRADE}def downgrade():\n    op.drop_table('t')\ndef downgrade_rows():\n    {body}\n") is None


def test_what_python_cannot_read_is_refused() -> None:
    assert _why("<<<<<<< HEAD\n") == "cannot be read"
