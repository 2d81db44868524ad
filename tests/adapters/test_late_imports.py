"""What Alembic does not need at its start is there for whoever needs it later."""

from __future__ import annotations

import subprocess
import sys

import pytest

_PYGMENTS = """
import sys
from gitlembic.adapters.late_imports import mako_without_pygments
with mako_without_pygments():
    import alembic.util
assert not [name for name in sys.modules if name.partition(".")[0] == "pygments"]
from mako.template import Template
assert Template("${1 + 1} <%text>a < b</%text>").render() == "2 a < b"
from mako.exceptions import html_error_template
try:
    1 / 0
except ZeroDivisionError:
    assert b"ZeroDivisionError" in html_error_template().render()
import mako.ext.pygmentplugin
with mako_without_pygments():
    import mako.ext.pygmentplugin as again
assert again is mako.ext.pygmentplugin
assert sys.modules["mako.ext.pygmentplugin"] is again
"""

_POSTGRESQL = """
import sys
from gitlembic.adapters.late_imports import import_what_is_late, postgresql_later
import_what_is_late()
with postgresql_later():
    import alembic.config
def is_there():
    return "sqlalchemy.dialects.postgresql" in sys.modules
assert not is_there()
LOOK
assert is_there()
from alembic import op
from alembic.ddl.impl import DefaultImpl, _impls
from alembic.ddl.postgresql import PostgresqlImpl
assert _impls["postgresql"] is PostgresqlImpl
assert callable(op.create_exclude_constraint)
assert not [finder for finder in sys.meta_path if "gitlembic" in getattr(finder, "__module__", "")]
"""


def _run(script: str) -> None:
    subprocess.run([sys.executable, "-W", "error", "-c", script], check=True)


def test_only_mako_goes_without_pygments() -> None:
    pytest.importorskip("pygments")
    _run(_PYGMENTS)


@pytest.mark.parametrize(
    "look",
    [
        "import_what_is_late()",
        "import alembic.ddl.postgresql as late; late.PostgresqlImpl",
        "from alembic.ddl.postgresql import ExcludeConstraint",
        "from alembic.ddl import postgresql; postgresql.PostgresqlImpl",
    ],
)
def test_postgresql_comes_later(look: str) -> None:
    _run(_POSTGRESQL.replace("LOOK", look))
