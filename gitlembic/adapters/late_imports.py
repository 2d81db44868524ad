"""What Alembic imports at its start and hardly any command needs: a fourth of the time that `heads` would take.

mako imports pygments, where that is installed, for the colours of its HTML pages of errors, and
Alembic makes none. `alembic.ddl.postgresql` imports SQLAlchemy's part for PostgreSQL, of which only
those hear who talk to a database or run a migration.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False  # importing it takes longer than the rest of this
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec

_PYGMENTS = "mako.ext.pygmentplugin"
_POSTGRESQL = "alembic.ddl.postgresql"

READING = frozenset({"branches", "heads", "history", "show"})
"""The commands that mostly need no database."""


@contextlib.contextmanager
def mako_without_pygments() -> Iterator[None]:
    """While this is open, importing mako for the first time does not import pygments; anybody else may."""
    if "mako.exceptions" in sys.modules or _PYGMENTS in sys.modules:
        yield
        return
    sys.modules[_PYGMENTS] = None  # type: ignore[assignment]  # to Python, a module that cannot be imported
    try:
        yield
    finally:
        sys.modules.pop(_PYGMENTS, None)


@contextlib.contextmanager
def postgresql_later() -> Iterator[None]:
    """Alembic, if imported for the first time while this is open, does not have its part for PostgreSQL yet.

    It is imported when somebody looks into its module, or by `import_what_is_late`. Until then only
    one thread may run: Python's own lazy modules were no good for several before 3.12.3.
    """
    sys.meta_path.insert(0, _Late)
    try:
        yield
    finally:
        sys.meta_path.remove(_Late)


def import_what_is_late() -> None:
    """Import what has not been imported yet; before anything runs that may need it, or start a thread."""
    getattr(sys.modules.get(_POSTGRESQL), "__doc__", None)


class _Late:
    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:  # noqa: ARG004 -- as Python calls it
        spec = PathFinder.find_spec(name, path) if name == _POSTGRESQL else None
        if spec is not None and spec.loader is not None:
            spec.loader = importlib.util.LazyLoader(spec.loader)
        return spec
