"""The text of a file that names a project's dependencies -> whether gitlembic will be installed with Alembic.

Requirements files and `pyproject.toml` alike: a name counts at the beginning of a line or of a string.
"""

from __future__ import annotations

import re

_ALEMBIC = re.compile(r"(?:^|[\"'])[ \t]*alembic[ \t]*(?:[<>=!~;,@#\[\"']|\r?$)", re.IGNORECASE | re.MULTILINE)
_GITLEMBIC = re.compile(r"^[ \t]*[^#\[\s][^#\n]*\bgitlembic\b|^[ \t]*gitlembic\b", re.IGNORECASE | re.MULTILINE)


def lacks_gitlembic(text: str) -> bool:
    """Whether Alembic is named and gitlembic is not, in any way: an address or a path may name it as well."""
    return _ALEMBIC.search(text) is not None and _GITLEMBIC.search(text) is None
