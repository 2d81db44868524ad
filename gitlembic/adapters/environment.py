"""What env.py asks of Alembic, watched: `context.configure(...)`, where a connection becomes known.

It is the one place that plain, async and multidb env.py files all pass, and needs no edit there.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from typing import TYPE_CHECKING, Any

from alembic.runtime.environment import EnvironmentContext

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from alembic.runtime.migration import MigrationContext


class Watcher:
    """Is told of every `configure` of a command: one per database, where env.py runs for several.

    An error that a method raises comes out of env.py's call of `configure`.
    """

    def before_configure(self, environment: EnvironmentContext, options: dict[str, Any]) -> None:
        """`options` are what env.py passes, by name; they may be changed."""

    def after_configure(self, environment: EnvironmentContext, migrations: MigrationContext) -> None:
        """The connection of `migrations` is env.py's own; in `--sql` mode it is none (`migrations.as_sql`)."""

    def failed(self, error: BaseException) -> None:
        """The command has ended by an error, or by an exit after Alembic has printed one; `after_command` follows."""

    def after_command(self) -> None:
        """The command has ended, by an error or not; connections may be closed by now."""


@contextlib.contextmanager
def watched_environment(watchers: Sequence[Watcher]) -> Iterator[None]:
    """While this is open, `watchers` are told, in their order; of the end in the opposite one."""
    if not watchers:
        yield
        return
    original = EnvironmentContext.configure
    signature = inspect.signature(original)
    keywords = next(name for name, one in signature.parameters.items() if one.kind is one.VAR_KEYWORD)

    @functools.wraps(original)
    def configure(*args: Any, **kwargs: Any) -> None:
        options = dict(signature.bind(*args, **kwargs).arguments)
        environment = options.pop("self")
        options.update(options.pop(keywords, {}))
        for watcher in watchers:
            watcher.before_configure(environment, options)
        original(environment, **options)
        for watcher in watchers:
            watcher.after_configure(environment, environment.get_context())

    EnvironmentContext.configure = configure  # type: ignore[method-assign]
    try:
        yield
    except BaseException as error:
        for watcher in watchers:
            watcher.failed(error)
        raise
    finally:
        EnvironmentContext.configure = original  # type: ignore[method-assign]
        with contextlib.ExitStack() as stack:
            for watcher in watchers:
                stack.callback(watcher.after_command)
