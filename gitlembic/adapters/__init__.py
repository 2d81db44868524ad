"""The only modules that touch the world: git, files, Alembic, databases."""
