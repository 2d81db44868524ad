"""Chains -> the scripts of Alembic, each with a module that is imported when somebody looks at it.

That is when its migration is going to run: Alembic looks at the modules of all that will run before
it runs the first. What a script declares comes from its source; a file whose values are not
literals is imported at once.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import os
import sys
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alembic.script import Script
from alembic.script.revision import Revision, RevisionError, RevisionMap
from alembic.util import CommandError, to_tuple, warn

from gitlembic.adapters.borrowed_imports import borrows_imports
from gitlembic.adapters.late_imports import import_what_is_late
from gitlembic.adapters.migration_files import list_files
from gitlembic.errors import BrokenInputError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import ModuleType

    from alembic.script import ScriptDirectory

    from gitlembic.core.chain import Link
    from gitlembic.core.resolution import Resolution

_COMPILER_CLEANS_DOCSTRINGS = sys.version_info >= (3, 13)
_COMPILER_DROPS_DOCSTRINGS = sys.flags.optimize > 1


class ScriptReader:
    """Makes the scripts of one script directory; `before_import` is called before a module is imported."""

    def __init__(self, directory: ScriptDirectory, resolution: Resolution, before_import: Callable[[], None]) -> None:
        self._directory = directory
        self._links = {
            f"{chain.root.replace(os.sep, '/')}/{link.placed.path}": link
            for chain in resolution.chains
            for link in chain.links
        }
        self._before_import = before_import
        self._lazy: list[LazyScript] = []
        self._all_imported = False

    def _look_for_borrowed_imports(self, script: LazyScript) -> None:
        """Import all, as Alembic does, if this one needs what another may import.

        What is wrong with the others is no matter of this one.
        """
        if self._all_imported or not borrows_imports(script.module, Path(script.path).read_bytes()):
            return
        self._all_imported = True
        for other in self._lazy:
            with contextlib.suppress(Exception):
                _ = other.module

    def read(self) -> Iterator[Script]:
        """All scripts in the order in which Alembic loads them, and with its warnings."""
        if not hasattr(Script, "_from_path"):  # some later Alembic's
            import_what_is_late()
            self._before_import()
            by_revision: dict[str, Link] = {link.revision: link for link in self._links.values()}
            for script in self._directory._load_revisions():  # noqa: SLF001 -- what Alembic itself passes
                yield _with_parent(script, by_revision.get(script.revision))
            return
        for path, link in self._list():
            if link is not None and not link.placed.migration.unreadable:
                self._lazy.append(LazyScript(link, path, self.load, self._look_for_borrowed_imports))
                yield self._lazy[-1]
            elif (loaded := self.load(path, link)) is not None:
                yield _with_parent(loaded, link)

    def load(self, path: str, link: Link | None) -> Script | None:
        """The script as Alembic makes it by importing a file.

        Raises `BrokenInputError` with the place of whatever goes wrong in there.
        """
        import_what_is_late()
        self._before_import()
        try:
            return Script._from_path(self._directory, Path(path))  # noqa: SLF001 -- as Alembic loads
        except (GitlembicError, CommandError, RevisionError):
            raise
        except Exception as error:
            raise _cannot_import(link.placed.path if link else path, path, error) from error

    def _list(self) -> Iterator[tuple[str, Link | None]]:
        """As `ScriptDirectory._load_revisions` does: real paths, each once."""
        seen = set()
        for location in self._directory._version_locations:  # noqa: SLF001 -- as Alembic loads
            top = os.path.realpath(location)
            prefix = top.replace(os.sep, "/")
            for file in list_files(top, recursive=bool(self._directory.recursive_version_locations)):
                path = file.real_path
                if path in seen:
                    warn(f"File {path} loaded twice! ignoring. Please ensure version_locations is unique.")
                    continue
                seen.add(path)
                if file.is_migration:
                    yield path, self._links.get(f"{prefix}/{file.below}")


def _with_parent(script: Script, link: Link | None) -> Script:
    """The script, a dynamic one with the computed parent, wherever its own came from."""
    if link is not None and link.placed.migration.is_dynamic:
        script.down_revision = link.parents[0] if link.parents else None
    return script


def _cannot_import(shown: str, path: str, error: Exception) -> BrokenInputError:
    line = _line(path, error)
    return BrokenInputError(
        f"cannot import {shown}{f':{line}' if line else ''}: {type(error).__name__}: {error}",
        "mend it, then run this again (with --raiseerr you see the whole traceback)",
    )


def _line(path: str, error: Exception) -> int:
    """Where in the file it happened, 1-based; 0 if nowhere."""
    if isinstance(error, SyntaxError) and error.filename == path:  # of what Python can parse, but not compile
        return error.lineno or 0
    frames = traceback.walk_tb(error.__traceback__)
    return max((line for frame, line in frames if frame.f_code.co_filename == path), default=0)


class LazyScript(Script):
    """A script that declares what its source says, with the parents of its chain."""

    def __init__(
        self,
        link: Link,
        path: str,
        load: Callable[[str, Link], Script | None],
        imported: Callable[[LazyScript], None] = lambda _: None,
    ) -> None:
        migration = link.placed.migration
        Revision.__init__(  # not Script's, which wants the module
            self,
            migration.revision,
            _as_declared(link.parents),
            _as_declared(migration.depends_on),
            _as_declared(migration.branch_labels),
        )
        self.path = path
        self._link = link
        self._load = load
        self._imported = imported
        self._module: ModuleType | None = None

    @property
    def module(self) -> ModuleType:  # type: ignore[override]
        """Imports the file, once.

        Raises `BrokenInputError` if that fails, or shows another value than the source.
        """
        if self._module is None:
            self._module = self._import()
            self._imported(self)
        return self._module

    def _import(self) -> ModuleType:
        script = self._load(self.path, self._link)
        assert script is not None  # noqa: S101 -- Alembic makes one of every file that is named like this one
        for name, read, found in (
            ("revision", self.revision, script.revision),
            ("down_revision", self.down_revision, script.down_revision),
            ("branch_labels", self._orig_branch_labels, script._orig_branch_labels),  # noqa: SLF001 -- before Alembic adds to them
            ("depends_on", self.dependencies, script.dependencies),
        ):
            if _without_empty(read) != _without_empty(found):
                raise self._contradiction(name, read, found)
        return script.module

    def _contradiction(self, name: str, read: object, found: object) -> BrokenInputError:
        is_computed = name == "down_revision" and self._link.placed.migration.is_dynamic
        return BrokenInputError(
            f"{self._link.placed.path} has {name} {found!r} when it is imported, "
            f"but {read!r} {'in the chain' if is_computed else 'in its source'}",
            "assign it once, at the top level, as a literal",
        )

    @property
    def longdoc(self) -> str:
        """The docstring as importing the file would give it."""
        text = "" if _COMPILER_DROPS_DOCSTRINGS else self._link.placed.migration.docstring
        return (inspect.cleandoc(text) if _COMPILER_CLEANS_DOCSTRINGS else text).strip()


def _as_declared(names: tuple[str, ...]) -> str | tuple[str, ...] | None:
    """As most files declare it, which Alembic takes in more quickly than tuples."""
    return names if len(names) > 1 else names[0] if names else None


def _without_empty(declared: object) -> tuple[object, ...]:
    """The texts of what a migration declares, of which Alembic takes an empty one for none."""
    return tuple(text for text in to_tuple(declared, default=()) if text)


class LinearRevisionMap(RevisionMap):
    """Alembic's, without what takes time that grows with the square of the number of migrations."""

    def __init__(self, load: Callable[[], Iterable[Revision]]) -> None:
        super().__init__(self._parents_first)
        self._load = load

    @functools.cached_property
    def _revision_map(self) -> dict[Any, Any]:
        built = super()._revision_map
        position = {revision.revision: number for number, revision in enumerate(self._loaded)}
        for name in ("heads", "_real_heads", "bases", "_real_bases"):
            setattr(self, name, tuple(sorted(getattr(self, name), key=lambda revision: position[revision])))
        return {**{name: built[name] for name in position}, **built}

    def _parents_first(self) -> list[Revision]:
        """The revisions in an order that is quick to build from; `_revision_map` puts back the one they came in.

        Alembic takes every parent out of a list of heads, which it searches from the beginning.
        Where it will find an error, they stay in the order in which it would.
        """
        self._loaded = tuple(self._load())
        followers: dict[str, list[Revision]] = {}
        awaited = {}
        for revision in self._loaded:
            parents = revision._versioned_down_revisions  # noqa: SLF001 -- as Alembic walks
            awaited[revision.revision] = len(parents)
            for parent in parents:
                followers.setdefault(parent, []).append(revision)
        found = [revision for revision in self._loaded if revision.is_base]
        for revision in found:  # which grows
            for follower in followers.get(revision.revision, ()):
                awaited[follower.revision] -= 1
                if not awaited[follower.revision]:
                    found.append(follower)
        self._follows_no_cycle = len(found) == len(self._loaded) == len(awaited)
        return found if self._follows_no_cycle else [*self._loaded]

    def _detect_cycles(self, *args: Any) -> None:
        """Alembic walks through all of them four times; that they can be put in order tells the same."""
        if not self._follows_no_cycle or any(revision.dependencies for revision in self._loaded):
            super()._detect_cycles(*args)

    def _filter_into_branch_heads(self, targets: Iterable[Any]) -> set[Any]:
        """Those of which no other one is a descendant, dependencies left aside.

        Alembic collects the descendants of each; this collects the ancestors of all at once.
        """
        found = set(targets)
        below = {self._revision_map[parent] for target in found for parent in target._versioned_down_revisions}  # noqa: SLF001 -- as Alembic walks
        return found.difference(self._get_ancestor_nodes(below, include_dependencies=False))
