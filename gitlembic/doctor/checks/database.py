"""GL4: where the databases stand that env.py connects to, and what their journals say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.core.history import SHORT_COMMIT
from gitlembic.core.journal import changed_since, gaps_inside
from gitlembic.core.listing import first_of
from gitlembic.core.migration import RevisionId
from gitlembic.core.standing import run_before, stand
from gitlembic.doctor.check import Check
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitlembic.core.standing import Standing
    from gitlembic.doctor.evidence import Database, Evidence

_SHOWN = 5


def find_unreachable(evidence: Evidence) -> Iterator[Finding]:
    try:
        evidence.databases()
    except GitlembicError as error:
        yield Finding(Severity.ERROR, error.message, error.hint)


def find_unknown_positions(evidence: Evidence) -> Iterator[Finding]:
    for database, standing in _standings(evidence):
        for revision in () if standing.is_ahead else standing.unknown:
            if revision in evidence.squash_of():
                continue  # which is on its way: GL404
            where = evidence.position(revision)
            facts = " ".join(where.facts) if where else ""
            yield Finding(
                Severity.ERROR,
                f"{database.url} stands at {revision}, which this checkout does not have"
                + (f". {facts}" if facts else ""),
                (where.hint if where else "check out what has it, or ask whoever moved the database there")
                + ("; with its journal, `gitlembic rescue --keep` undoes nothing" if standing.ran is not None else ""),
            )


def find_ahead(evidence: Evidence) -> Iterator[Finding]:
    for database, standing in _standings(evidence):
        if standing.is_ahead:
            yield Finding(
                Severity.INFO,
                f"{database.url} has run all migrations of this checkout, and stands at "
                f"{first_of(standing.unknown, _SHOWN)}, which is newer",
                "nothing has to be done: where `journal = true` is set here, `gitlembic upgrade head` leaves it alone",
            )


def find_behind(evidence: Evidence) -> Iterator[Finding]:
    for database, standing in _standings(evidence):
        for revision in standing.unknown:
            squash = evidence.squash_of().get(RevisionId(revision))
            if squash is not None:
                yield Finding(
                    Severity.INFO,
                    f"{database.url} stands at {revision}, inside the squash {squash}",
                    "`gitlembic upgrade head` brings it through, with the originals from git",
                )
        if standing.pending:
            yield Finding(
                Severity.INFO,
                f"{database.url} has not run {first_of(standing.pending, _SHOWN)} yet",
                f"`gitlembic upgrade --out-of-order {_target(evidence, database)}` runs them after what was missed, "
                "at which it would stop otherwise"
                if standing.missing
                else f"`gitlembic upgrade {_target(evidence, database)}` runs them",
            )
        elif standing.passed:
            yield Finding(
                Severity.INFO,
                f"{database.url} has run {first_of(standing.passed, _SHOWN)} already, says its journal, "
                "and stands before that",
                "`gitlembic upgrade head` passes over what ran",
            )


def find_overlapping_positions(evidence: Evidence) -> Iterator[Finding]:
    links = evidence.resolution().links
    for database in evidence.databases():
        for revision in sorted(database.heads & links.keys()):
            others = database.heads.intersection(run_before(links, [revision])) - {revision}
            if others:
                named = first_of(sorted(others), _SHOWN)
                kept = " ".join(sorted(database.heads - others))
                yield Finding(
                    Severity.ERROR,
                    f"{database.url} stands at {revision} and at {named}, which comes before it",
                    f"if all before {revision} ran there, "
                    + (
                        f"`gitlembic stamp --purge {kept}` leaves one row of them; "
                        if _stand_together(evidence)
                        else f"delete the row of {named} there (`gitlembic stamp` would move the other databases); "
                    )
                    + "`gitlembic current --verbose` shows the rows",
                )


def find_missing(evidence: Evidence) -> Iterator[Finding]:
    for database, standing in _standings(evidence):
        stamp = f"`gitlembic stamp {' '.join(sorted(database.heads))}` says so"
        ran_there = f"; if it did run there, by other means, {stamp}" if _stand_together(evidence) else ""
        for revision in () if standing.unknown else standing.missing:
            yield _at_its_file(
                evidence,
                RevisionId(revision),
                Severity.ERROR,
                f"{revision} stands before the position of {database.url}, and never ran there",
                f"`gitlembic upgrade --out-of-order {_target(evidence, database)}` runs it there, then goes on; read "
                f"it first: what follows it has run already{ran_there}",
            )
    yield from _find_missing_inside(evidence)


def _find_missing_inside(evidence: Evidence) -> Iterator[Finding]:
    for database, standing in _standings(evidence):
        ran = standing.ran or {}
        for squash, replaced in evidence.squashed().items() if ran else ():
            if not database.heads.isdisjoint(replaced):  # who stands inside one has yet to run the rest of it
                continue
            for revision in gaps_inside(squash, replaced, ran):
                yield _at_its_file(
                    evidence,
                    squash,
                    Severity.ERROR,
                    f"{revision}, inside the squash {squash}, never ran on {database.url}, and another part of it did",
                    "check out the commit that it names in replaced_in, `gitlembic upgrade --out-of-order head` there, "
                    "then come back",
                )


def find_changed_since(evidence: Evidence) -> Iterator[Finding]:
    for database, standing in _standings(evidence):
        ran = standing.ran or {}
        for revision in changed_since(ran, evidence.checksums() if ran else {}):
            at, commit = ran[revision].at, ran[revision].commit
            when = f" on {at:%Y-%m-%d}" if at else ""
            out = f", with {commit[:SHORT_COMMIT]} checked out" if commit else ""
            yield _at_its_file(
                evidence,
                RevisionId(revision),
                Severity.WARNING,
                f"{revision} ran on {database.url}{when}{out}, and its code is another now",
                "put back what ran, and write what is to change into a new migration",
            )


def _standings(evidence: Evidence) -> Iterator[tuple[Database, Standing]]:
    links = evidence.resolution().links
    for database in evidence.databases():
        yield database, stand(links, database.heads, database.journal)


def _stand_together(evidence: Evidence) -> bool:
    """Whether a stamp, which moves all databases, says of none that it ran what it did not run."""
    return len({database.heads for database in evidence.databases()}) == 1


def _target(evidence: Evidence, database: Database) -> str:
    """What `upgrade` takes for all that is newer."""
    several = len(database.heads) > 1 or sum(len(chain.heads) for chain in evidence.resolution().chains) > 1
    return "heads" if several else "head"


def _at_its_file(evidence: Evidence, revision: RevisionId, severity: Severity, message: str, cure: str) -> Finding:
    path = evidence.resolution().links[revision].placed.path
    return Finding(severity, message, cure, path, evidence.line(path, "revision"), revision)


UNREACHABLE_DATABASE = Check(
    code="GL401",
    name="unreachable-database",
    what="env.py does not connect to the database.",
    why="Nothing is known of where it stands, and `upgrade` will stop there as well.",
    triggers="doctor --db, and sqlalchemy.url names a server that is not running",
    silent="doctor without --db, which asks no database",
    find=find_unreachable,
)

UNKNOWN_POSITION = Check(
    code="GL402",
    name="unknown-position",
    what="A database stands at a revision that this checkout does not have.",
    why="`upgrade`, `downgrade` and `current` stop there: Can't locate revision.",
    triggers="a branch has d4, the database was upgraded there, and main, without d4, is checked out",
    silent="the same with a journal, when all migrations of main ran: then it is ahead",
    find=find_unknown_positions,
)

AHEAD = Check(
    code="GL403",
    name="database-ahead",
    what="A database has run all migrations of this checkout, and newer ones.",
    why="That is as it should be after a rollback to an older version; the journal shows it.",
    triggers="a journal with a1, b2 and c3, and a checkout with a1 and b2",
    silent="a journal with a1 and c3, and a checkout with a1 and b2: the position is unknown, and b2 never ran",
    find=find_ahead,
)

BEHIND = Check(
    code="GL404",
    name="database-behind",
    what="A database has not run all migrations yet.",
    why="The next `upgrade head` will run them.",
    triggers="the database stands at b2, and c3 follows it",
    silent="the database stands at c3",
    find=find_behind,
)

OVERLAPPING_POSITIONS = Check(
    code="GL405",
    name="overlapping-positions",
    what="The table of versions has two revisions of which one comes before the other.",
    why="Alembic takes them for heads of two branches: `upgrade` and `downgrade` then stop, or move the wrong one.",
    triggers="rows a1 and b2, where b2 follows a1",
    silent="rows b2 and c3, which both follow a1",
    find=find_overlapping_positions,
)

MISSING_MIGRATION = Check(
    code="GL406",
    name="missing-migration",
    what="A migration, or a part of a squash, is before a database's position and never ran there, says the journal.",
    why="The schema lacks what it does, and plain Alembic will never run it.",
    triggers="the database ran a1 and c3 with a journal; then b2 came between them",
    silent="the same without a journal; or `upgrade --out-of-order` has run b2",
    find=find_missing,
)

CHANGED_SINCE_IT_RAN = Check(
    code="GL407",
    name="changed-since-it-ran",
    what="The code of a migration is not what ran on a database, says the journal.",
    why="That database has another schema than one that is made anew.",
    triggers="b2 ran with nullable=True; later its file says nullable=False",
    silent="a comment, a docstring or down_revision was changed; or a squash stands for it now",
    find=find_changed_since,
)
