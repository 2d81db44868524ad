"""GL1, as far as the files alone tell: the smallest evidence that triggers each, and the nearest that does not."""

from __future__ import annotations

from gitlembic.core.explanation import Explanation
from gitlembic.core.migration import RevisionId
from gitlembic.doctor.evidence import Evidence
from gitlembic.doctor.lazy import known
from tests.support.evidence import found, placed, presence, present


def test_GL102() -> None:
    (finding,) = found("GL102", Evidence(present=present(placed("c3", "b2")), line=lambda _path, _name: 7))
    assert finding.message == "c3 names b2 in its down_revision, and no migration here has that id"
    assert (finding.path, finding.line, finding.revision) == ("versions/c3.py", 7, "c3")
    assert finding.cure == "bring the file of b2 back; or correct the down_revision"
    assert found("GL102", Evidence(present=present(placed("b2"), placed("c3", "b2")))) == []


def test_GL102_depends_on_an_id_or_a_label() -> None:
    needy = placed("c3", depends_on=("b2", "blue"))
    assert [finding.message[:11] for finding in found("GL102", Evidence(present=present(needy)))] == [
        "c3 names b2",
        "c3 names bl",
    ]
    assert found("GL102", Evidence(present=present(needy, placed("b2", labels=("blue",))))) == []


def test_GL102_says_where_it_is() -> None:
    where = Explanation(("It is on the branch topic.", "Ada added it."), "`git merge topic`")
    (finding,) = found("GL102", Evidence(present=present(placed("c3", "b2")), whereabouts=lambda _revision: where))
    assert finding.message.endswith("has that id. It is on the branch topic. Ada added it.")
    assert finding.cure == "`git merge topic`; or correct the down_revision"


def test_GL102_of_what_a_squash_stands_for() -> None:
    """Its file beside the squash would be a second one for the same thing, so git is not asked where it is."""
    evidence = Evidence(
        present=present(placed("c3"), placed("d4", "b2")),
        squashed=known({RevisionId("x9"): (), RevisionId("c3"): (RevisionId("a1"), RevisionId("b2"))}),
        whereabouts=lambda _revision: Explanation(("It was deleted.",), "bring it back"),
    )
    (finding,) = found("GL102", evidence)
    assert finding.message.endswith("no migration here has that id. The squash c3 stands for it.")
    assert finding.cure == "name 'c3' in place of 'b2'"


def test_GL102_of_an_original_that_is_still_beside_its_squash() -> None:
    evidence = Evidence(
        present=present(placed("c3"), placed("b2", "a1")),
        squashed=known({RevisionId("c3"): (RevisionId("a1"), RevisionId("b2"))}),
    )
    (finding,) = found("GL102", evidence)
    assert finding.message.endswith("no migration here has that id. The squash c3 stands for both.")
    assert finding.cure == "delete versions/b2.py: after the squash it would run once more"


def test_GL103() -> None:
    twice = presence(placed("a1"))._replace(duplicates=(placed("a1", path="versions/copy.py"),))
    (finding,) = found("GL103", Evidence(present=known(twice)))
    assert finding.message == "the revision id a1 is used twice: here, and by versions/a1.py"
    assert finding.path == "versions/copy.py"
    assert found("GL103", Evidence(present=present(placed("a1")))) == []


def test_GL104() -> None:
    """Who only hangs on the cycle is none of it."""
    circle = (placed("a1", "b2"), placed("b2", "a1"))
    findings = found("GL104", Evidence(present=present(*circle, placed("c3", "b2"), placed("d4"))))
    assert [finding.revision for finding in findings] == ["a1", "b2"]
    diamond = (placed("a1"), placed("b2", "a1"), placed("c3", "a1"), placed("m4", "b2", "c3"))
    assert found("GL104", Evidence(present=present(*diamond))) == []


def test_GL105() -> None:
    first = placed("a1", depends_on=("b2",))
    (finding,) = found("GL105", Evidence(present=present(first, placed("b2", "a1"))))
    assert finding.message == "a1 depends_on b2, which comes later: versions/b2.py follows it"
    assert found("GL105", Evidence(present=present(first, placed("b2")))) == []


def test_GL105_by_a_label() -> None:
    first = placed("a1", depends_on=("blue",))
    assert found("GL105", Evidence(present=present(first, placed("b2", "a1", labels=("blue",)))))
