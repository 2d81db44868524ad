"""The text of a file that names a project's dependencies -> whether gitlembic will be installed with Alembic.

Requirements files and `pyproject.toml` alike: a name counts at the beginning of a line or of a string.
"""

from __future__ import annotations

import re

_ALEMBIC = re.compile(
    r"(?:^|[\"'])[ \t]*(alembic|flask[-_.]migrate)[ \t]*(?:[<>=!~;,@#\[\"']|\r?$)", re.IGNORECASE | re.MULTILINE
)
_GITLEMBIC = re.compile(r"^[ \t]*[^#\[\s][^#\n]*\bgitlembic\b|^[ \t]*gitlembic\b", re.IGNORECASE | re.MULTILINE)


def alembic_without_gitlembic(text: str) -> str:
    """By what name Alembic comes, or Flask-Migrate, which brings it; empty if none does, or gitlembic as well.

    That may be named in any way: by an address or a path, too.
    """
    alembic = _ALEMBIC.search(text)
    return alembic[1].lower() if alembic is not None and _GITLEMBIC.search(text) is None else ""
