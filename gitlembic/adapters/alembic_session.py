"""Runs Alembic's own command line in this process, with the computed chain in force.

argv goes to Alembic verbatim, so that what it accepts and how it exits is what Alembic does; only
the loading of revisions is wrapped while its command runs.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import sys
from argparse import SUPPRESS, Action, Namespace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NamedTuple

from alembic import command
from alembic.config import CommandLine
from alembic.runtime.environment import EnvironmentContext
from alembic.script import ScriptDirectory
from alembic.script.revision import MultipleHeads, ResolutionError, RevisionError
from alembic.util import CommandError

from gitlembic.adapters.alembic_project import (
    check_configuration,
    configuration,
    explain_missing_location,
    refusing_bad_settings,
)
from gitlembic.adapters.environment import watched_environment
from gitlembic.adapters.garbage import no_garbage_collection, spare_what_is_loaded
from gitlembic.adapters.late_imports import import_what_is_late
from gitlembic.adapters.lazy_scripts import LinearRevisionMap, ScriptReader
from gitlembic.adapters.migration_steps import imported_before_anything_is_written
from gitlembic.adapters.named_revisions import NamingRevisionMap
from gitlembic.adapters.template_file import missing_template
from gitlembic.core.added_options import ADDED_OPTIONS
from gitlembic.core.explanation import Explained, Explanation, SeveralHeads, UnknownRevision, is_typed
from gitlembic.core.migration import FOREIGN_LIBRARY, RevisionId
from gitlembic.core.ref_target import typed_names
from gitlembic.core.visible_text import visible
from gitlembic.errors import GitlembicError, UnknownCommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from alembic.config import Config
    from alembic.script import Script

    from gitlembic.adapters.environment import Watcher
    from gitlembic.adapters.named_revisions import Names
    from gitlembic.core.explanation import Stop
    from gitlembic.core.resolution import Resolution

    Resolve = Callable[[ScriptDirectory, Config], Resolution | None]
    CheckNew = Callable[[ScriptDirectory, Path, Path, Mapping[str, Any]], None]
    Watch = Callable[[str, frozenset[str]], Sequence[Watcher]]
    GetDownRevision = Callable[..., str | None]
    MakeScripts = Callable[[Resolution, Callable[[], None]], Iterable[Script]]
    MakeNames = Callable[[Resolution, frozenset[str], Callable[[], None]], Names]
    Steps = Callable[[ScriptDirectory, tuple[str, ...]], Iterable[Any]]

_WITHOUT_CONFIGURATION = frozenset({"init", "list_templates"})
_REVISIONS = frozenset({"revision", "revisions", "rev", "rev_range", "head", "depends_on"})
"""What Alembic's commands call the arguments that name revisions."""

_NO_WAY = "Ambiguous walk"
_OVERLAP = "overlaps with other requested revisions"
_OVERLAPPING = Explanation(
    ("Where these are rows of a database, it stands at a revision and at one before it.",),
    "`gitlembic doctor --db --select GL405` names them, and the command that leaves one",
)
"""What Alembic says of `upgrade +1` where several migrations come next."""

_WITHOUT_REVISIONS = frozenset({"ensure_version"})


class ChainError(GitlembicError, CommandError):
    """A gitlembic error as plain Alembic can print it: `FAILED: ...`, not a traceback."""

    def __str__(self) -> str:
        return "\n".join(visible(line) for line in GitlembicError.__str__(self).split("\n"))


class Hooks(NamedTuple):
    """What Alembic is given while it runs.

    `resolve` answers for the chains of every script directory whose revisions are loaded, `None`
    where Alembic decides alone;
    `get_down_revision` takes the place of the function of that name in `alembic_git_revisions`;
    `check_new` may refuse a migration before it is written: given the template, the file to be, and
    what Alembic fills it with;
    `explain` is called when Alembic has stopped for one of the reasons that git knows more of;
    `made_project` when `init` has made a project, with its directory;
    `watch` says who watches env.py, given the name of the command, and which of
    the options that gitlembic adds to it were given;
    `scripts` makes the scripts of a resolution, called with what has to be called before a module is
    imported; `None` for those of the working tree. `name` gives, for a resolution and the names that
    were typed, what more is known of names than Alembic knows.
    """

    resolve: Resolve
    get_down_revision: GetDownRevision
    check_new: CheckNew
    explain: Callable[[Stop], None]
    made_project: Callable[[Path], None]
    watch: Watch
    scripts: MakeScripts | None = None
    name: MakeNames | None = None


def run_alembic(argv: Sequence[str], hooks: Hooks, command: str | None = None) -> None:
    """Run one Alembic command; exits as Alembic does. `command` is what it is called in `argv`, if anything is.

    Raises `GitlembicError` for what `hooks.resolve` refuses, `UnknownCommandError` where Alembic would print its usage.
    """
    command_line = _CommandLine(hooks)
    known = command_line.subparsers.choices
    if command is not None and command not in known:
        raise UnknownCommandError(command, tuple(known))
    command_line.main(list(argv))


def run_steps(argv: Sequence[str], hooks: Hooks, steps: Steps, starting: tuple[str, ...] = ()) -> None:
    """Run migrations as the command line `argv` would, which env.py sees, but those that `steps` gives.

    `steps` is asked for every database, with the script directory and where that database stands; in
    `--sql` mode that is `starting`. Raises what the migrations, env.py and the watchers raise.
    """
    command_line = CommandLine(prog="gitlembic")
    options = command_line.parser.parse_args(argv)
    config = configuration(command_line, options)
    config.stdout = sys.stdout
    name = options.cmd[0].__name__
    target = options.revisions if name == "stamp" else options.revision
    with _chain_in_force(hooks, name), watched_environment(hooks.watch(name, frozenset())):
        script = ScriptDirectory.from_config(config)
        with EnvironmentContext(
            config,
            script,
            fn=lambda heads, _: steps(script, heads),
            as_sql=options.sql,
            starting_rev=(starting or "base") if options.sql else None,
            destination_rev=target,
        ):
            script.run_env()


class _CommandLine(CommandLine):
    def __init__(self, hooks: Hooks) -> None:
        super().__init__(prog="gitlembic")
        self._hooks = hooks
        self._added: set[str] = set()
        for name, options in ADDED_OPTIONS.items():
            for option in options:
                self.subparsers.choices[name].add_argument(
                    *option.names, action=_Noted, noted=self._added, help=option.help
                )

    def run_cmd(self, config: Config, options: Namespace) -> None:
        function, positional, keywords = options.cmd
        stops: list[Stop] = []
        if function.__name__ not in _WITHOUT_CONFIGURATION:
            check_configuration(config)
        config.stdout = sys.stdout
        # A copy: env.py sees the options as Alembic parsed them.
        watched = Namespace(**{**vars(options), "cmd": (_noting_stops(function, stops), positional, keywords)})
        try:
            watchers = self._hooks.watch(function.__name__, frozenset(self._added))
            typed = typed_names(_revisions(vars(options)))
            with _chain_in_force(self._hooks, function.__name__, typed), watched_environment(watchers):
                super().run_cmd(config, watched)
        finally:  # after Alembic's own message
            for stop in stops:
                self._hooks.explain(stop)
        if function is command.init:  # which exits where it refuses
            self._hooks.made_project(Path(options.directory))


class _Noted(Action):
    """A flag that is written down in `noted`, and not among the options that env.py sees."""

    def __init__(self, option_strings: Sequence[str], dest: str, noted: set[str], help: str) -> None:  # noqa: A002, ARG002 -- as argparse calls it
        super().__init__(option_strings, SUPPRESS, nargs=0, default=SUPPRESS, help=help)
        self._noted = noted

    def __call__(self, *_: Any) -> None:
        self._noted.update(self.option_strings)


def _noting_stops(function: Callable[..., Any], stops: list[Stop]) -> Callable[..., Any]:
    """The command, which leaves in `stops` why it stopped."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return function(*args, **kwargs)
        except CommandError as error:
            match error.__cause__:
                case MultipleHeads(heads=heads):
                    stops.append(SeveralHeads(tuple(map(RevisionId, heads))))
                case RevisionError() if _OVERLAP in str(error):
                    stops.append(Explained(_OVERLAPPING))
                case RevisionError() if _NO_WAY in str(error):
                    stops.append(SeveralHeads(()))
                case ResolutionError(argument=name):
                    given = inspect.signature(function).bind(*args, **kwargs).arguments
                    stops.append(UnknownRevision(name, is_typed(name, _revisions(given))))
                case None if str(error).startswith("No 'script_location' key"):
                    stops.append(Explained(explain_missing_location(args[0])))
            raise

    return run


def _revisions(arguments: Mapping[str, Any]) -> Iterator[str]:
    """What the arguments of a command name as revisions."""
    for name in _REVISIONS & arguments.keys():
        value = arguments[name]
        yield from [value] if isinstance(value, str) else map(str, value or ())


@contextlib.contextmanager
def _chain_in_force(hooks: Hooks, command: str, typed: frozenset[str] = frozenset()) -> Iterator[None]:
    """While this is open, every script directory made from a configuration has the chain."""
    original = ScriptDirectory.__dict__["from_config"]

    @no_garbage_collection()
    def resolve(script: ScriptDirectory, config: Config) -> Resolution | None:
        resolution = hooks.resolve(script, config)
        spare_what_is_loaded()
        return resolution

    def from_config(cls: type[ScriptDirectory], config: Config) -> ScriptDirectory:
        with refusing_bad_settings(config):
            script: ScriptDirectory = original.__get__(None, cls)(config)
        # Now, not when the revisions are first looked at: env.py may have connected by then.
        answers = [] if command in _WITHOUT_REVISIONS else [resolve(script, config)]

        def load() -> Iterator[Any]:
            resolution = answers[0] if answers else resolve(script, config)
            if resolution is None:
                import_what_is_late()
                library.take_its_place()
                return script._load_revisions()  # noqa: SLF001 -- what Alembic itself passes
            before_import = library.take_its_place if resolution.is_dynamic else lambda: None
            if hooks.scripts is not None:
                return iter(hooks.scripts(resolution, before_import))
            return ScriptReader(script, resolution, before_import).read()

        if hooks.name is not None and answers and answers[0] is not None:
            names = hooks.name(answers[0], typed, library.take_its_place)
            script.revision_map = NamingRevisionMap(load, names)
        else:
            script.revision_map = LinearRevisionMap(load)
        _check_before_writing(script, hooks.check_new)
        _import_before_running(script)
        return script

    with contextlib.ExitStack() as stack:
        library = _Library(hooks.get_down_revision, stack)
        if command == "upgrade":  # a downgrade of an empty database makes the table, as under Alembic
            stack.enter_context(imported_before_anything_is_written())
        ScriptDirectory.from_config = classmethod(from_config)  # type: ignore[assignment,method-assign]
        try:
            yield
        finally:
            ScriptDirectory.from_config = original  # type: ignore[method-assign]


def _import_before_running(script: ScriptDirectory) -> None:
    run = script.run_env

    def import_and_run() -> None:
        import_what_is_late()
        run()

    script.run_env = import_and_run  # type: ignore[method-assign]


def _check_before_writing(script: ScriptDirectory, check: CheckNew) -> None:
    write = script._generate_template  # noqa: SLF001 -- the last step before the file is there

    def check_and_write(src: Path, dest: Path, **values: Any) -> None:
        if not Path(src).exists():
            raise missing_template(Path(src))
        check(script, src, dest, values)
        write(src, dest, **values)
        _tidy(dest)

    script._generate_template = check_and_write  # type: ignore[method-assign]  # noqa: SLF001


def _tidy(path: Path) -> None:
    """Take the import of a dynamic template out of a migration that has a literal parent."""
    from gitlembic.core.declaration_source import without_unused_import  # only `revision` needs it  # noqa: PLC0415

    made = path.read_bytes()
    tidied = without_unused_import(made)
    if tidied != made:
        path.write_bytes(tidied)


class _Library:
    """`alembic_git_revisions`, whose place is taken until `stack` is left."""

    def __init__(self, get_down_revision: GetDownRevision, stack: contextlib.ExitStack) -> None:
        self._get_down_revision = get_down_revision
        self._stack = stack
        self._is_taken = False

    def take_its_place(self) -> None:
        if not self._is_taken:
            self._is_taken = True
            self._stack.enter_context(_in_place_of_library(self._get_down_revision))


@contextlib.contextmanager
def _in_place_of_library(get_down_revision: GetDownRevision) -> Iterator[None]:
    """Answer for `alembic_git_revisions`, whether or not it is installed."""
    before = set(sys.modules)
    try:
        module = importlib.import_module(FOREIGN_LIBRARY)  # found as any import finds it, also an editable install
    except Exception:  # noqa: BLE001 -- not installed, or broken: we only need its place
        module = sys.modules[FOREIGN_LIBRARY] = ModuleType(FOREIGN_LIBRARY)
    original = getattr(module, "get_down_revision", None)
    module.get_down_revision = get_down_revision  # type: ignore[attr-defined]
    try:
        yield
    finally:
        module.get_down_revision = original  # type: ignore[attr-defined]
        for name in [name for name in sys.modules if name.partition(".")[0] == FOREIGN_LIBRARY]:
            if name not in before:
                del sys.modules[name]
