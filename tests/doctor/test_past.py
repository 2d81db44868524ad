"""GL106 to GL109, GL204 and GL205: the smallest evidence that triggers each, and the nearest that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gitlembic.core.chain import Chain
from gitlembic.core.history import WORKING_TREE, CommitId
from gitlembic.core.migration import RevisionId
from gitlembic.core.resolution import Resolution
from gitlembic.doctor.evidence import Edit, Event, Evidence, Past
from gitlembic.doctor.finding import Finding, Severity
from gitlembic.doctor.lazy import Lazy, known
from gitlembic.errors import GitlembicError
from tests.support.evidence import PLACE, found, link, placed, present, resolution

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.core.migration import PlacedMigration

ONE, TWO = (CommitId(letter * 40) for letter in "12")
B, C = placed("b2", dynamic=True, revises=("a1",)), placed("c3", dynamic=True, revises=("a1",))
C_AFTER_B = placed("c3", dynamic=True, revises=("b2",))


def _find(code: str, *events: Event, own: Event | None = None, branch: tuple[Event, ...] = ()) -> list[Finding]:
    return found(code, Evidence(past=known((Past("origin/main", events, branch, own),))))


def test_GL106() -> None:
    (finding,) = _find("GL106", Event(ONE, newcomers=(B, C), loose=(B, C)))
    assert finding.message.startswith("b2 and c3 were born together in 111111111, and neither says")
    assert (finding.severity, finding.path, finding.commit) == (Severity.INFO, "versions/c3.py", ONE)
    assert _find("GL106", Event(ONE, loose=(B, C_AFTER_B))) == []
    assert _find("GL106", Event(ONE, newcomers=(B, C), loose=(B,))) == []
    assert _find("GL106", Event(ONE, loose=(placed("b2", "a1"), placed("c3", "a1")))) == []


def test_GL106_can_be_mended_while_only_this_checkout_has_them() -> None:
    (finding,) = _find("GL106", branch=(Event(WORKING_TREE, loose=(B, C)),))
    assert (finding.severity, finding.commit) == (Severity.WARNING, None)
    assert finding.cure.startswith("put `Revises: b2` into the docstring of versions/c3.py")
    assert len(_find("GL106", Event(ONE, newcomers=(B, C)), branch=(Event(TWO, loose=(B, C)),))) == 0


def test_GL106_through_others() -> None:
    d = placed("d4", dynamic=True, revises=("c3",))
    assert _find("GL106", Event(ONE, loose=(B, C_AFTER_B, d))) == []


def test_GL106_is_about_one_chain() -> None:
    chains = tuple(Chain(PLACE, (link(one),), None) for one in (B, C))
    events = (Event(ONE, loose=(B, C)),)
    past: Lazy[tuple[Past, ...]] = known((Past("origin/main", events, events),))
    assert found("GL106", Evidence(past=past, resolution=known(Resolution(chains)))) == []
    assert len(found("GL106", Evidence(past=past, resolution=resolution(link(B), link(C))))) == 2

    def unknown() -> Resolution:
        raise GitlembicError("a cycle")

    assert len(found("GL106", Evidence(past=past, resolution=Lazy(unknown)))) == 2


def test_GL106_is_over_where_the_order_was_frozen() -> None:
    past: Lazy[tuple[Past, ...]] = known((Past("origin/main", (Event(ONE, loose=(B, C)),)),))
    assert found("GL106", Evidence(past=past, present=present(placed("b2", "a1"), placed("c3", "b2")))) == []
    assert len(found("GL106", Evidence(past=past, present=present(B, C)))) == 1


@pytest.mark.parametrize("again", [C, placed("c3", "x9")], ids=["dynamic", "another parent"])
def test_GL107(again: PlacedMigration) -> None:
    gone = Event(ONE, removed=(placed("c3", "a1"),))
    (finding,) = _find("GL107", gone, Event(TWO, newcomers=(again,)))
    assert "c3 was deleted in 111111111 and came back in 222222222" in finding.message
    assert (finding.severity, finding.commit) == (Severity.INFO, TWO)
    assert _find("GL107", gone, Event(TWO, newcomers=(placed("c3", "a1"),))) == []


def test_GL107_is_cured_by_the_old_parent_as_a_literal() -> None:
    events = (Event(ONE, removed=(C,)), Event(TWO, newcomers=(C,)))
    past: Lazy[tuple[Past, ...]] = known((Past("main", events),))
    assert len(found("GL107", Evidence(past=past, present=present(C)))) == 1
    assert len(found("GL107", Evidence(past=past, present=present(placed("c3", "b2"))))) == 1
    assert found("GL107", Evidence(past=past, present=present(placed("c3", "a1")))) == []


def test_GL107_of_several_that_came_back_together() -> None:
    d = placed("d4", dynamic=True)
    *both, alone = _find(
        "GL107", Event(WORKING_TREE, removed=(d,)), Event(ONE, removed=(B, C)), Event(TWO, newcomers=(B, C, d))
    )
    assert "shows for d4 into the file as a literal, then join it with" in alone.cure
    assert {finding.cure for finding in both} == {
        (
            "if they were deployed before, write the parents that `gitlembic chain --at 111111111~` shows for b2, c3 "
            "into the files as literals, then join them with what came between: `gitlembic merge heads -m MESSAGE`"
        )
    }


def test_GL107_where_nothing_came_between() -> None:
    d = placed("d4", dynamic=True)
    before, gone, again = Event(ONE, newcomers=(B,)), Event(TWO, removed=(C,)), Event(TWO, newcomers=(C,))
    born = Event(ONE, newcomers=(C,))
    assert _find("GL107", before, born, gone, again) == []
    assert _find("GL107", before, born, Event(TWO, newcomers=(d,)), Event(TWO, removed=(d, C)), again) == []
    assert len(_find("GL107", before, born, Event(TWO, newcomers=(d,)), gone, again)) == 1
    assert len(_find("GL107", before, born, gone, Event(TWO, newcomers=(d,)), again)) == 1
    assert len(_find("GL107", before, born, gone, Event(TWO, newcomers=(C, d)))) == 1
    assert len(_find("GL107", Event(ONE, newcomers=(B, C)), gone, again)) == 1  # which of both was first is not known
    assert _find("GL107", Event(ONE, newcomers=(B, C)), Event(TWO, removed=(B, C)), Event(TWO, newcomers=(B, C))) == []


def test_GL107_in_this_checkout() -> None:
    (finding,) = _find("GL107", Event(ONE, removed=(C,)), branch=(Event(WORKING_TREE, newcomers=(C,)),))
    assert (finding.severity, finding.commit) == (Severity.WARNING, None)
    assert _find("GL107", branch=(Event(ONE, removed=(C,)), Event(TWO, newcomers=(C,)))) == []


@pytest.mark.parametrize(
    ("subject", "is_one"),
    [
        ("Merge branch 'main' into topic", True),
        ("Merge remote-tracking branch 'origin/main' into topic", True),
        ("Merge branch 'main' of github.com:shop/shop", True),
        ("Merge branch 'topic' into main", False),
        ("Merge branch 'main-2' into topic", False),
        ("Merge pull request #1 from ada/main", False),
        ("merge origin/main", True),
        ("Merge latest main into topic.", True),
        ("Merge main menu", False),
    ],
)
def test_GL108(subject: str, is_one: bool) -> None:  # noqa: FBT001 -- a parameter
    findings = _find("GL108", Event(ONE, newcomers=(B,), subject=subject, crosses=True))
    assert [finding.severity for finding in findings] == [Severity.WARNING] * is_one
    assert _find("GL108", Event(ONE, newcomers=(B,), subject=subject)) == []
    assert _find("GL108", Event(ONE, subject=subject, crosses=True)) == []
    nameless = Past(None, (Event(ONE, newcomers=(B,), subject=subject, crosses=True),))
    assert found("GL108", Evidence(past=known((nameless,)))) == []


def test_GL108_names_what_the_mainline_was_before() -> None:
    (one,) = _find("GL108", Event(ONE, newcomers=(B,), subject="merge main", crosses=True))
    assert "b2 had been there first, and since then stands after that branch's" in one.message
    assert "(`gitlembic doctor --against 111111111^2`)" in one.cure
    (two,) = _find("GL108", Event(ONE, newcomers=(B, C), subject="merge main", crosses=True))
    assert "had been there first, and since then stand after" in two.message


def test_GL109() -> None:
    edit = Edit(placed("b2", "c3"), placed("b2", "a1").migration, changes_code=False)
    (finding,) = _find("GL109", own=Event(WORKING_TREE, edits=(edit,)))
    assert finding.message == "b2 followed a1 on the mainline and follows c3 here"
    assert finding.severity is Severity.WARNING
    frozen = Edit(placed("b2", "c3"), B.migration, changes_code=False)
    other_order = Edit(placed("m4", "c3", "b2"), placed("m4", "b2", "c3").migration, changes_code=False)
    assert _find("GL109", own=Event(WORKING_TREE, edits=(frozen, other_order))) == []


def test_GL109_of_a_side_head_that_was_moved_behind_the_line() -> None:
    edit = Edit(placed("b2", "c3"), placed("b2", "a1").migration, changes_code=False, was_beside=True)
    assert _find("GL109", Event(TWO, edits=(edit,))) == []
    (finding,) = _find("GL109", own=Event(WORKING_TREE, edits=(edit,), base=ONE))
    assert finding.severity is Severity.INFO
    assert finding.cure == (
        "right, since it stood beside that; on a database that ran it, `gitlembic downgrade a1` first, "
        "with the files as they were"
    )


def test_GL109_of_a_squash() -> None:
    squash = Edit(placed("b2"), placed("b2", "a1").migration, changes_code=True, squashes=True)
    assert _find("GL109", Event(TWO, edits=(squash,))) == []
    before = Edit(placed("b2", "c3"), placed("b2", "a1").migration, changes_code=False)
    past: Lazy[tuple[Past, ...]] = known((Past("origin/main", (Event(ONE, edits=(before,)),)),))
    squashed: Lazy[Mapping[RevisionId, tuple[RevisionId, ...]]] = known({RevisionId("b2"): (RevisionId("c3"),)})
    assert len(found("GL109", Evidence(past=past))) == 1
    assert found("GL109", Evidence(past=past, squashed=squashed)) == []


def test_GL109_on_the_mainline() -> None:
    edit = Edit(placed("b2"), placed("b2", "a1").migration, changes_code=False)
    (finding,) = _find("GL109", Event(TWO, edits=(edit,)))
    assert finding.message == "b2 followed a1 on the mainline and follows nobody since 222222222"
    assert (finding.severity, finding.commit) == (Severity.INFO, TWO)


def _find_edits(event: Event, here: PlacedMigration | None = B, squash: str = "") -> list[Finding]:
    past: Lazy[tuple[Past, ...]] = known(
        (Past("main", own=event) if event.commit == WORKING_TREE else Past("main", (event,)),)
    )
    squashed: Lazy[Mapping[RevisionId, tuple[RevisionId, ...]]] = known({RevisionId(squash): (RevisionId("a1"),)})
    migrations = present(here) if here else present()
    return found("GL204", Evidence(past=past, present=migrations, squashed=squashed))


def test_GL204() -> None:
    (finding,) = _find_edits(Event(WORKING_TREE, edits=(Edit(B, B.migration, changes_code=True),)))
    assert finding.message == "the code of b2 is another than when it reached the mainline here"
    assert finding.severity is Severity.WARNING
    assert _find_edits(Event(WORKING_TREE, edits=(Edit(B, B.migration, changes_code=False),))) == []
    downgrade = Edit(B, B.migration, changes_code=True, only_downgrade=True)
    (finding,) = _find_edits(Event(WORKING_TREE, edits=(downgrade,)))
    assert (finding.severity, finding.message[:17]) == (Severity.INFO, "the downgrade of ")
    squash = Edit(B, B.migration, changes_code=True, squashes=True)
    assert _find_edits(Event(WORKING_TREE, edits=(squash,))) == []


def test_GL204_is_about_what_runs_here_today() -> None:
    event = Event(ONE, edits=(Edit(B, B.migration, changes_code=True),))
    moved = B._replace(path="versions/2026/b2.py")
    assert [finding.path for finding in _find_edits(event, moved)] == [moved.path]
    assert _find_edits(event, None) == []
    assert _find_edits(event, B, squash="b2") == []


def test_GL205() -> None:
    (finding,) = _find("GL205", own=Event(WORKING_TREE, removed=(B, C)))
    assert finding.message.startswith("b2, c3 were on the mainline, and deleted here; no squash")
    assert finding.severity is Severity.WARNING
    replaced = Event(WORKING_TREE, removed=(B,), replaced=frozenset({RevisionId("b2")}))
    assert _find("GL205", own=replaced) == []


def test_GL205_what_came_back_is_not_gone() -> None:
    past: Lazy[tuple[Past, ...]] = known((Past("main", (Event(ONE, removed=(B,)),)),))
    (finding,) = found("GL205", Evidence(past=past))
    assert "`git checkout 111111111~ -- :/versions/b2.py`; then write the parents that `gitlembic chain" in finding.cure
    assert found("GL205", Evidence(past=past, present=present(B))) == []


def test_GL205_what_was_deleted_twice_is_gone_since_the_second_time() -> None:
    (finding,) = _find("GL205", Event(ONE, removed=(B,)), Event(TWO, removed=(B,)))
    assert finding.commit == TWO


def test_GL205_what_came_back_before_it_was_squashed_is_in_the_squash() -> None:
    squash, later = placed("d4"), placed("e5", "b2")
    events = (Event(ONE, removed=(B,)), Event(TWO, removed=(B,), replaced=frozenset({B.migration.revision})))
    past: Lazy[tuple[Past, ...]] = known((Past("main", (*events, Event(TWO, removed=(later,)))),))
    squashed: Mapping[RevisionId, tuple[RevisionId, ...]] = {squash.migration.revision: (B.migration.revision,)}
    (finding,) = found("GL205", Evidence(past=past, present=present(squash), squashed=known(squashed)))
    assert finding.revision == "e5"
    assert "versions/e5.py" in finding.cure
    assert "versions/b2.py" not in finding.cure


def test_GL205_brings_everything_back_that_the_deleted_ones_need() -> None:
    first, second, third = placed("b2", "a1"), placed("c3", "b2"), placed("d4", "c3")
    newer, older = _find("GL205", Event(ONE, removed=(third,)), Event(TWO, removed=(first, second)))
    assert newer.cure == (
        "if a database may stand there, bring the 3 files back: "
        "`git checkout 111111111~ -- :/versions/d4.py`, "
        "`git checkout 222222222~ -- :/versions/c3.py :/versions/b2.py`; b2 declares its old parent, "
        "a1, still: if another follows that by now, `gitlembic merge heads -m MESSAGE` joins both, "
        "whichever a database ran; where one ran both, write its old parent into that other instead"
    )
    assert "bring the 2 files back: `git checkout 222222222~ -- :/versions/b2.py :/versions/c3.py`" in older.cure


def test_GL205_of_this_checkout_is_undone_where_it_was_held_against() -> None:
    (finding,) = _find("GL205", own=Event(WORKING_TREE, removed=(B,), base=TWO))
    assert finding.cure.endswith("bring the file back: `git checkout 222222222 -- :/versions/b2.py`")


def test_GL205_overwrites_nothing_that_has_another_id_since() -> None:
    other = placed("x9")._replace(path=B.path)
    past: Lazy[tuple[Past, ...]] = known((Past("main", own=Event(WORKING_TREE, removed=(B,), base=TWO)),))
    (finding,) = found("GL205", Evidence(past=past, present=present(other)))
    assert finding.cure.endswith(
        "`git show 222222222:PATH` prints each, for files of other names: versions/b2.py is taken"
    )


def test_many_are_counted() -> None:
    many = tuple(placed(f"x{number}") for number in range(13))
    (finding,) = _find("GL205", Event(ONE, removed=many))
    assert finding.message.startswith("x0, x1, x2, x3, x4 and 8 more were on")
    assert "bring the 13 files back: `git checkout 111111111~ -- FILES`, of which `git diff --name-only" in finding.cure
