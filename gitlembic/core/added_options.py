"""The options that gitlembic adds to Alembic's commands, under names that Alembic does not use."""

from __future__ import annotations

from gitlembic.core.usage import Option

TYPE_CHECKING = False  # importing it takes longer than completion may
if TYPE_CHECKING:
    from collections.abc import Mapping

OUT_OF_ORDER = Option(
    ("--out-of-order",),
    "with a journal: first run the migrations that stand before the database's position and never ran there",
)

ADDED_OPTIONS: Mapping[str, tuple[Option, ...]] = {"upgrade": (OUT_OF_ORDER,)}
"""By command; all of them flags. env.py does not see them: what it reads stays as Alembic parses it."""
