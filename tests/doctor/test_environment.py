"""GL3: the smallest evidence that triggers each, and the nearest that does not. GL300 and GL301: test_diagnosis.py."""

from __future__ import annotations

import pytest

from gitlembic.core.history import CommitId
from gitlembic.core.library_order import Disagreement
from gitlembic.core.migration import RevisionId
from gitlembic.doctor.evidence import ChainFile, Detour, Environment, Evidence, FileFault, Template
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.doctor.lazy import Lazy, known
from gitlembic.errors import CannotTellError, GitlembicError
from tests.support.evidence import found, placed, present

PATH = "migrations/revision_chain.json"


def _files(code: str, *files: ChainFile) -> list[Finding]:
    evidence: Lazy[tuple[ChainFile, ...]] = known(files)
    return found(code, Evidence(chain_files=evidence))


def test_GL302() -> None:
    commits: Lazy[tuple[CommitId, ...]] = known((CommitId("c" * 40), CommitId("d" * 40)))
    (finding,) = found("GL302", Evidence(shallow=commits))
    assert (finding.severity, finding.commit) == (Severity.INFO, "c" * 40)
    assert found("GL302", Evidence()) == []


def test_GL303() -> None:
    (finding,) = _files("GL303", ChainFile(PATH, FileFault.STALE, "stale: it lacks b2"))
    assert (finding.message, finding.path, finding.severity) == ("stale: it lacks b2", PATH, Severity.WARNING)
    assert _files("GL303", ChainFile(PATH), ChainFile(PATH, FileFault.MISSING, "missing")) == []


def test_GL304() -> None:
    contradicting = ChainFile(PATH, FileFault.CONTRADICTING, "contradicts git: it has b2, c3, git has c3, b2")
    (finding,) = _files("GL304", contradicting)
    assert (finding.path, finding.severity) == (PATH, Severity.ERROR)
    assert _files("GL304", ChainFile(PATH, FileFault.STALE, "stale: it lacks b2")) == []
    assert _files("GL303", contradicting) == []


def test_GL305() -> None:
    (finding,) = _files("GL305", ChainFile(PATH, tracked=True))
    assert finding.cure.startswith(f"`git rm --cached :/{PATH}`")
    assert _files("GL305", ChainFile(PATH)) == []


@pytest.mark.parametrize(
    ("file", "severity"),
    [
        (ChainFile(PATH, FileFault.MISSING, wanted=".dockerignore"), Severity.INFO),
        (ChainFile(PATH, FileFault.MISSING, wanted=".dockerignore", left_out=PATH), Severity.WARNING),
        (ChainFile(PATH, wanted=".dockerignore", left_out=PATH), Severity.WARNING),
        (ChainFile(PATH, wanted=".dockerignore"), None),
        (ChainFile(PATH, FileFault.MISSING), None),
        (ChainFile(PATH, FileFault.MISSING, left_out=PATH), None),
    ],
)
def test_GL306(file: ChainFile, severity: Severity | None) -> None:
    assert [finding.severity for finding in _files("GL306", file)] == ([severity] if severity else [])


def test_GL307() -> None:
    template: Lazy[Template | None] = known(Template("migrations/script.py.mako", is_dynamic=False, line=16))
    dynamic = present(placed("b2", dynamic=True))
    (finding,) = found("GL307", Evidence(template=template, present=dynamic))
    assert (finding.path, finding.line, finding.cure) == ("migrations/script.py.mako", 16, "`gitlembic adopt`")
    assert found("GL307", Evidence(template=template, present=present(placed("b2")))) == []
    adopted: Lazy[Template | None] = known(Template("migrations/script.py.mako", is_dynamic=True))
    assert found("GL307", Evidence(template=adopted, present=dynamic)) == []


def test_GL308() -> None:
    (finding,) = found("GL308", Evidence(homeless=known(("/srv/shop",))))
    assert finding.message.startswith("/srv/shop is in no git repository")
    assert found("GL308", Evidence()) == []


def test_GL309() -> None:
    error: Lazy[GitlembicError | None] = known(GitlembicError("the mainline is unknown"))
    (finding,) = found("GL309", Evidence(unknown_mainline=error))
    assert (finding.message, finding.severity) == ("the mainline is unknown", Severity.INFO)
    assert finding.cure.startswith('set `mainline = "NAME"`')
    configured: Lazy[GitlembicError | None] = known(CannotTellError("the configured mainline 'x' names no commit"))
    (wrong,) = found("GL309", Evidence(unknown_mainline=configured))
    assert wrong.cure.startswith("correct `mainline`")
    assert (finding.severity, wrong.severity) == (Severity.INFO, Severity.WARNING)
    assert found("GL309", Evidence()) == []


@pytest.mark.parametrize(
    ("is_async", "has_greenlet", "is_wrong"),
    [(True, False, True), (True, True, False), (False, False, False)],
)
def test_GL310(is_async: bool, has_greenlet: bool, is_wrong: bool) -> None:  # noqa: FBT001 -- parameters
    environment: Lazy[Environment | None] = known(Environment("migrations/env.py", is_async, has_greenlet))
    assert len(found("GL310", Evidence(environment=environment))) == is_wrong


def test_GL311() -> None:
    other = Disagreement(placed("c3", dynamic=True), RevisionId("a1"), (RevisionId("b2"),))
    library: Lazy[tuple[Disagreement, ...]] = known((other,))
    (finding,) = found("GL311", Evidence(library=library))
    assert finding.message == "with alembic-git-revisions c3 follows a1, and here b2"
    assert finding.cure.endswith('down_revision = "a1" in versions/c3.py')
    assert found("GL311", Evidence()) == []


def test_GL312() -> None:
    evidence = Evidence(detours=known((Detour("/shop/DB/Versions", "db/versions"), Detour("/shop/x", "db/versions"))))
    case, link = found("GL312", evidence)
    assert (case.severity, link.severity) == (Severity.WARNING, Severity.INFO)
    assert "in another case: git knows them as db/versions" in case.message
    assert "through a link" in link.message
    assert found("GL312", Evidence()) == []
