"""What the manual says beyond the help of the commands.

Backquotes mark what is typed; paragraphs that are indented keep their lines.
"""

from __future__ import annotations

DATE = "2026-11-24"
"""Of the last change to what the pages say."""

DESCRIPTION = """\
Every command of Alembic is handed to Alembic as it was typed, with its own options, output and
exit codes; `gitlembic COMMAND --help` shows them. What gitlembic adds is the chain: whatever loads
migrations sees each dynamic one follow the migration that was last on the branch when it arrived.

A project without dynamic migrations works exactly as with Alembic, with or without a git repository.
"""

CONFIGURATION = """\
gitlembic reads the configuration of Alembic as Alembic does: `alembic.ini`, `pyproject.toml` (the
table `[tool.alembic]`), or the files given with `-c`. It takes from it where the migrations are:
`script_location`, `version_locations`, `recursive_version_locations` and `path_separator`.

The template `script.py.mako` in the script directory decides whether new migrations are dynamic;
`gitlembic adopt` makes it so.
"""

ENVIRONMENT = {
    "ALEMBIC_CONFIG": "The configuration file to read where `-c` does not name one, as for Alembic.",
    "GIT_PAGER, PAGER": "The pager of `gitlembic graph` on a terminal, instead of less; `cat` for none.",
    "NO_COLOR": "Set to anything, it keeps `gitlembic graph` from using colours by itself.",
}

FILES = {
    "alembic.ini, pyproject.toml": "The configuration of the project.",
    "script.py.mako": "The template of new migrations.",
    "revision_chain.json": """\
The chain file, beside the directory of migrations: the order of the dynamic migrations, for places
without git. Only `gitlembic chain --write` writes it.""",
    "$GIT_DIR/gitlembic/": """\
What can be computed again: the chains that commands ran with. It may be removed at any time.""",
}

EXAMPLES = {
    "gitlembic": """\
Make the new migrations of a project dynamic, and write one:

    gitlembic adopt
    gitlembic revision -m "add users"

Bring a database up to date:

    gitlembic upgrade head

See the chain, and as it was at a release:

    gitlembic chain
    gitlembic chain --at v1.4

With another configuration:

    gitlembic -c other.ini history -r-3:head
""",
    "adopt": """\
See what would change, then do it:

    gitlembic adopt --dry-run
    gitlembic adopt
""",
    "chain": """\
The chain of the working tree, and of a branch that is not checked out:

    gitlembic chain
    gitlembic chain --at origin/main

For programs, the ids in their order:

    gitlembic chain --format json | jq -r '.chains[].migrations[].revision'

Before an image without git is built:

    gitlembic chain --write
""",
    "graph": """\
The newest ten, what a release has beyond another revision, and how it was at a tag:

    gitlembic graph -n 10
    gitlembic graph 1975ea..ae1027
    gitlembic graph --at v1.4

What a branch would bring, and what each merge has brought:

    gitlembic graph --at feature --diff main
    gitlembic graph --merges

A page to browse, a picture for a web page, and one for a Markdown file:

    gitlembic graph --format html -o chain.html
    gitlembic graph --format svg -o chain.svg
    gitlembic graph --format mermaid -n 20

The last four, as Alembic's history says it:

    gitlembic graph -r -3:
""",
    "completion": """\
Once, for every new shell of a user (bash, fish):

    mkdir -p ~/.local/share/bash-completion/completions ~/.config/fish/completions
    gitlembic completion bash >~/.local/share/bash-completion/completions/gitlembic
    gitlembic completion fish >~/.config/fish/completions/gitlembic.fish
""",
}
"""Commands that are not here have no such section."""

SEE_ALSO = "Alembic: https://alembic.sqlalchemy.org/"
