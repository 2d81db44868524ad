"""GL2: the files by themselves."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from gitlembic.core.git_paths import git_path
from gitlembic.doctor.check import Check, Lasts
from gitlembic.doctor.evidence import Uncommitted
from gitlembic.doctor.finding import Finding, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitlembic.doctor.evidence import Evidence

_ASKING_GIT = ", or as get_down_revision(revision) with this line above it: `from gitlembic import get_down_revision`"


def find_unparsable(evidence: Evidence) -> Iterator[Finding]:
    for path, unparsable in evidence.present().unparsable.items():
        if not unparsable.needs_running:
            yield Finding(
                Severity.ERROR,
                f"Python cannot read it: {unparsable.reason}",
                f"mend {path} (`git log -p -- {git_path(path)}` shows what was changed last)",
                path,
                unparsable.line or None,
            )


def find_computed(evidence: Evidence) -> Iterator[Finding]:
    present = evidence.present()
    dynamic = any(placed.migration.is_dynamic for placed in present.migrations.values())
    severity = Severity.ERROR if dynamic else Severity.INFO
    for path, unparsable in present.unparsable.items():
        if unparsable.needs_running:
            yield Finding(
                severity,
                f"{unparsable.reason}",
                "write the revision id as a literal",
                path,
                unparsable.line or None,
            )
    for revision, placed in present.migrations.items():
        for name in sorted(placed.migration.unreadable):
            yield Finding(
                severity if name == "down_revision" else Severity.INFO,
                f"the {name} of {revision} is computed, so only running the file tells it",
                f"write the {name} as a literal" + _ASKING_GIT * (dynamic and name == "down_revision"),
                placed.path,
                evidence.line(placed.path, name),
                revision,
            )


def find_uncommitted(evidence: Evidence) -> Iterator[Finding]:
    uncommitted = evidence.uncommitted()
    deleted = {one.migration.revision: one for one, state in uncommitted if state is Uncommitted.DELETED}
    squashed = evidence.squashed() if deleted else {}
    replaced = {one for originals in squashed.values() for one in originals}
    for placed, state in uncommitted:
        revision = placed.migration.revision
        if revision in deleted and revision in replaced:
            continue  # it goes together with the squash that stands for it
        gone = (deleted[one] for one in squashed.get(revision, ()) if one in deleted)
        paths = " ".join(git_path(one.path) for one in (placed, *gone))
        yield Finding(
            Severity.INFO,
            f"{revision} {state.value}",
            f"`git restore -- {paths}`, or commit that it is gone"
            if revision in deleted
            else f"`git add {paths}`, then `git commit`",
            placed.path,
            revision=revision,
        )


def find_reused_revisions(evidence: Evidence) -> Iterator[Finding]:
    for branch in evidence.open().branches:
        for reuse in branch.reuses:
            revision = reuse.here.migration.revision
            yield Finding(
                Severity.WARNING,
                f"{branch.name} has a migration {revision} with other code ({reuse.there.path}), and neither came "
                "from the mainline",
                f"compare them: `git diff {shlex.quote(branch.name)} -- {git_path(reuse.here.path)}`; give one of them "
                "an id of its own, or make them the same before a database runs one",
                reuse.here.path,
                evidence.line(reuse.here.path, "revision"),
                revision,
                branch.by.commit,
            )


def find_unloaded(evidence: Evidence) -> Iterator[Finding]:
    present = evidence.present()
    for file in evidence.unloaded():
        if file.migration.revision in present.migrations:
            continue  # a copy or a backup of one that is loaded
        yield Finding(
            Severity.WARNING,
            f"{file.migration.revision} is never run: {file.reason}",
            "move or rename it so that Alembic loads it, or delete it",
            file.path,
            revision=file.migration.revision,
        )


def find_nameless(evidence: Evidence) -> Iterator[Finding]:
    for path in evidence.present().nameless:
        yield Finding(
            Severity.ERROR,
            "it assigns no `revision`, and Alembic loads every file here as a migration",
            "give it a revision id, or move it out of the directory of migrations",
            path,
        )


UNPARSABLE = Check(
    code="GL201",
    name="unparsable-file",
    what="Python cannot parse a file in a location.",
    why="Alembic imports every file there, so no command works.",
    triggers="conflict markers that were committed: <<<<<<< HEAD",
    silent="a file with a byte order mark, or one that would fail only when it runs",
    find=find_unparsable,
    lasts=Lasts.SILENCE,
)

COMPUTED = Check(
    code="GL202",
    name="computed-declaration",
    what="A revision id, down_revision, branch_labels or depends_on is not a literal.",
    why="Only running the file tells what it says, and gitlembic refuses to place what it cannot read.",
    triggers="down_revision = PREVIOUS",
    silent="down_revision = get_down_revision(revision)",
    find=find_computed,
    lasts=Lasts.SILENCE,
)

UNCOMMITTED = Check(
    code="GL203",
    name="uncommitted-migration",
    what="A migration differs from what the checked-out commit has.",
    why="Nobody else has it, and its place in the chain is not settled before it is committed.",
    triggers="a file that was just made by `gitlembic revision`",
    silent="the same file, committed",
    find=find_uncommitted,
    lasts=Lasts.ANSWER,
)

REUSED_REVISION = Check(
    code="GL208",
    name="reused-revision",
    what="Another branch has a migration with this id and other code, and --open looks at it.",
    why="Only one of them will be merged, and a database that ran the other takes it for run.",
    triggers="b2 in two branches, copied from one into the other, and edited in one since",
    silent="b2 that the mainline had before both; other comments, layout or another down_revision",
    find=find_reused_revisions,
)

UNLOADED = Check(
    code="GL206",
    name="unloaded-migration",
    what="A file below a location is a migration, and Alembic passes it over.",
    why="It looks as if it ran, and it never does.",
    triggers="versions/2026/c3_add.py without recursive_version_locations",
    silent="versions/helpers.py that assigns no revision, in a subdirectory; a backup copy of a loaded migration",
    find=find_unloaded,
)

NAMELESS = Check(
    code="GL207",
    name="nameless-file",
    what="A Python file in a location assigns no revision.",
    why="Alembic takes every file there for a migration, and stops at it.",
    triggers="versions/helpers.py",
    silent="versions/__init__.py",
    find=find_nameless,
    lasts=Lasts.SILENCE,
)
