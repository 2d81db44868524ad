"""Alembic with the chain of migrations computed from git history.

A migration file says `down_revision = get_down_revision(revision)`, and everybody who loads it
sees the same parent: gitlembic, plain Alembic, Flask-Migrate. Importing this costs nothing; git
is asked when the first migration asks for its parent.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # importing it takes longer than the rest of `--version`
if TYPE_CHECKING:
    import os

__all__ = ["__version__", "down_revision_source", "get_down_revision"]

__version__ = "0.1.0"


def get_down_revision(revision: str, versions_dir: str | os.PathLike[str] | None = None) -> str | None:
    """The parent of `revision` in the chain that git history gives (`None` for the first one).

    To be called from a migration file, with its own revision id. The directories of migrations are
    those that Alembic is loading from; outside Alembic, those of the configuration found upwards
    from the calling file, or `versions_dir` if it is given.

    Raises an error that says what to do where the chain cannot be told: a shallow clone, neither
    repository nor chain file, duplicate ids.
    """
    from gitlembic.commands.look_up import parent_of  # noqa: PLC0415 -- importing gitlembic must cost nothing

    return parent_of(revision, versions_dir, sys._getframe(1))  # noqa: SLF001 -- the file that asks is the caller


def down_revision_source(down_revision: object) -> str:
    """The right side of `down_revision = ...` in a new migration; to be called from `script.py.mako`.

    `get_down_revision(revision)` where a dynamic migration would follow `down_revision`, which is
    what Alembic was asked for; otherwise that as a literal.
    """
    from gitlembic.commands.new_migration import parent_source  # noqa: PLC0415 -- importing gitlembic must cost nothing

    return parent_source(down_revision, sys._getframe(1))  # noqa: SLF001 -- it is Alembic that calls the template
