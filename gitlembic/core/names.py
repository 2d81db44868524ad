"""The names of files that mean something."""

from __future__ import annotations

import re

from gitlembic.core.migration import RevisionId

CHAIN_FILE_NAME = "revision_chain.json"

_LEGACY_FILE = r"([a-f0-9]+)\.py"
"""Alembic before 0.2 had the revision id in the file's name only, and still accepts that."""


def is_migration_file(name: str) -> bool:
    """Whether Alembic would load a file of that name as a migration (`alembic.script.base._only_source_rev_file`)."""
    return name.endswith(".py") and not name.startswith((".#", "__init__"))


def legacy_revision(name: str) -> RevisionId | None:
    """The revision id that Alembic takes from such a file name when the file assigns none."""
    found = re.fullmatch(_LEGACY_FILE, name)
    return RevisionId(found[1]) if found else None
