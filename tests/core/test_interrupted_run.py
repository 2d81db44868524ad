"""What is said of a run that stopped."""

from __future__ import annotations

from gitlembic.core.interrupted_run import InterruptedRun, StepTaken, explain_interruption

A, B = frozenset({"a1"}), frozenset({"b2"})
_AGAIN = "when the reason is mended, run the same command again: it goes on from there"


def _step(revision: str, *, ended: bool = True, kept: tuple[str, ...] = (), unsure: str = "") -> StepTaken:
    heads = frozenset({revision}) if ended else None
    return StepTaken(revision, f"versions/{revision}.py", A, frozenset({revision}), heads, kept, unsure)


def _run(
    *steps: StepTaken, recorded: frozenset[str] | None = A, before: frozenset[str] = A, committed: int = 0
) -> InterruptedRun:
    return InterruptedRun("d", True, before, steps, recorded, committed, "it is down")  # noqa: FBT003


def test_everything_was_taken_back() -> None:
    said = explain_interruption([_run(_step("b2"), _step("c3"), _step("d4", ended=False))])
    assert said.facts == (
        "The upgrade stopped in d4 (versions/d4.py).",
        "The database stands at a1, as before: b2, c3 had ended, but were not committed.",
        "Nothing that d4 did was kept.",
    )
    assert said.hint == _AGAIN


def test_something_stays() -> None:
    said = explain_interruption([_run(_step("b2"), _step("c3", ended=False, kept=("CREATE x",)), recorded=B)])
    assert said.facts == (
        "The upgrade stopped in c3 (versions/c3.py).",
        "The database stands at b2.",
        "c3 is not recorded, but this much of it was committed, and stays:",
        "    CREATE x",
    )
    assert said.hint.startswith("undo by hand what stays of c3, and run the same command again; or, where env.py has")
    assert said.hint.endswith("`gitlembic stamp c3`")


def test_it_stands_inside_a_squash() -> None:
    """Undoing what is recorded would have it missing for ever: the next run goes on behind it."""
    squash = _step("d4", ended=False, kept=("CREATE x",))._replace(replaced=frozenset({"b2", "c3"}))
    said = explain_interruption([_run(squash, recorded=B)])
    assert said.facts == (
        "The upgrade stopped in d4 (versions/d4.py).",
        "The database stands at b2.",
        "d4 is a squash, of which that is a part: up to there all is recorded.",
        "d4 is not recorded, but this much of it was committed, and stays:",
        "    CREATE x",
    )
    assert said.hint.startswith("undo by hand what stays of d4, and run the same command again; or")
    said = explain_interruption([_run(squash._replace(kept=()), recorded=B)._replace(commits_at_once=True)])
    assert said.facts[-1] == "Nothing more that d4 did was kept."
    assert said.hint == _AGAIN


def _stamp(before: str, after: str | None) -> str:
    there = None if after is None else frozenset(after.split())
    step = StepTaken("x", "versions/x.py", frozenset(before.split()), there, None, ("CREATE x",))
    return explain_interruption([_run(step)]).hint.rpartition(", and then ")[2]


def test_what_to_stamp_leaves_exactly_the_rows_that_the_step_would() -> None:
    """`stamp r0` would take b1 away as well where that follows r0 too, and `stamp base` every other root's."""
    assert _stamp("a1", "b2") == "`gitlembic stamp b2`"
    assert _stamp("a1", "") == "`gitlembic stamp base`"
    assert _stamp("a1 b1", "b1") == "`gitlembic stamp --purge b1`"
    assert _stamp("b1", "a1 b1") == "`gitlembic stamp --purge a1 b1`"
    assert _stamp("m1", "a1 b1") == "`gitlembic stamp --purge a1 b1`"
    assert _stamp("c3", "c3") == "`gitlembic stamp c3`", "out of order"
    assert "stamp" not in _stamp("a1 b2", None)


def test_of_much_that_stays_the_beginning_is_shown() -> None:
    kept = tuple(f"CREATE {number}" for number in range(12))
    said = explain_interruption([_run(_step("b2", ended=False, kept=kept))])
    assert said.facts[-2:] == ("    CREATE 9", "    and 2 more")


def test_an_earlier_one_has_left_something() -> None:
    """An autocommit block committed half of it; then the next one failed, and took the other half back."""
    said = explain_interruption([_run(_step("b2", kept=("CREATE x",)), _step("c3", ended=False))])
    assert said.facts[1:] == (
        "The database stands at a1, as before: b2 had ended, but was not committed.",
        "b2 is not recorded, but this much of it was committed, and stays:",
        "    CREATE x",
    )
    assert "of b2" in said.hint


def test_everything_is_recorded() -> None:
    said = explain_interruption([_run(_step("b2"), recorded=B)])
    assert said.facts == (
        "The upgrade stopped after b2 (versions/b2.py).",
        "The database stands at b2: everything that ran is recorded.",
    )


def test_the_database_does_not_answer() -> None:
    said = explain_interruption([_run(_step("b2"), _step("c3", ended=False, unsure="CREATE x"), recorded=None)])
    assert said.facts[1:] == (
        "The database does not answer (it is down); as far as is known, it stands at a1.",
        "Whether c3 has executed this is not known:",
        "    CREATE x",
    )
    assert said.hint.startswith("`gitlembic current` says where it stands, when it answers; then undo by hand")
    committed = _run(_step("b2"), _step("c3", ended=False), recorded=None, committed=1)
    assert explain_interruption([committed]).facts[1].endswith("it stands at b2.")


def test_somebody_else_has_gone_on() -> None:
    said = explain_interruption([_run(_step("b2", ended=False), recorded=frozenset({"z9"}))])
    assert said.facts[1] == "The database stands at z9 now: somebody else has gone on."


def test_an_empty_database_stands_at_base() -> None:
    empty: frozenset[str] = frozenset()
    said = explain_interruption([_run(_step("a1", ended=False), before=empty, recorded=empty)])
    assert said.facts[1] == "The database stands at base, as before."


def test_out_of_order_the_known_commits_decide() -> None:
    """Such a step leaves the database where it stood."""
    missed = StepTaken("m1", "versions/m1.py", A, A, A)
    assert _run(missed, _step("b2", ended=False)).number_recorded == 0
    assert _run(missed, _step("b2", ended=False), committed=1).number_recorded == 1


def test_several_databases_are_named() -> None:
    said = explain_interruption([_run(_step("b2"), recorded=B), _run(_step("b2", ended=False))])
    assert said.facts[0] == "The upgrade of d ran up to b2 (versions/b2.py)."
    assert said.facts[2] == "The upgrade of d stopped in b2 (versions/b2.py)."


def test_of_several_databases_none_is_to_be_stamped() -> None:
    """Those that the run has not come to would be said to have run it."""
    said = explain_interruption([_run(_step("b2"), recorded=B), _run(_step("b2", ended=False, kept=("CREATE x",)))])
    assert said.hint.endswith(
        "; or finish it by hand, and have the table of versions there say b2 "
        "(`gitlembic stamp` would move the other databases as well)"
    )
