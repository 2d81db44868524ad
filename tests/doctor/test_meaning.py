"""GL5: who was written beside whom, and what both touch."""

from __future__ import annotations

from dataclasses import replace

from gitlembic.core.history import CommitId
from gitlembic.core.migration import RevisionId
from gitlembic.core.touched import Thing, Touched
from gitlembic.doctor.evidence import Against, Edit, Event, Evidence, Past
from gitlembic.doctor.lazy import Lazy, known
from tests.support.chains import link
from tests.support.evidence import found, resolution

A = link("a:")
B = link("*b: a", revises=(RevisionId("a"),))  # both written after a, and c knows nothing of b
C = link("*c: b", revises=(RevisionId("a"),))
D = link("*d: c", revises=(RevisionId("c"),))

_EMAIL = Touched(frozenset({"users"}), frozenset({Thing("users", "column", "email")}), frozenset())
_USERS = Touched(frozenset({"users"}), frozenset(), frozenset({"users"}))
_OTHER = Touched(frozenset({"orders"}), frozenset(), frozenset())


def _evidence(**touched: Touched) -> Evidence:
    by_path = {f"versions/{name}.py": one for name, one in touched.items()}
    nothing = Touched(frozenset(), frozenset(), frozenset())
    return Evidence(resolution=resolution(A, B, C, D, end="d"), touched=lambda path: by_path.get(path, nothing))


def test_the_same_column_is_a_warning_for_those_written_side_by_side() -> None:
    evidence = _evidence(a=_EMAIL, b=_EMAIL, c=_EMAIL)
    (finding,) = found("GL501", evidence)
    assert finding.revision == "c"
    assert finding.message == (
        "c and b (versions/b.py) were written without knowing of each other, and both touch column email of users"
    )
    assert found("GL502", evidence) == []


def test_the_same_table_is_good_to_know() -> None:
    evidence = _evidence(b=_EMAIL, d=_USERS)
    (finding,) = found("GL502", evidence)
    assert finding.message.startswith("d and b (versions/b.py) ")
    assert finding.message.endswith("both touch table users (named in raw SQL)")
    assert found("GL501", evidence) == []


def test_who_knew_the_other_is_no_finding() -> None:
    assert found("GL501", _evidence(c=_EMAIL, d=_EMAIL)) == []
    assert found("GL502", _evidence(b=_EMAIL, c=_OTHER)) == []


def test_compared_with_a_commit_only_what_is_new_there_counts() -> None:
    for there, number in (((A, B), 1), ((A, B, C), 0), ((A, B, C, D), 0)):
        evidence = _evidence(b=_EMAIL, c=_EMAIL)
        against: Lazy[tuple[Against, ...]] = known((Against("main", resolution(*there, end=there[-1].revision)()),))
        compared = Evidence(resolution=evidence.resolution, touched=evidence.touched, against=against)
        assert len(found("GL501", compared)) == number


def test_what_could_not_be_read_is_said() -> None:
    computed = Touched(_EMAIL.tables, _EMAIL.things, frozenset(), unread=2)
    (finding,) = found("GL501", _evidence(b=_EMAIL, c=computed))
    assert finding.message.endswith("; what else they touch is known when they run (2 calls with computed names)")


def test_who_was_moved_behind_another_since() -> None:
    """By hand, which leaves the docstring; or as git knows, whatever the docstring says now."""
    moved = link("e: b", revises=(RevisionId("a"),))
    chain = resolution(A, B, moved, end="e")
    new = Event(CommitId("1" * 40), newcomers=(moved.placed,))
    evidence = replace(_evidence(b=_EMAIL, e=_EMAIL), resolution=chain, past=known((Past("main", branch=(new,)),)))
    assert [finding.revision for finding in found("GL501", evidence)] == ["e"]
    told = link("e: b", revises=(RevisionId("b"),))
    knowing = replace(evidence, resolution=resolution(A, B, told, end="e"))
    assert found("GL501", knowing) == []
    edit = Edit(told.placed, link("e: a").placed.migration, changes_code=False)
    branch = (new, Event(CommitId("2" * 40), edits=(edit,)))
    assert len(found("GL501", replace(knowing, past=known((Past("main", branch=branch),))))) == 1


def test_what_the_docstring_of_an_old_one_says_does_not_matter() -> None:
    """It may name anybody; the new one stands behind both."""
    old = link("e: b", revises=(RevisionId("a"),))
    new = link("f: e", revises=(RevisionId("e"),))
    past: Lazy[tuple[Past, ...]] = known((Past("main", branch=(Event(CommitId("1" * 40), newcomers=(new.placed,)),)),))
    evidence = replace(_evidence(b=_EMAIL, f=_EMAIL), resolution=resolution(A, B, old, new, end="f"), past=past)
    assert found("GL501", evidence) == []
