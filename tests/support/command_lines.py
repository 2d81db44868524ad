"""The command lines that Alembic and gitlembic are held against each other with.

As a shell reads them: quotes, and variables in front. Each is run by itself, in a fresh copy of the
project that its heading names.

    line     a100 <- b200 <- c300 <- d400
    fork     a100 <- b200 (left) <- d400
                  <- c300 (right), which depends on b200
             e500 (apart)
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.migrations import Down


class Start(Enum):
    """What is there before a command line is run."""

    NOTHING = "an empty directory"
    EMPTY = "the line, with no database yet"
    MIDDLE = "the line, with a database at its second migration"
    TOP = "the line, with a database at its end"
    FORK = "the fork, with a database at its branch point"
    TIPS = "the fork, with a database at two of its heads"
    BROKEN = "the line, with no database, and `NAME.ini` for each NAME of `BROKEN_MIGRATIONS` and `BROKEN_INI`"

    @property
    def graph(self) -> dict[str, Planned]:
        return {Start.NOTHING: {}, Start.FORK: _FORK, Start.TIPS: _FORK}.get(self, _LINE)

    @property
    def applied(self) -> tuple[str, ...]:
        """What has been upgraded to."""
        at = {Start.MIDDLE: ("b200",), Start.TOP: ("d400",), Start.FORK: ("a100",), Start.TIPS: ("c300", "d400")}
        return at.get(self, ())


@dataclass(frozen=True, slots=True)
class Planned:
    """A migration of the graphs above."""

    down: Down
    table: str
    labels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()


_LINE = {
    "a100": Planned(None, "users"),
    "b200": Planned("a100", "orders"),
    "c300": Planned("b200", "prices"),
    "d400": Planned("c300", "refunds"),
}
_FORK = {
    "a100": Planned(None, "users"),
    "b200": Planned("a100", "orders", labels=("left",)),
    "c300": Planned("a100", "prices", labels=("right",), depends_on=("b200",)),
    "d400": Planned("b200", "refunds"),
    "e500": Planned(None, "coupons", labels=("apart",)),
}


BROKEN_MIGRATIONS = {
    "syntax": {"a.py": "revision = 'aaaa'\ndown_revision = None\ndef upgrade(:\n"},
    "raising": {"a.py": "revision = 'aaaa'\ndown_revision = None\nraise LookupError('mine')\n"},
    "unnamed": {"a.py": "down_revision = None\n"},
    "orphan": {"a.py": "revision = 'aaaa'\ndown_revision = 'gone'\n"},
    "depending": {"a.py": "revision = 'aaaa'\ndown_revision = None\ndepends_on = 'gone'\n"},
    "cycle": {
        "a.py": "revision = 'aaaa'\ndown_revision = 'bbbb'\n",
        "b.py": "revision = 'bbbb'\ndown_revision = 'aaaa'\n",
    },
    "own": {"a.py": "revision = 'aaaa'\ndown_revision = 'aaaa'\n"},
    "twice": {
        "a.py": "revision = 'aaaa'\ndown_revision = None\n",
        "b.py": "revision = 'aaaa'\ndown_revision = None\n",
    },
    "none": {},
}
"""Directories of migrations that something is wrong with, by name."""

BROKEN_INI = {
    "unreadable": "[alembic\n",
    "duplicate": "[alembic]\nscript_location = a\nscript_location = b\n",
    "percent": "[alembic]\nscript_location = %(nosuch)s/migrations\n",
    "lost": "[alembic]\nsqlalchemy.url = sqlite://\n",
    "nowhere": "[alembic]\nscript_location = nowhere\n",
    "bare": "[alembic]\nscript_location = more\n",
    "separator": "[alembic]\nscript_location = migrations\npath_separator = nosuch\nversion_locations = a b\n",
    "misplaced": "[alembic]\nscript_location = migrations\nversion_locations = nowhere\npath_separator = os\n",
    "legacy": "[alembic]\nscript_location = migrations\nversion_locations = migrations/versions, more\n",
}
"""Configurations that something is wrong with, by name."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A line of the table, taken apart."""

    text: str
    environment: dict[str, str]
    argv: tuple[str, ...]


def parse_line(text: str) -> CommandLine:
    """As a shell would: `NAME=VALUE ... arguments`."""
    words = shlex.split(text)
    environment = {}
    while words and words[0].partition("=")[0].isupper() and "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        environment[name] = value
    return CommandLine(text, environment, tuple(words))


def lines_of(start: Start) -> tuple[CommandLine, ...]:
    """The part of the table that begins at `start`."""
    return tuple(parse_line(line.strip()) for line in _TABLE[start].splitlines()[1:-1])


def short_lines() -> dict[Start, tuple[CommandLine, ...]]:
    """The twenty that every template is tried with each time."""
    return {start: tuple(map(parse_line, lines)) for start, lines in _ON_EVERY_TEMPLATE.items()}


_TABLE = {
    Start.NOTHING: """
        --help
        -h
        --version
        --vers

        -q
        -x a=b
        nosuch
        nosuch --help
        head
        list_templates
        -q list_templates
        list_templates --help
        list_templates more
        init migrations
        init deep/er/migrations
        init .
        init ''
        init
        init one two
        init --help
        init -t generic scripts
        init -t async scripts
        init --template multidb scripts
        init --templ=pyproject scripts
        init -tpyproject_async scripts
        init -t nosuch scripts
        init --package scripts
        init -- scripts
        init -t
        -q init migrations
        -c other.ini init migrations
        -c sub/pyproject.toml init -t pyproject migrations
        -n other init migrations
        ALEMBIC_CONFIG=named.ini init migrations
        heads
        --raiseerr heads
        upgrade head
        current
        -c nosuch.ini heads
        -c nosuch.toml heads
        -c sub/pyproject.toml heads
        ALEMBIC_CONFIG=nosuch.ini heads
        revision -m new
        EDITOR=cat edit head
        ensure_version
    """,
    Start.EMPTY: """
        current
        current -v
        check
        ensure_version
        ensure_version --sql
        upgrade head
        upgrade heads
        upgrade base
        upgrade +1
        upgrade a100+2
        upgrade +9
        upgrade head --sql
        upgrade b200 --sql
        upgrade +2 --sql
        downgrade base
        downgrade -1
        stamp head
        stamp head --sql
        stamp +1
        history -i
        revision --autogenerate -m early
        -x one upgrade head --tag first
    """,
    Start.MIDDLE: """
        heads
        heads -v
        heads --verbose
        heads --verb
        heads --resolve-dependencies
        heads --resolve
        heads --nosuch
        heads more
        heads --help
        head
        --help
        --version
        --nosuch heads
        -z heads
        -- heads
        heads --
        -q heads
        -qq heads
        --quiet heads
        --qui heads
        -c alembic.ini heads
        -calembic.ini heads
        -c=alembic.ini heads
        -qcalembic.ini heads
        -qc alembic.ini heads
        --config alembic.ini heads
        --config=alembic.ini heads
        --conf=alembic.ini heads
        --c alembic.ini heads
        -c other.ini current
        -c other.ini upgrade +1
        -c other.ini -c other.ini heads
        -c alembic.ini -c sub/pyproject.toml heads
        -c sub/pyproject.toml heads
        -c sub/pyproject.toml current
        -c sub/pyproject.toml -c sub/pyproject.toml heads
        -c sub/nosuch/pyproject.toml heads
        -c nosuch.ini heads
        -c '' heads
        -c
        ALEMBIC_CONFIG=other.ini current
        ALEMBIC_CONFIG=other.ini -c alembic.ini current
        ALEMBIC_CONFIG=sub/pyproject.toml heads
        ALEMBIC_CONFIG= heads
        -n alembic heads
        -n other current
        -nother current
        --name other current
        --name=other upgrade +1
        -n other upgrade +1
        --na other current
        -n nosuch heads
        -n nosuch current
        -x a=b current
        -x a=b -x c=d current
        -x a=b -x c=d current -v
        -x a=b -x a=c current
        -x flag -x a=b=c -x '' current
        -xa=b current
        -qx a=b current
        -x 'with space=and = signs' current
        -x
        current -x a=b
        branches
        branches -v
        branches more
        current
        current -v
        current --verbose
        current --check-heads
        current -c
        current --check
        current more
        check
        check more
        history
        history -v
        history -i
        history --indicate-current
        history --indicate-current -v
        history -vi
        history -r a100:c300
        history -ra100:c300
        history -r a100:
        history -r :b200
        history -r :
        history -r base:head
        history -r-3:head
        history -r -3:head
        history -r=-1:
        history -r=-1:head
        history --rev-range=-2:current
        history --rev-range b200:+1
        history --rev current:
        history -r current:head -v
        history -r b200
        history -r nosuch:
        history -r a100:nosuch
        history -r c300:a100
        history -r
        show head
        show heads
        show base
        show current
        show a100
        show b20
        show b2
        show d400:
        show head-1
        show -- head
        show nosuch
        show
        show a100 b200
        upgrade
        upgrade head
        upgrade heads
        upgrade HEAD
        upgrade +1
        upgrade +2
        upgrade +3
        upgrade c300
        upgrade c30
        upgrade c3
        upgrade b200
        upgrade a100
        upgrade b200+1
        upgrade head-1
        upgrade -1
        upgrade nosuch
        upgrade ''
        upgrade head extra
        upgrade --help
        upgrade head --sql
        upgrade head --sql --tag t
        upgrade a100:c300 --sql
        upgrade a100:c300 --sql --tag t
        upgrade :c300 --sql
        upgrade b200: --sql
        upgrade c300:a100 --sql
        upgrade a100:c300
        upgrade --sql a100:head
        upgrade --tag release head
        upgrade --tag=release +1
        upgrade --ta release +1
        upgrade --nosuch head
        -q upgrade head
        --raiseerr upgrade nosuch
        --raise upgrade nosuch
        upgrade head --raiseerr
        downgrade -1
        downgrade -2
        downgrade -3
        downgrade -- -1
        downgrade base
        downgrade a100
        downgrade b200
        downgrade d400
        downgrade nosuch
        downgrade
        downgrade -1 --sql
        downgrade b200:base --sql
        downgrade b200:a100 --sql --tag t
        downgrade base --sql
        downgrade --tag t -1
        downgrade --tag -1
        downgrade head-3
        downgrade c300-1
        stamp head
        stamp heads
        stamp base
        stamp a100
        stamp c300 --purge
        stamp --purge base
        stamp -1
        stamp +1
        stamp a100 d400
        stamp head --sql
        stamp b200:d400 --sql
        stamp head --tag t
        stamp nosuch
        stamp
        stamp --help
        ensure_version
        ensure_version --sql
        ensure_version more
        EDITOR=cat edit head
        EDITOR=cat edit current
        EDITOR=cat edit a100:c300
        EDITOR=cat edit b200
        EDITOR=false edit head
        PATH=/nonexistent EDITOR=/nonexistent/editor edit head
        EDITOR='cat -A' edit head
        EDITOR=false VISUAL=cat edit head
        PATH=/nonexistent edit head
        EDITOR=cat edit nosuch
        edit
        revision -m new
        revision -m 'two words' --rev-id f600
        revision -mnew --rev-id=f600
        revision --message new --rev f600
        revision --message='new: "quoted"' --rev-id f600
        revision -m 'ünï' --rev-id f600
        revision
        revision --rev-id f600
        revision --rev-id a100
        revision --rev-id 'f@6'
        revision -m new --head d400
        revision -m new --head d40
        revision -m new --head head
        revision -m new --head heads
        revision -m new --head b200
        revision -m new --head b200 --splice
        revision -m new --head base --splice
        revision -m new --head base
        revision -m new --head nosuch
        revision -m new --head head-1 --splice
        revision -m new --splice
        revision -m new --branch-label mine
        revision -m new --branch mine
        revision -m new --branch-label b200
        revision -m new --depends-on a100
        revision -m new --depends-on a100 --depends-on b200
        revision -m new --depends-on nosuch
        revision -m new --version-path migrations/versions
        revision -m new --version-path nosuch
        revision -m new --sql
        revision -m new --autogenerate
        revision -m new --auto --sql
        revision -m new more
        revision --help
        -q revision -m new
        -x a=b revision -m new
        -c hooked.ini revision -m hooked --rev-id f600
        -c environment.ini revision -m environment --rev-id f600
        -c environment.ini revision -m environment --rev-id f600 --sql
        -c several.ini revision -m there --rev-id f600 --version-path more
        -c several.ini revision -m there --rev-id f600 --head base --version-path more
        -c several.ini heads
        merge
        merge head
        merge heads
        merge a100 b200
        merge a100
        merge c300 d400 -m join
        merge nosuch d400
        merge --help
        list_templates
        init migrations
        init elsewhere
        init -t nosuch elsewhere
        nosuch
        upgrad head
        upgrade upgrade
        -q
        -c alembic.ini
    """,
    Start.TOP: """
        current
        current -v
        current --check-heads
        current --check-heads --verbose
        check
        upgrade head
        upgrade +1
        upgrade b200
        downgrade -1
        downgrade -2
        downgrade -4
        downgrade -5
        downgrade base
        downgrade nosuch
        downgrade b200
        -q downgrade b200
        -x a=b downgrade -1 --tag t
        downgrade head
        history -r current:
        history -i
        revision --autogenerate -m later --rev-id f600
        revision --autogenerate -m later --rev-id f600 --depends-on a100
        -c extended.ini check
        -c extended.ini revision --autogenerate -m later --rev-id f600
        -c extended.ini -q revision --autogenerate -m later --rev-id f600
        -c hooked.ini revision --autogenerate -m hooked --rev-id f600
    """,
    Start.FORK: """
        heads
        heads -v
        heads --resolve-dependencies
        branches
        branches -v
        history
        history -v
        history -r right@base:right@head
        history -r left:
        history -r apart@base:apart@head
        history -r a100:heads
        history -i
        show heads
        show right
        show right@head
        show left@a100
        show head
        current
        current --check-heads
        check
        upgrade head
        upgrade heads
        upgrade left
        upgrade left@head
        upgrade right@head
        upgrade right
        upgrade apart@head
        upgrade left@+1
        upgrade left@+2
        upgrade +1
        upgrade heads --sql
        upgrade a100:right@head --sql
        upgrade nosuch@head
        --raiseerr upgrade head
        downgrade -1
        downgrade left@base
        stamp heads
        stamp head
        stamp left right
        stamp left@head apart@head
        stamp apart@head --sql
        revision -m new
        revision -m new --head left@head --rev-id f600
        revision -m new --head right@head --rev-id f600 --depends-on left
        revision -m new --head base --branch-label fresh --rev-id f600
        revision -m new --head c300 --rev-id f600 --branch-label fresh
        revision -m new --head heads --rev-id f600
        revision -m new --autogenerate
        merge heads
        merge heads -m 'join all' --rev-id f600
        merge c300 d400 --message join --rev-id f600 --branch-label joined
        merge left@head right@head --rev-id f600
        merge a100 d400
        merge b200 c300 --splice --rev-id f600
        EDITOR=cat edit head
        EDITOR=cat edit heads
        EDITOR=cat edit left
    """,
    Start.TIPS: """
        current
        current -v
        current --check-heads
        check
        history -i
        history -i -v
        history -r current:
        show current
        upgrade heads
        upgrade apart@head
        downgrade -1
        downgrade left@-1
        downgrade right@-1
        downgrade c300-1
        downgrade left@b200
        downgrade a100
        downgrade base
        downgrade d400:a100 --sql
        stamp d400
        stamp --purge apart@head
        stamp base
        EDITOR=cat edit current
        merge heads -m join --rev-id f600
    """,
    Start.BROKEN: """
        -c syntax.ini heads
        -c syntax.ini upgrade head
        --raiseerr -c syntax.ini heads
        -c raising.ini heads
        -c raising.ini upgrade head
        -c unnamed.ini heads
        -c unnamed.ini upgrade head
        -c orphan.ini heads
        -c orphan.ini history
        -c orphan.ini upgrade head
        -c orphan.ini revision -m new
        -c orphan.ini current
        --raiseerr -c orphan.ini heads
        -c depending.ini heads
        -c depending.ini upgrade head
        -c cycle.ini heads
        -c cycle.ini upgrade head
        --raiseerr -c cycle.ini heads
        -c own.ini heads
        -c twice.ini heads
        -c twice.ini upgrade head
        -c none.ini heads
        -c none.ini history
        -c none.ini current
        -c none.ini upgrade head
        -c none.ini revision -m first --rev-id f600
        -c none.ini merge heads
        -c unreadable.ini heads
        -c unreadable.ini list_templates
        -c duplicate.ini heads
        -c percent.ini heads
        -c lost.ini heads
        -c nowhere.ini heads
        -c nowhere.ini upgrade head
        -c bare.ini heads
        -c bare.ini upgrade head
        -c bare.ini revision -m new
        -c separator.ini heads
        -c misplaced.ini heads
        -c misplaced.ini revision -m new
        -c legacy.ini heads
        -c legacy.ini revision -m new --rev-id f600
    """,
}

_ON_EVERY_TEMPLATE = {
    Start.NOTHING: ("list_templates", "init migrations", "heads"),
    Start.EMPTY: ("upgrade head", "upgrade head --sql", "ensure_version --sql"),
    Start.MIDDLE: (
        "-x a=b -x c=d current -v",
        "current --check-heads",
        "history -r-3:head",
        "upgrade +1",
        "upgrade a100:c300 --sql --tag t",
        "downgrade -1",
        "stamp head",
        "-n other upgrade +1",
        "-c hooked.ini revision -m hooked --rev-id f600",
        "upgrade nosuch",
    ),
    Start.TOP: ("check", "-c extended.ini revision --autogenerate -m later --rev-id f600"),
    Start.FORK: ("upgrade heads", "merge heads -m 'join all' --rev-id f600"),
}
