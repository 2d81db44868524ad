"""What `rebase` moves and what it leaves alone, in histories that are one line a commit."""

from __future__ import annotations

import pytest

from gitlembic.core.crossing import Crossing, Mainline
from gitlembic.core.history import WORKING_TREE, CommitId, Location
from gitlembic.core.migration import Kind, Migration, RevisionId
from gitlembic.core.presence import Presences
from gitlembic.core.rebase import plan_moves
from gitlembic.errors import GitlembicError
from tests.support.memory_history import MemoryHistory

LOCATION = Location("versions")

Story = dict[str, tuple[str, str]]
"""By name of the commit: its parents, and the migrations there.

`main` and `here` are what is compared; the working tree is `here`, or a commit in the making.
"""


def _migration(word: str) -> Migration:
    """`d` is dynamic, `a=` a root, `a=b` declares b, `m=a,b` joins two, `a!=b` has a label, `a>c=b` depends on c."""
    name, declared, parents = word.partition("=")
    name, needs, depends_on = name.partition(">")
    revision = RevisionId(name.removesuffix("!"))
    return Migration(
        revision,
        Kind.STATIC if declared else Kind.DYNAMIC,
        tuple(map(RevisionId, filter(None, parents.split(",")))),
        branch_labels=(f"{revision}-label",) if name.endswith("!") else (),
        depends_on=(depends_on,) if needs else (),
    )


def _crossing(story: Story) -> Crossing:
    history = MemoryHistory()
    for name, (parents, text) in story.items():
        migrations = map(_migration, text.split())
        tree = {f"versions/{one.revision}.py": one for one in migrations}
        history.add(CommitId(name), map(CommitId, parents.split()), tree)
    main, here = CommitId("main"), CommitId("here")
    if here in history.commits:
        history.add(WORKING_TREE, (here,), history.tree(here))
    shared = history.ancestors(main) & history.ancestors(WORKING_TREE)
    bases = [one for one in shared if not any(one != other and one in history.ancestors(other) for other in shared)]
    return Crossing(Presences(history), (LOCATION,), Mainline("main", main, tuple(sorted(bases))))


def _moves(story: Story, kind: Kind = Kind.STATIC) -> dict[str, str]:
    return {move.revision: ",".join(move.parents) for move in plan_moves(_crossing(story), kind)}


def _updated(old: str, main: str, own: str) -> Story:
    """A branch with something of its own that has merged the mainline."""
    both = f"{main} {own}"
    return {"old": ("", old), "main": ("old", main), "own": ("old", f"{old} {own}"), "here": ("own main", both)}


LABELLED = [
    pytest.param("b= a=b", "b= a=b c=a", "f=b", {"f": "c"}, id="nothing is labelled"),
    pytest.param("b= a=b s!= t=s", "b= a=b s!= t=s c=a", "f=a", {"f": "c"}, id="a labelled branch of its own"),
    pytest.param("b!= a=b s!= t=s", "b!= a=b s!= t=s c=a", "f=a", {"f": "c"}, id="two labelled ones"),
    pytest.param("b!= z= y=z", "b!= z= y=z x=y", "f=z", {"f": "x"}, id="the labelled one is older"),
    pytest.param("b= a=b s!=", "b= a=b s!= t=s", "u=s", {"u": "t"}, id="a fork of the labelled one"),
    pytest.param("b= s!=", "b= s!= a=b t=s", "f=b u=s", {"f": "a", "u": "t"}, id="a fork of each"),
    pytest.param("b=", "b= a=b", "f=b s!=", {"f": "a"}, id="a new labelled one"),
    pytest.param("b= a=b z=", "b= a=b z= y=z", "f=b x=z", {"f": "a", "x": "y"}, id="a root that the mainline has"),
    pytest.param("b= a=b s!=b", "b= a=b s!=b c=a", "f=a", {"f": "c"}, id="a labelled one that begins at the root"),
    pytest.param("b= s!=b", "b= s!=b t=s", "f=b", {"f": "t"}, id="a label on the line"),
    pytest.param("b= s!=b c=b", "b= s!=b c=b d=c,s", "f=b", {"f": "d"}, id="joined"),
    pytest.param("b= s!= m=b,s", "b= s!= m=b,s c=m", "f=s", {"f": "c"}, id="roots that were joined"),
    pytest.param("b= s!=", "b= s!= a=b", "j=b,s", {"j": "a,s"}, id="about to be joined"),
]


@pytest.mark.parametrize(("old", "main", "own", "expected"), LABELLED)
def test_branches_that_are_meant_to_stay_are_left_alone(
    old: str, main: str, own: str, expected: dict[str, str]
) -> None:
    """A branch with something of its own has merged the mainline, and goes behind it."""
    assert _moves(_updated(old, main, own)) == expected


@pytest.mark.parametrize(
    ("old", "main", "own", "said"),
    [
        ("b=", "b= a=b", "f=", "several migrations have no parent, and nothing tells whether they are meant to: b "),
        ("b= s!=", "b= s!= a=b", "f=", "several migrations have no parent"),
        ("b= a=b s!=b", "b= a=b s!=b t=s", "u=s", "several heads: t "),
        ("b= s!=b", "b= s!=b c=b", "f=c", "c (versions/c.py) stands beside a branch with a label, which begins with s"),
        ("b", "b s!=", "f=b", "a dynamic one cannot know which to build on"),
        ("b= s!= t>f=s", "b= s!= t>f=s a>t=b", "f=b", "these migrations depend on one another"),
    ],
)
def test_refuses_where_nothing_tells_what_is_meant(old: str, main: str, own: str, said: str) -> None:
    with pytest.raises(GitlembicError) as refused:
        _moves(_updated(old, main, own))
    assert said in refused.value.message


@pytest.mark.parametrize(
    ("story", "named"),
    [
        # h was cherry-picked to a release, where p is not
        ({"b": ("", "b="), "main": ("b", "b= h=b"), "here": ("b", "b= p=b h=p")}, "down_revision"),
        (_updated("b= s!= t>f=s", "b= s!= t>f=s a>t=b", "f=b"), "depends_on"),
    ],
)
def test_a_circle_is_told_by_what_makes_it(story: Story, named: str) -> None:
    with pytest.raises(GitlembicError, match="these migrations depend on one another") as refused:
        _moves(story)
    assert refused.value.hint == f"correct the {named} that names a later migration"


CRISS_CROSS: Story = {
    "b": ("", "b="),
    "a1": ("b", "b= a1=b"),
    "f1": ("b", "b= f1"),
    "both": ("a1 f1", "b= a1=b f1"),
    "updated": ("f1 a1", "b= f1 a1=b"),
}
"""Main and a branch have merged one another, so that they share two newest commits."""

BOTH_PARENTS = [
    pytest.param(
        {
            **CRISS_CROSS,
            "frozen": ("both", "b= a1=b f1=a1"),
            "main": ("frozen", "b= a1=b f1=a1 a2=f1"),
            "f2": ("updated", "b= f1 a1=b f2=f1"),
            "here": ("f2 main", "b= f1=a1 a1=b f2=f1 a2=f1"),
        },
        {"f2": "a2"},
        id="criss-cross",
    ),
    pytest.param(
        {
            **{name: (parents, text.replace("a1=b", "a1")) for name, (parents, text) in CRISS_CROSS.items()},
            "main": ("both", "b= a1 f1 a2"),
            "f2": ("updated", "b= f1 a1 f2=f1"),
            "here": ("f2 main", "b= f1 a1 f2=f1 a2"),
        },
        {"f2": "a2"},
        id="criss-cross, all of it dynamic save one",
    ),
    pytest.param(
        {
            "b": ("", "b="),
            "f1": ("b", "b= f1"),
            "a1": ("b", "b= a1"),
            "once": ("f1 a1", "b= a1 f1"),
            "f2": ("once", "b= a1 f1 f2=f1"),
            "a2": ("a1", "b= a1 a2"),
            "twice": ("f2 a2", "b= a1 a2 f1 f2=f1"),
            "f3": ("twice", "b= a1 a2 f1 f2=f1 f3=a2"),
            "main": ("a2", "b= a1 a2 a3"),
            "here": ("f3 main", "b= a1 a2 a3 f1 f2=f1 f3=a2"),
        },
        {"f1": "a3", "f3": "f2"},
        id="updated three times",
    ),
    pytest.param(
        {
            "b": ("", "b="),
            **{name: ("b", f"b= {name}=b") for name in "xyz"},
            "main": ("b x y z", "b= x=b y=b z=b"),
            "here": ("main", "b= x=b y=b z=b f"),
        },
        {"y": "f", "z": "y"},
        id="an octopus that landed",
    ),
    pytest.param(
        {
            "b": ("", "b="),
            "main": ("b", "b= a=b"),
            **{name: ("b", f"b= {name}=b") for name in "xy"},
            "z": ("b", "b= z"),
            "here": ("main x y z", "b= a=b x=b y=b z"),
        },
        {"x": "z", "y": "x"},
        id="an octopus on the branch",
    ),
]


@pytest.mark.parametrize(("story", "expected"), BOTH_PARENTS)
def test_merges_in_both_directions(story: Story, expected: dict[str, str]) -> None:
    crossing = _crossing(story)
    moves = plan_moves(crossing, Kind.STATIC)
    assert {move.revision: ",".join(move.parents) for move in moves} == expected
    edits = {move.revision: move.declared for move in moves}
    merged, here = crossing.merged_chain(edits), crossing.chain(edits)
    assert len(merged.heads) == 1
    assert merged.heads == here.heads
    assert crossing.protected.isdisjoint(expected)


def test_makes_nothing_dynamic_that_would_not_know_its_branch() -> None:
    story = {"main": ("", "a= b=a c=a x="), "here": ("main", "a= b=a c=a x=")}
    assert _moves(story) == {"c": "b"}
    with pytest.raises(GitlembicError, match=r"a dynamic one cannot know which to build on: a .*, x"):
        _moves(story, Kind.DYNAMIC)


def test_says_what_has_to_be_frozen_on_the_mainline_first() -> None:
    """f1 follows a1 there and b here, where nothing can be moved so that a1 is an ancestor of it."""
    story = {
        **CRISS_CROSS,
        "main": ("both", "b= a1=b f1 a2=f1"),
        "f2": ("updated", "b= f1 a1=b f2=f1"),
        "here": ("f2 main", "b= f1 a1=b f2=f1 a2=f1"),
    }
    with pytest.raises(GitlembicError) as refused:
        _moves(story)
    assert "this checkout would still have several heads: " in refused.value.message
    assert "(`git rebase main`), then run this again; or" in refused.value.hint
    assert "`gitlembic rebase --freeze f1` on main" in refused.value.hint


def test_the_mainlines_file_counts_where_two_bases_differ() -> None:
    """c says b on the mainline and a here, and both say what one of the bases says."""
    story = {
        "b": ("", "b= a=b c=a"),
        "edited": ("b", "b= a=b c=b"),
        "one": ("b", "b= a=b c=a x=c"),
        "main": ("edited one", "b= a=b c=b x=c"),
        "here": ("one edited", "b= a=b c=a x=c"),
    }
    assert _crossing(story).merged({}).migrations[RevisionId("c")].migration.parents == ("b",)


@pytest.mark.parametrize(("ours", "theirs"), [("main", "feature"), ("feature", "main")])
def test_in_the_middle_of_a_merge_what_was_written_later_stays_behind(ours: str, theirs: str) -> None:
    """f2 is dynamic and follows f1 on the feature branch; merged into main, it would join before f1 does."""
    story = {
        "old": ("", "b="),
        "main": ("old", "b= a1"),
        "feature": ("old", "b= f1=b f2"),
        WORKING_TREE: (f"{ours} {theirs}", "b= a1 f1=b f2"),
    }
    crossing = _crossing(story)
    moves = plan_moves(crossing, Kind.STATIC)
    edits = {move.revision: move.declared for move in moves}
    assert edits[RevisionId("f1")].parents == ("a1",)
    expected = {"b": (), "a1": ("b",), "f1": ("a1",), "f2": ("f1",)}
    assert crossing.chain(edits).graph == crossing.merged_chain(edits).graph == expected


@pytest.mark.parametrize("own", ["a= b c=a", "a= b c=a x"])
def test_a_deployed_one_that_is_declared_anew_is_taken_back_not_joined(own: str) -> None:
    story: Story = {"old": ("", "a="), "main": ("old", "a= b c"), "here": ("main", own)}
    with pytest.raises(GitlembicError) as stopped:
        _moves(story)
    assert stopped.value.hint == "take its file from there: `git checkout main -- :/versions/c.py`"
