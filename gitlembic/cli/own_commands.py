"""gitlembic's own commands, for completion, which has no time to import click.

Made from those by `.ci/regenerate`.
"""

# ruff: noqa: E501, RUF100
# fmt: off

from __future__ import annotations

from gitlembic.core.usage import Option, Takes, Usage, Value

OWN_USAGES: tuple[Usage, ...] = (
    Usage(
        "adopt",
        "Make the project's new migrations dynamic",
        (
            Option(("--dry-run",), "Show what would change, and change nothing."),
            Option(("--print",), "Print the reference template, for copying from."),
            Option(("--undo",), "Make new migrations static again, the way out of gitlembic."),
            Option(("--journal",), "Make the project keep a journal of what runs on its databases, instead."),
            Option(("-h", "--help"), "Show this message and exit."),
        ),
        (),
        repeats=False,
    ),
    Usage(
        "chain",
        "Show the chain: which migration follows which, and why",
        (
            Option(("--format",), "How to print it.", Value(Takes.CHOICE, "table|json", ("table", "json"))),
            Option(("--at",), "The chain at a commit, branch or tag; nothing is checked out.", Value(Takes.REF, "REF")),
            Option(("--births",), "Find the birth of every migration, however old."),
            Option(("--write",), "Write the chain file, for places without git."),
            Option(("--check",), "Exit with 1 if the chain file is not what --write would write."),
            Option(("-h", "--help"), "Show this message and exit."),
        ),
        (),
        repeats=False,
    ),
    Usage(
        "completion",
        "Print the completion script for a shell",
        (
            Option(("-h", "--help"), "Show this message and exit."),
        ),
        (Value(Takes.CHOICE, "SHELL", ("bash", "zsh", "fish")),),
        repeats=False,
    ),
    Usage(
        "demo",
        "See the problem and the answer in ten seconds, on SQLite",
        (
            Option(("-h", "--help"), "Show this message and exit."),
        ),
        (),
        repeats=False,
    ),
    Usage(
        "doctor",
        "Say what is wrong with the migrations, and how to cure it",
        (
            Option(("--against",), "A branch, tag or commit that was deployed: its chain has to be the beginning of this one; may be repeated.", Value(Takes.REF, "REF")),
            Option(("--open",), "Look at every other branch as well: which of them add migrations too, and touch the same tables."),
            Option(("--db",), "Ask the database as well, through env.py, where it stands and what it ran."),
            Option(("--select",), "Only these checks: GL101, GL1 or a name; may be repeated.", Value(Takes.TEXT, "CODE")),
            Option(("--ignore",), "Not these checks; may be repeated.", Value(Takes.TEXT, "CODE")),
            Option(("--format",), "How to print it: github annotates a pull request, sarif is for code scanning.", Value(Takes.CHOICE, "text|json|github|sarif", ("text", "json", "github", "sarif"))),
            Option(("--fail-level",), "Exit with 1 if anything is as bad as this.", Value(Takes.CHOICE, "error|warning|info", ("error", "warning", "info"))),
            Option(("--fix",), "Do what is safe: rebase this branch's side heads, adopt, chain --write."),
            Option(("--dry-run",), "With --fix: show what would change, and change nothing."),
            Option(("--explain",), "Say what a check, or all of a category (GL4), looks for and why, with examples.", Value(Takes.TEXT, "CODE")),
            Option(("--list-checks",), "List all checks."),
            Option(("-h", "--help"), "Show this message and exit."),
        ),
        (),
        repeats=False,
    ),
    Usage(
        "graph",
        "See the chain as a picture, newest first",
        (
            Option(("-r", "--rev-range"), "The same, in the spelling of Alembic's history.", Value(Takes.RANGE, "RANGE")),
            Option(("-n", "--max-count"), "No more than the newest N.", Value(Takes.TEXT, "N")),
            Option(("--at",), "The chain at a commit, branch or tag; nothing is checked out.", Value(Takes.REF, "REF")),
            Option(("--diff",), "What the chain adds, moves or drops against that of a commit.", Value(Takes.REF, "REF")),
            Option(("--born-from",), "Draw dynamic migrations from whom they were written against."),
            Option(("--merges",), "Group migrations by the commit or merge that brought them."),
            Option(("--db",), "Ask the database, through env.py, where it stands; mark what is pending, and what a journal misses."),
            Option(("--births",), "Find the birth of every migration, however old."),
            Option(("--format",), "What to draw: text for a terminal, or what other programs read. Default: see -o, else text.", Value(Takes.CHOICE, "text|json|mermaid|dot|svg|html", ("text", "json", "mermaid", "dot", "svg", "html"))),
            Option(("-o", "--output"), "Write it into a file, as .svg, .html, .dot, .mmd, .json or text.", Value(Takes.FILE, "FILE")),
            Option(("--ascii",), "Draw with ASCII characters only."),
            Option(("--color",), "When to use colours; by itself on a terminal, unless NO_COLOR is set.", Value(Takes.CHOICE, "auto|always|never", ("auto", "always", "never"))),
            Option(("-h", "--help"), "Show this message and exit."),
        ),
        (Value(Takes.RANGE, "[RANGE]"),),
        repeats=False,
    ),
    Usage(
        "journal",
        "Say what ran on this database, when, and by what",
        (
            Option(("--format",), "How to print it.", Value(Takes.CHOICE, "table|json", ("table", "json"))),
            Option(("-n", "--max-count"), "No more than the newest N.", Value(Takes.TEXT, "N")),
            Option(("-h", "--help"), "Show this message and exit."),
        ),
        (),
        repeats=False,
    ),
    Usage(
        "rebase",
        "Move side heads onto the end of the line, in the files",
        (
            Option(("--onto",), "The mainline: any branch, tag or commit. Default: see above.", Value(Takes.REF, "REF")),
            Option(("--dynamic",), "Make the side heads dynamic instead of giving them a literal parent."),
            Option(("--freeze",), "Write the mainline's computed parents into its dynamic migrations: all (head), or REV and everything older.", Value(Takes.DYNAMIC_REVISION, "[REV]")),
            Option(("--dry-run",), "Show what would change, and change nothing."),
            Option(("--force",), "Rewrite files with changes that are not committed, too."),
            Option(("-h", "--help"), "Show this message and exit."),
        ),
        (),
        repeats=False,
    ),
    Usage(
        "rescue",
        "Bring a database that stands elsewhere onto this chain",
        (
            Option(("--to",), "Bring it to where this branch, tag or commit has it, not this checkout.", Value(Takes.REF, "REF")),
            Option(("--from",), "The branch, tag or commit that migrated it. Default: looked for.", Value(Takes.REF, "REF")),
            Option(("--keep",), "With a journal: undo nothing, and run what never ran."),
            Option(("--sql",), "Print the SQL, and execute nothing."),
            Option(("--dry-run",), "Show the plan, and change nothing."),
            Option(("-y", "--yes"), "Do not ask."),
            Option(("-h", "--help"), "Show this message and exit."),
        ),
        (),
        repeats=False,
    ),
    Usage(
        "squash",
        "Make one migration of many, and prove that it does the same",
        (
            Option(("-m", "--message"), "The first line of the new migration.", Value(Takes.TEXT, "TEXT")),
            Option(("--as",), "sql: a dump of what they make, for one kind of database; faster, and it has no way back.", Value(Takes.CHOICE, "python|sql", ("python", "sql"))),
            Option(("--prune",), "Leave the originals out: for tables that are made from the models."),
            Option(("--verify",), "A server to make scratch databases on, for what does not run on SQLite.", Value(Takes.TEXT, "URL")),
            Option(("--dry-run",), "Plan and verify it, and change no file."),
            Option(("-h", "--help"), "Show this message and exit."),
        ),
        (Value(Takes.RANGE, "RANGE"),),
        repeats=False,
    ),
)
