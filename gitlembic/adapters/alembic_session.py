"""Runs Alembic's own command line in this process, with the computed chain in force.

argv goes to Alembic verbatim, so that what it accepts and how it exits is what Alembic does; only
the loading of revisions is wrapped while its command runs.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import sys
from argparse import Namespace
from dataclasses import dataclass
from importlib.machinery import PathFinder
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from alembic.config import CommandLine
from alembic.script import ScriptDirectory
from alembic.script.revision import MultipleHeads, RevisionMap
from alembic.util import CommandError

from gitlembic.adapters.alembic_project import Project, check_configuration, project_of
from gitlembic.core.visible_text import visible
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from alembic.config import Config

    from gitlembic.core.resolution import Resolution

    Resolve = Callable[[Project], Resolution]
    GetDownRevision = Callable[..., str | None]

FOREIGN_LIBRARY = "alembic_git_revisions"
_WITHOUT_CONFIGURATION = frozenset({"init", "list_templates"})
_WITHOUT_REVISIONS = frozenset({"ensure_version"})


class ChainError(GitlembicError, CommandError):
    """A gitlembic error as plain Alembic can print it: `FAILED: ...`, not a traceback."""

    def __str__(self) -> str:
        return "\n".join(visible(line) for line in GitlembicError.__str__(self).split("\n"))


@dataclass(frozen=True, slots=True)
class Hooks:
    """What Alembic is given while it runs.

    `resolve` answers for the chains of every script directory whose revisions are loaded;
    `get_down_revision` takes the place of the function of that name in `alembic_git_revisions`;
    `check_new` may refuse, before `revision` writes a migration from the template it is given, and
    is told whether a parent other than the head was asked for;
    `explain_heads` is called when Alembic stops at several heads, before it says so;
    `own_commands` are answered elsewhere, and named where Alembic lists what there is.
    """

    resolve: Resolve
    get_down_revision: GetDownRevision
    check_new: Callable[[Project, Path, bool], None]
    explain_heads: Callable[[], None]
    own_commands: frozenset[str]


def run_alembic(argv: Sequence[str], hooks: Hooks) -> None:
    """Run one Alembic command; exits as Alembic does.

    Raises `GitlembicError` for what `hooks.resolve` refuses.
    """
    _CommandLine(hooks).main(list(argv))


class _CommandLine(CommandLine):
    def __init__(self, hooks: Hooks) -> None:
        super().__init__(prog="gitlembic")
        self._hooks = hooks
        for name in sorted(hooks.own_commands - self.subparsers.choices.keys()):  # others may have registered theirs
            self.subparsers.add_parser(name)

    def run_cmd(self, config: Config, options: Namespace) -> None:
        function, positional, keywords = options.cmd
        if function.__name__ not in _WITHOUT_CONFIGURATION:
            check_configuration(config)
        config.stdout = sys.stdout
        # A copy: env.py sees the options as Alembic parsed them.
        explained = Namespace(**{**vars(options), "cmd": (self._explaining(function), positional, keywords)})
        with _chain_in_force(self._hooks, options):
            super().run_cmd(config, explained)

    def _explaining(self, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            try:
                return function(*args, **kwargs)
            except CommandError as error:
                if isinstance(error.__cause__, MultipleHeads):
                    self._hooks.explain_heads()
                raise

        return run


@contextlib.contextmanager
def _chain_in_force(hooks: Hooks, options: Namespace) -> Iterator[None]:
    """While this is open, every script directory made from a configuration has the chain."""
    resolve = hooks.resolve
    command = options.cmd[0].__name__
    onto_another = command == "revision" and (options.splice or options.head not in (None, "head"))
    original = ScriptDirectory.__dict__["from_config"]

    def from_config(cls: type[ScriptDirectory], config: Config) -> ScriptDirectory:
        script: ScriptDirectory = original.__get__(None, cls)(config)
        project = project_of(script, config)
        # Now, not when the revisions are first looked at: env.py may have connected by then.
        resolved = None if command in _WITHOUT_REVISIONS else resolve(project)
        if command == "revision":
            hooks.check_new(project, Path(script.dir, "script.py.mako"), onto_another)

        def load() -> Iterator[Any]:
            resolution = resolve(project) if resolved is None else resolved
            if resolution.is_dynamic:
                library.enter_context(_in_place_of_library(hooks.get_down_revision))
            return _with_parents(script._load_revisions(), resolution)  # noqa: SLF001 -- what Alembic itself passes

        script.revision_map = RevisionMap(load)
        return script

    with contextlib.ExitStack() as library:
        ScriptDirectory.from_config = classmethod(from_config)  # type: ignore[assignment,method-assign]
        try:
            yield
        finally:
            ScriptDirectory.from_config = original  # type: ignore[method-assign]


def _with_parents(scripts: Iterator[Any], resolution: Resolution) -> Iterator[Any]:
    """The scripts as loaded, dynamic ones with the computed parent, wherever theirs came from."""
    links = resolution.links
    for script in scripts:
        link = links.get(script.revision)
        if link is not None and link.placed.migration.is_dynamic:
            script.down_revision = link.parents[0] if link.parents else None
        yield script


@contextlib.contextmanager
def _in_place_of_library(get_down_revision: GetDownRevision) -> Iterator[None]:
    """Answer for `alembic_git_revisions`, whether or not it is installed."""
    known = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == FOREIGN_LIBRARY}
    if PathFinder.find_spec(FOREIGN_LIBRARY) is None:
        module = ModuleType(FOREIGN_LIBRARY)
        sys.modules[FOREIGN_LIBRARY] = module
    else:
        module = importlib.import_module(FOREIGN_LIBRARY)
    original = getattr(module, "get_down_revision", None)
    module.get_down_revision = get_down_revision  # type: ignore[attr-defined]
    try:
        yield
    finally:
        module.get_down_revision = original  # type: ignore[attr-defined]
        if FOREIGN_LIBRARY not in known:
            sys.modules.pop(FOREIGN_LIBRARY, None)
