"""GL2: the smallest evidence that triggers each, and the nearest that does not."""

from __future__ import annotations

import pytest

from gitlembic.core.migration import RevisionId, Unparsable
from gitlembic.core.presence import Presence
from gitlembic.doctor.evidence import Evidence, Uncommitted, UnloadedFile
from gitlembic.doctor.finding import Severity
from gitlembic.doctor.lazy import Lazy, known
from tests.support.evidence import found, placed, presence, present


def test_GL201() -> None:
    broken = Presence(unparsable={"versions/x.py": Unparsable("invalid syntax", 3)})
    (finding,) = found("GL201", Evidence(present=known(broken)))
    assert (finding.path, finding.line, finding.severity) == ("versions/x.py", 3, Severity.ERROR)
    assert "invalid syntax" in finding.message
    running = Presence(unparsable={"versions/x.py": Unparsable("its revision is computed", 3, needs_running=True)})
    assert found("GL201", Evidence(present=known(running))) == []


@pytest.mark.parametrize(("dynamic", "severity"), [(True, Severity.ERROR), (False, Severity.INFO)])
def test_GL202(dynamic: bool, severity: Severity) -> None:  # noqa: FBT001 -- a parameter
    """Alembic runs the files; only who has to place dynamic ones needs to read them."""
    computed = placed("b2", unreadable=frozenset({"down_revision"}))
    (finding,) = found("GL202", Evidence(present=present(placed("a1", dynamic=dynamic), computed)))
    assert (finding.revision, finding.severity) == ("b2", severity)
    assert finding.cure.startswith("write the down_revision as a literal")
    assert ("`from gitlembic import get_down_revision`" in finding.cure) is dynamic  # left out by mistake
    assert found("GL202", Evidence(present=present(placed("a1", dynamic=dynamic)))) == []


def test_GL202_computed_revision() -> None:
    running = Presence(unparsable={"versions/x.py": Unparsable("its revision is computed", 3, needs_running=True)})
    assert found("GL202", Evidence(present=known(running)))[0].line == 3


@pytest.mark.parametrize(
    ("state", "cure"),
    [
        (Uncommitted.NEW, "`git add :/versions/a1.py`, then `git commit`"),
        (Uncommitted.CHANGED, "`git add :/versions/a1.py`, then `git commit`"),
        (Uncommitted.DELETED, "`git restore -- :/versions/a1.py`, or commit that it is gone"),
    ],
)
def test_GL203(state: Uncommitted, cure: str) -> None:
    (finding,) = found("GL203", Evidence(uncommitted=known(((placed("a1"), state),))))
    assert (finding.severity, finding.cure) == (Severity.INFO, cure)
    assert found("GL203", Evidence()) == []


def test_GL203_of_a_squash_goes_with_what_it_replaces() -> None:
    changed = (
        (placed("c3"), Uncommitted.CHANGED),
        (placed("b2"), Uncommitted.DELETED),
        (placed("x1"), Uncommitted.DELETED),
    )
    squashed = {RevisionId("c3"): (RevisionId("a1"), RevisionId("b2"))}
    squash, other = found("GL203", Evidence(uncommitted=known(changed), squashed=Lazy(lambda: squashed)))
    assert (squash.revision, squash.cure) == ("c3", "`git add :/versions/c3.py :/versions/b2.py`, then `git commit`")
    assert other.revision == "x1"


def test_GL206() -> None:
    """A copy or a backup of a migration that is loaded is none."""
    hidden = (UnloadedFile("versions/2026/c3.py", placed("c3").migration, "it lies in a subdirectory"),)
    (finding,) = found("GL206", Evidence(unloaded=known(hidden)))
    assert finding.message == "c3 is never run: it lies in a subdirectory"
    assert found("GL206", Evidence(unloaded=known(hidden), present=present(placed("c3")))) == []


def test_GL207() -> None:
    nameless = presence(placed("a1"))._replace(nameless=("versions/helpers.py",))
    (finding,) = found("GL207", Evidence(present=known(nameless)))
    assert finding.path == "versions/helpers.py"
    assert found("GL207", Evidence(present=present(placed("a1")))) == []


def test_what_is_to_be_typed_holds_for_any_path_and_from_any_directory() -> None:
    odd = placed("a1")._replace(path="my app/versions/a1; b.py")
    evidence = Evidence(uncommitted=known(((odd, Uncommitted.NEW),)))
    assert found("GL203", evidence)[0].cure == "`git add ':/my app/versions/a1; b.py'`, then `git commit`"
