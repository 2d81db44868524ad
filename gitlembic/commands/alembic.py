"""An Alembic command, run with the chain."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from gitlembic import get_down_revision
from gitlembic.adapters.alembic_project import project_of
from gitlembic.adapters.alembic_session import Hooks, run_alembic
from gitlembic.commands.kept_chain import keep
from gitlembic.commands.look_up import remember
from gitlembic.commands.names import known_names
from gitlembic.commands.replaced import check_none_replaced
from gitlembic.commands.resolve import resolve
from gitlembic.commands.watchers import Told, watchers_of
from gitlembic.core.added_options import OUT_OF_ORDER
from gitlembic.core.explanation import Explained
from gitlembic.errors import BugError, GitlembicError, NeedsRunningError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from alembic.config import Config
    from alembic.script import ScriptDirectory

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.commands.new_project import NewProject
    from gitlembic.core.explanation import Explanation, Stop
    from gitlembic.core.resolution import Resolution


def run(
    argv: Sequence[str],
    command: str | None,
    options: Sequence[str],
    say: Callable[[Explanation], None],
    tell_new: Callable[[NewProject], None],
    tell: Callable[[str], None],
    say_last: Callable[[Explanation], None],
) -> Sequence[Resolution]:
    """Run the `command` of Alembic in `argv`; whatever loads migrations gets the chain, and leaves it as JSON.

    Gives the chains of what was loaded, in its order.
    `options` are those of them that choose the project; `say` is given what git knows of the
    reason, where Alembic has stopped for one that git knows of; `tell_new` the project that `init`
    made; `tell` what happens while it runs; `say_last` what to say after the error, whoever prints that.
    """
    loaded: list[tuple[Project, Resolution]] = []

    def resolve_and_keep(script: ScriptDirectory, config: Config) -> Resolution | None:
        project = project_of(script, config)
        resolution = _resolve(project, command)
        if resolution is None:
            return None
        remember(script, resolution)
        keep(project, resolution)
        loaded.append((project, resolution))
        return resolution

    def explain(stop: Stop) -> None:
        from gitlembic.commands.explain import explain as explanation_of  # dulwich costs 50 ms  # noqa: PLC0415
        from gitlembic.commands.explain import not_to_be_looked_up  # noqa: PLC0415 -- likewise

        if isinstance(stop, Explained):
            say(stop.explanation)
            return
        try:
            with _reporting_bugs():
                found = explanation_of(stop, *loaded[-1], options) if loaded else None
        except BugError:
            raise
        except GitlembicError as error:  # Alembic has stopped already, and its exit code stands
            found = not_to_be_looked_up(error)
        if found is not None:
            say(found)

    def check(script: ScriptDirectory, template: Path, target: Path, values: Mapping[str, Any]) -> None:
        if loaded:
            _check_new(project_of(script), loaded[-1][1], template, target, values)

    hooks = Hooks(
        name=lambda resolution, typed, before: known_names(loaded[-1][0], resolution, typed, before, tell),
        resolve=resolve_and_keep,
        get_down_revision=get_down_revision,
        check_new=check,
        explain=explain,
        made_project=lambda directory: tell_new(_make_dynamic(directory)),
        watch=lambda command, added: watchers_of(
            command,
            options,
            Told(tell, say_last, lambda: [one for _, one in loaded]),
            out_of_order=OUT_OF_ORDER.names[0] in added,
        ),
    )
    run_alembic(argv, hooks, command)
    return [resolution for _, resolution in loaded]


def _resolve(project: Project, command: str | None) -> Resolution | None:
    """`None` where only Alembic can tell, which runs the files."""
    try:
        with _reporting_bugs():
            resolution = resolve(project)
    except NeedsRunningError:
        return None
    if command == "upgrade":
        check_none_replaced(resolution)
    return resolution


def _check_new(
    project: Project, resolution: Resolution, template: Path, target: Path, values: Mapping[str, Any]
) -> None:
    from gitlembic.commands.new_migration import check_new  # only `revision` needs it  # noqa: PLC0415

    check_new(project, resolution, template, target, values)


def _make_dynamic(directory: Path) -> NewProject:
    from gitlembic.commands.new_project import make_dynamic  # only `init` needs it  # noqa: PLC0415

    return make_dynamic(directory)


@contextlib.contextmanager
def _reporting_bugs() -> Iterator[None]:
    """Tell an error that nobody expected from those of env.py, which runs around this."""
    try:
        yield
    except GitlembicError:
        raise
    except Exception as error:
        raise BugError(error) from error
