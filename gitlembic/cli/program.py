"""The options that come before the command: Alembic's, in our words.

`gitlembic COMMAND` hands them to Alembic as they are; this is what help, manual and completion say.
"""

from __future__ import annotations

from gitlembic.core.usage import Option, Takes, Usage, Value

CONFIG = Option(
    ("-c", "--config"),
    "The configuration, in place of alembic.ini and pyproject.toml (or of the file that ALEMBIC_CONFIG names). "
    "Give it twice to name one of each.",
    Value(Takes.FILE, "FILE"),
)
NAME = Option(
    ("-n", "--name"),
    'The section of the ini file to read, instead of "alembic".',
    Value(Takes.TEXT, "NAME"),
)

PROGRAM = Usage(
    name="gitlembic",
    help="Alembic with the chain of migrations computed from git history",
    options=(
        CONFIG,
        NAME,
        Option(
            ("-x",),
            "An argument for env.py, such as `-x tenant=a`, which reads it with context.get_x_argument(). "
            "Any number of them.",
            Value(Takes.TEXT, "ARG"),
        ),
        Option(("-q", "--quiet"), "Leave out what Alembic says on standard output about its progress."),
        Option(("--raiseerr",), "Show the traceback of an error, not only its message."),
        Option(("--version",), "The versions of gitlembic, Alembic and dulwich."),
        Option(("-h", "--help"), "This page. `gitlembic COMMAND --help` has the options of a command."),
    ),
)
