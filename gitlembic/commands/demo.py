"""The problem and the answer on SQLite: a repository with two branches, made with dulwich."""

from __future__ import annotations
