"""GL3: what the project stands on: the repository, the chain file, the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.chain_file import TWO_CURES
from gitlembic.core.git_paths import git_path
from gitlembic.core.history import IN_CI, SHORT_COMMIT
from gitlembic.doctor.check import Check, Lasts
from gitlembic.doctor.checks.declared import (
    find_cycles,
    find_duplicates,
    find_late_dependencies,
    find_missing_revisions,
)
from gitlembic.doctor.checks.files import find_computed, find_nameless, find_unparsable
from gitlembic.doctor.evidence import FileFault
from gitlembic.doctor.finding import Finding, Fix, Severity
from gitlembic.errors import CannotTellError, GitlembicError, NeedsRunningError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitlembic.doctor.evidence import Evidence


def find_unknown_chain(evidence: Evidence) -> Iterator[Finding]:
    try:
        evidence.resolution()
    except GitlembicError as error:
        if not any(_finds(find, evidence) for find in _CAUSES):
            severity = Severity.INFO if isinstance(error, NeedsRunningError) else Severity.ERROR
            yield Finding(severity, error.message, error.hint)


def find_shallow_clones(evidence: Evidence) -> Iterator[Finding]:
    for commit in evidence.shallow()[:1]:
        yield Finding(
            Severity.INFO,
            f"this clone holds no history before {commit[:SHORT_COMMIT]}, "
            "so what became of older migrations is not known",
            f"`git fetch --unshallow` {IN_CI}",
            commit=commit,
        )


def find_stale_chain_files(evidence: Evidence) -> Iterator[Finding]:
    for file in evidence.chain_files():
        if file.fault is FileFault.STALE:
            yield Finding(
                Severity.WARNING,
                file.reason,
                "`gitlembic chain --write`, or delete it where git can be asked",
                file.path,
                fix=Fix.WRITE_CHAIN_FILE,
            )


def find_contradicting_chain_files(evidence: Evidence) -> Iterator[Finding]:
    for file in evidence.chain_files():
        if file.fault is FileFault.CONTRADICTING:
            yield Finding(
                Severity.ERROR,
                file.reason,
                TWO_CURES,
                file.path,
            )


def find_tracked_chain_files(evidence: Evidence) -> Iterator[Finding]:
    for file in evidence.chain_files():
        if file.tracked:
            yield Finding(
                Severity.WARNING,
                "git tracks the chain file, so every branch with a migration makes it stale, or conflicts in it",
                f"`git rm --cached {git_path(file.path)}`, and add it to .gitignore; write it where images are built",
                file.path,
            )


def find_missing_chain_files(evidence: Evidence) -> Iterator[Finding]:
    for file in evidence.chain_files():
        if file.wanted and file.left_out:
            yield Finding(
                Severity.WARNING,
                f"{file.wanted} keeps both .git and the chain file out of images, so nothing there tells the order",
                f"add the line `!{file.left_out}` at the end of {file.wanted}",
                file.path,
            )
        elif file.wanted and file.fault is FileFault.MISSING:
            yield Finding(
                Severity.INFO,
                f"{file.wanted} keeps .git out of images, and there is no chain file here for them",
                "run `gitlembic chain --write` before an image is built",
                file.path,
            )


def find_static_template(evidence: Evidence) -> Iterator[Finding]:
    template = evidence.template()
    dynamic = any(placed.migration.is_dynamic for placed in evidence.present().migrations.values())
    if template is not None and dynamic and not template.is_dynamic:
        yield Finding(
            Severity.WARNING,
            "there are dynamic migrations here, and this template gives new ones a literal parent",
            "`gitlembic adopt`",
            template.path,
            template.line,
            fix=Fix.ADOPT,
        )


def find_no_repository(evidence: Evidence) -> Iterator[Finding]:
    for directory in evidence.homeless():
        yield Finding(
            Severity.INFO,
            f"{directory} is in no git repository, so only a chain file tells the order of dynamic migrations",
            "look at it where its repository is",
        )


def find_unknown_mainline(evidence: Evidence) -> Iterator[Finding]:
    error = evidence.unknown_mainline()
    if error is not None:
        severity, cure = Severity.INFO, 'set `mainline = "NAME"` in [tool.gitlembic] of pyproject.toml'
        if isinstance(error, CannotTellError):  # one is configured, maybe in alembic.ini, which wins
            severity = Severity.WARNING
            cure = "correct `mainline` in the configuration, or `git fetch --all` if this clone lacks that branch"
        yield Finding(severity, error.message, cure)


def find_missing_greenlet(evidence: Evidence) -> Iterator[Finding]:
    environment = evidence.environment()
    if environment is not None and environment.is_async and not environment.has_greenlet:
        yield Finding(
            Severity.ERROR,
            "it makes an asynchronous engine, and greenlet is not installed here",
            "`pip install 'sqlalchemy[asyncio]'`",
            environment.path,
        )


def find_other_library_order(evidence: Evidence) -> Iterator[Finding]:
    for found in evidence.library():
        revision, path = found.placed.migration.revision, found.placed.path
        yield Finding(
            Severity.WARNING,
            f"with alembic-git-revisions {revision} follows {found.theirs}, and here "
            f"{', '.join(found.ours) or 'nobody'}",
            "if a database was deployed with that library: `gitlembic rebase --freeze --onto HEAD`, then "
            f'down_revision = "{found.theirs}" in {path}',
            path,
            evidence.line(path, "down_revision"),
            revision,
        )


def find_detours(evidence: Evidence) -> Iterator[Finding]:
    for detour in evidence.detours():
        below = f"/{detour.path}"
        is_case = not detour.typed.endswith(below) and detour.typed.casefold().endswith(below.casefold())
        how = "in another case" if is_case else "through a link"
        yield Finding(
            Severity.WARNING if is_case else Severity.INFO,
            f"{detour.typed} is where the configuration finds migrations, {how}: git knows them as {detour.path}",
            f"write {detour.path} into script_location or version_locations",
            detour.path,
        )


_CAUSES = (
    find_unparsable,
    find_computed,
    find_nameless,
    find_duplicates,
    find_missing_revisions,
    find_cycles,
    find_late_dependencies,
    find_contradicting_chain_files,
)
"""The checks that say more exactly why the chain cannot be told."""


def _finds(find: Callable[[Evidence], Iterator[Finding]], evidence: Evidence) -> bool:
    try:
        return any(True for _ in find(evidence))
    except GitlembicError:  # it cannot look either
        return False


UNKNOWN_CHAIN = Check(
    code="GL301",
    name="unknown-chain",
    what="Nothing at hand tells the chain of these migrations.",
    why="gitlembic refuses to run rather than guess an order that a database may not have.",
    triggers="a shallow clone whose dynamic migrations are older than its boundary",
    silent="the same clone, with all migrations static and one head",
    find=find_unknown_chain,
    lasts=Lasts.SILENCE,
)

SHALLOW_CLONE = Check(
    code="GL302",
    name="shallow-clone",
    what="This clone does not hold the whole history.",
    why="Some checks cannot look, and an order that is older than the clone cannot be told.",
    triggers="git clone --depth 1",
    silent="git clone --filter=blob:none, which has every commit",
    find=find_shallow_clones,
)

STALE_CHAIN_FILE = Check(
    code="GL303",
    name="stale-chain-file",
    what="A chain file is not what `gitlembic chain --write` would write.",
    why="Where there is no git, an image built with it is refused, or never runs what it lacks.",
    triggers="a migration was added, and revision_chain.json was written before",
    silent="the same entries in another layout or order",
    find=find_stale_chain_files,
)

CONTRADICTING_CHAIN_FILE = Check(
    code="GL304",
    name="contradicting-chain-file",
    what="A chain file puts two migrations the other way round than git.",
    why="A database may have been deployed in its order, so gitlembic stops until you decide.",
    triggers="the file says that c3 follows b2, and git that b2 follows c3",
    silent="the file lacks c3",
    find=find_contradicting_chain_files,
)

TRACKED_CHAIN_FILE = Check(
    code="GL305",
    name="tracked-chain-file",
    what="A chain file is committed.",
    why="It is stale as soon as somebody merges a migration, and in conflict where two people do.",
    triggers="git add migrations/revision_chain.json",
    silent="the same file, ignored by git, written where an image is built",
    find=find_tracked_chain_files,
)

MISSING_CHAIN_FILE = Check(
    code="GL306",
    name="missing-chain-file",
    what=".dockerignore keeps .git out, and no chain file goes into images.",
    why="Dynamic migrations cannot be ordered there, and `gitlembic upgrade` refuses to run.",
    triggers=".dockerignore with the line .git, and no migrations/revision_chain.json",
    silent="the same, in a project without dynamic migrations",
    find=find_missing_chain_files,
)

STATIC_TEMPLATE = Check(
    code="GL307",
    name="static-template",
    what="There are dynamic migrations, and script.py.mako makes static ones.",
    why="The next migration gets a literal parent, and can become a side head.",
    triggers="a migration with get_down_revision(revision) beside Alembic's own template",
    silent="the same after `gitlembic adopt`; Alembic's template in a project where everything is static",
    find=find_static_template,
)

NO_REPOSITORY = Check(
    code="GL308",
    name="no-repository",
    what="A directory of migrations is in no git repository.",
    why="Nothing can be said of its past, and only a chain file tells an order.",
    triggers="an unpacked archive",
    silent="a new repository before its first commit",
    find=find_no_repository,
)

UNKNOWN_MAINLINE = Check(
    code="GL309",
    name="unknown-mainline",
    what="Nothing says which branch deployments come from.",
    why="The checked-out branch's own past is taken for the mainline's, so less can be found.",
    triggers="only a branch develop, and no remote",
    silent='the same with mainline = "develop" in the configuration; a repository before its first commit',
    find=find_unknown_mainline,
    lasts=Lasts.ANSWER,
)

MISSING_GREENLET = Check(
    code="GL310",
    name="missing-greenlet",
    what="env.py makes an asynchronous engine, and greenlet is not installed.",
    why="Every command that connects to the database fails.",
    triggers="async_engine_from_config in env.py, and SQLAlchemy 2.1 without its extra asyncio",
    silent="the same with greenlet installed",
    find=find_missing_greenlet,
)

OTHER_LIBRARY_ORDER = Check(
    code="GL311",
    name="other-library-order",
    what="alembic-git-revisions, which the migrations ask, gives some of them another parent.",
    why="A database that was deployed with it has that order, and may miss or repeat migrations from now on.",
    triggers="a branch that had merged main, merged with a merge commit: there its migration comes first",
    silent="the same, squashed; or migrations that ask gitlembic",
    find=find_other_library_order,
    lasts=Lasts.ANSWER,
)

OTHER_PATH = Check(
    code="GL312",
    name="other-path",
    what="A location is configured by another path than git has for it: through a link, or in another case.",
    why="gitlembic follows it; other programs and other disks may not, and a path in another case is missing on Linux.",
    triggers="version_locations = db/versions, where db is a link to migrations",
    silent="./migrations/versions, or backend/../migrations/versions; a project below a directory that is a link",
    find=find_detours,
)
