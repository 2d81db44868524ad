"""The text of migration files."""

from __future__ import annotations

from typing import Final


class Dynamic:
    """Marks a migration whose down_revision is `get_down_revision(revision)`."""

    def __repr__(self) -> str:
        return "DYNAMIC"


DYNAMIC: Final = Dynamic()

Down = str | tuple[str, ...] | Dynamic | None


def migration_source(
    revision: str,
    down: Down = DYNAMIC,
    *,
    revises: str = "",
    create_date: str = "",
    labels: tuple[str, ...] = (),
    depends_on: tuple[str, ...] = (),
    message: str = "",
    body: str = "    pass",
    library: str = "gitlembic",
) -> str:
    """A migration as Alembic's templates write it, dynamic unless `down` says otherwise."""
    dynamic = isinstance(down, Dynamic)
    return "\n".join(
        [
            f'"""{message or "add " + revision}',
            "",
            f"Revision ID: {revision}",
            f"Revises: {revises}",
            *([f"Create Date: {create_date}"] if create_date else []),
            '"""',
            "from alembic import op",
            "import sqlalchemy as sa",
            *([f"from {library} import get_down_revision"] if dynamic else []),
            "",
            f"revision = {revision!r}",
            f"down_revision = {'get_down_revision(revision)' if dynamic else repr(down)}",
            f"branch_labels = {labels or None!r}",
            f"depends_on = {depends_on or None!r}",
            "",
            "",
            "def upgrade():",
            body,
            "",
            "",
            "def downgrade():",
            "    pass",
            "",
        ]
    )
