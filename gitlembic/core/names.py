"""The names of files that mean something."""

from __future__ import annotations

import re

from gitlembic.core.migration import RevisionId

CHAIN_FILE_NAME = "revision_chain.json"

_MIGRATION_FILE = re.compile(r"(?!\.#|__init__).*\.py\Z", re.DOTALL)
"""The names Alembic takes for migrations (`alembic.script.base._only_source_rev_file`)."""

_LEGACY_FILE = re.compile(r"([a-f0-9]+)\.py\Z")
"""Alembic before 0.2 had the revision id in the file's name only, and still accepts that."""


def is_migration_file(name: str) -> bool:
    """Whether Alembic would load a file of that name as a migration."""
    return _MIGRATION_FILE.match(name) is not None


def legacy_revision(name: str) -> RevisionId | None:
    """The revision id that Alembic takes from such a file name when the file assigns none."""
    found = _LEGACY_FILE.match(name)
    return RevisionId(found[1]) if found else None
