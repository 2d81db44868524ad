"""What Docker leaves out of an image."""

from __future__ import annotations

import pytest

from gitlembic.core.dockerignore import keeps_out


@pytest.mark.parametrize(
    ("text", "path", "left_out"),
    [
        (".git\n", ".git", True),
        ("/.git/\n", ".git", True),
        ("./.git\n", ".git", True),
        ("**/.git\n", ".git", True),
        (".git*\n", ".git", True),
        (".*\n", ".git", True),
        ("*\n", ".git", True),
        ("*\n!.git\n", ".git", False),
        ("!.git\n*\n", ".git", True),
        ("# .git\n\n", ".git", False),
        (".gitignore\n", ".git", False),
        ("", ".git", False),
        ("migrations\n", "migrations/revision_chain.json", True),
        ("*.json\n", "migrations/revision_chain.json", False),
        ("**/*.json\n", "migrations/revision_chain.json", True),
        ("**\n! migrations/revision_chain.json\n", "migrations/revision_chain.json", False),
        ("migrations/r?vision*\n", "migrations/revision_chain.json", True),
        ("migrations/[a\n", "migrations/revision_chain.json", False),
    ],
)
def test_the_last_line_that_matches_decides(text: str, path: str, left_out: bool) -> None:  # noqa: FBT001 -- a parameter
    assert keeps_out(text, path) is left_out
