"""Remembers births that somebody waited for, and what stands in the locations at a commit.

Losing it means that births are not shown until somebody asks for them again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gitlembic.adapters.cache_files import cache_key, mark_used, place_name, write_cache
from gitlembic.core.history import CommitId
from gitlembic.core.migration import RevisionId
from gitlembic.core.rows import birth_columns, births_from_columns, text_of
from gitlembic.core.sealed import VERSION, seal, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from gitlembic.adapters.git_directory import GitDirectory
    from gitlembic.core.chain import Birth
    from gitlembic.core.presence import Place


class BirthNotes(NamedTuple):
    """What is known at a `commit`: the files in the locations there, and births on its first-parent line."""

    commit: CommitId
    paths: frozenset[str]
    births: Mapping[RevisionId, Birth]


def read_birth_notes(directory: GitDirectory, place: Place) -> BirthNotes | None:
    """The notes of the last time; `None` if there are none."""
    path = _path(directory, place)
    try:
        commit, paths, revisions, columns = unseal(path.read_text(encoding="utf-8"))
        births = dict(zip(map(RevisionId, map(text_of, revisions)), births_from_columns(columns), strict=True))
        notes = BirthNotes(CommitId(text_of(commit)), frozenset(map(text_of, paths)), births)
        mark_used(path, path.stat())
    except (OSError, TypeError, ValueError):  # not there, or not what we write
        return None
    return notes


def write_birth_notes(directory: GitDirectory, place: Place, notes: BirthNotes) -> None:
    """Keep them in the place of those of before."""
    columns = birth_columns(notes.births.values())
    path = _path(directory, place)
    write_cache(path.parent, path.name, seal([notes.commit, sorted(notes.paths), [*notes.births], columns]))


def _path(directory: GitDirectory, place: Place) -> Path:
    key = cache_key(f"{directory.work_tree}\n{place_name(place)}")
    return directory.cache_dir / f"births-{VERSION}-{key}.json"
