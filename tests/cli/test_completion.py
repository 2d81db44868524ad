"""Words -> what may stand in the place of the last one, given the facts."""

from __future__ import annotations

import pytest

from gitlembic.adapters.known_revisions import KnownRevision
from gitlembic.cli.completion import Candidate, Configuration, Facts, Paths, complete
from gitlembic.core.usage import Option, Takes, Usage, Value

REVISION = Value(Takes.REVISION, "REVISION")
RANGE = Value(Takes.RANGE, "REVISION")

CHAIN = Usage(
    "chain",
    "Show the chain",
    (
        Option(("--format",), "How", Value(Takes.CHOICE, "table|json", ("table", "json"))),
        Option(("--at",), "Where", Value(Takes.REF, "REF")),
        Option(("--freeze",), "Up to", Value(Takes.DYNAMIC_REVISION, "[REV]")),
        Option(("-o", "--output"), "To", Value(Takes.FILE, "FILE")),
    ),
)
UPGRADE = Usage(
    "upgrade", "Go up", (Option(("--sql",), "Print it"), Option(("--tag",), "A", Value(Takes.TEXT, "T"))), (RANGE,)
)
HISTORY = Usage("history", "List", (Option(("-r", "--rev-range"), "From", RANGE), Option(("-v", "--verbose"), "More")))
MERGE = Usage("merge", "Join", (Option(("-m", "--message"), "Say", Value(Takes.TEXT, "M")),), (REVISION,), repeats=True)
INIT = Usage("init", "Begin", (), (Value(Takes.DIRECTORY, "DIRECTORY"),))  # fmt: skip

REVISIONS = (
    KnownRevision("a3", "third", (), is_dynamic=True),
    KnownRevision("b2", "second\nand more", ("billing", "b"), is_dynamic=False),
    KnownRevision("a1", "", (), is_dynamic=False),
    KnownRevision("a1\x1b", "cannot be shown", (), is_dynamic=True),
)
SYMBOLS = ["head", "heads", "base"]
BRANCHES = ["billing@head", "b@head"]
ALL = [*SYMBOLS, *BRANCHES, "a3", "b2", "a1"]


def _facts(asked: list[tuple[Configuration, str]] | None = None) -> Facts:
    def revisions(configuration: Configuration, typed: str) -> tuple[KnownRevision, ...]:
        if asked is not None:
            asked.append((configuration, typed))
        return REVISIONS

    return Facts(
        own=(CHAIN,),
        alembic=lambda: (HISTORY, INIT, MERGE, UPGRADE),
        revisions=revisions,
        refs=lambda: {"main": "branch", "v1": "tag"},
    )


def _words(line: str) -> list[str]:
    *words, current = line.split(" ")
    found = complete(words, current, _facts())
    assert not isinstance(found, Paths)
    return [candidate.word for candidate in found]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", ["chain", "history", "init", "merge", "upgrade"]),
        ("u", ["upgrade"]),
        ("-q u", ["upgrade"]),
        ("-qn upgrade u", ["upgrade"]),
        ("-n ", []),
        ("--nam ", []),
        ("--r", ["--raiseerr"]),
        ("-- u", ["upgrade"]),
        ("nosuch ", []),
        ("nosuch -", []),
        ("chain ", ["--format", "--at", "--freeze", "-o", "--output"]),
        ("chain --f", ["--format", "--freeze"]),
        ("chain --format ", ["table", "json"]),
        ("chain --format j", ["json"]),
        ("chain --format=", ["--format=table", "--format=json"]),
        ("chain --fo=j", ["--fo=json"]),
        ("chain --f=j", []),
        ("chain --format json --a", ["--at"]),
        ("chain --at ", ["main", "v1"]),
        ("chain --at=v", ["--at=v1"]),
        ("chain --freeze a", ["a3"]),
        ("chain --freeze ", ["head", "a3"]),
        ("chain --freeze --a", ["--at"]),
        ("upgrade ", ALL),
        ("upgrade a", ["a3", "a1"]),
        ("upgrade h", ["head", "heads"]),
        ("upgrade b", ["base", "billing@head", "b@head", "b2"]),
        ("upgrade billing@", ["billing@head", "billing@base"]),
        ("upgrade billing@h", ["billing@head"]),
        ("upgrade a1:", [f"a1:{word}" for word in ALL]),
        ("upgrade a1:a", ["a1:a3", "a1:a1"]),
        ("upgrade :a", [":a3", ":a1"]),
        ("upgrade a1:b@", ["a1:b@head", "a1:b@base"]),
        ("upgrade -", ["--sql", "--tag"]),
        ("upgrade -1", []),
        ("upgrade head ", ["--sql", "--tag"]),
        ("upgrade --sql ", ALL),
        ("upgrade --tag ", []),
        ("upgrade --tag x a", ["a3", "a1"]),
        ("upgrade -- a", ["a3", "a1"]),
        ("upgrade -- -", []),
        ("history ", ["-r", "--rev-range", "-v", "--verbose"]),
        ("history -r a1:a", ["a1:a3", "a1:a1"]),
        ("history -ra1:b2", ["-ra1:b2"]),
        ("history -va", []),
        ("history -vr a", ["a3", "a1"]),
        ("history --rev-range=:b", [":base", ":billing@head", ":b@head", ":b2"]),
        ("history -r base..b2", ["base..b2"]),
        ("history --rev=a", ["--rev=a3", "--rev=a1"]),
        ("merge a1 b", ["base", "billing@head", "b@head", "b2"]),
        ("merge -m 'x a", ["a3", "a1"]),
    ],
)
def test_candidates(line: str, words: list[str]) -> None:
    expected = [f"--rev-range={word}" for word in words] if "--rev-range=" in line else words
    assert _words(line) == expected


@pytest.mark.parametrize(
    ("line", "paths"),
    [
        ("-c ", Paths.FILES),
        ("--config=x", Paths.FILES),
        ("--conf x", Paths.FILES),
        ("-cx", Paths.FILES),
        ("chain -o x", Paths.FILES),
        ("init ", Paths.DIRECTORIES),
    ],
)
def test_paths_are_left_to_the_shell(line: str, paths: Paths) -> None:
    *words, current = line.split(" ")
    assert complete(words, current, _facts()) is paths


def test_descriptions_are_one_short_line() -> None:
    found = complete(["upgrade"], "b2", _facts())
    assert found == (Candidate("b2", "second"),)
    long = KnownRevision("c4", "a\x1b[31m" + "long " * 30, (), is_dynamic=True)
    shortened = complete(["upgrade"], "c4", _facts()._replace(revisions=lambda *_: (long,)))
    assert isinstance(shortened, tuple)
    (candidate,) = shortened
    assert candidate.description.startswith("a\\x1b[31mlong long")
    assert candidate.description.endswith("…")
    assert len(candidate.description) <= 60


@pytest.mark.parametrize(
    ("line", "configuration"),
    [
        ("upgrade a", Configuration((), "alembic")),
        ("-c x.ini --conf=pyproject.toml -qn other upgrade a", Configuration(("x.ini", "pyproject.toml"), "other")),
        ("-qcx.ini upgrade x:a", Configuration(("x.ini",), "alembic")),
    ],
)
def test_asks_for_the_project_that_is_meant(line: str, configuration: Configuration) -> None:
    asked: list[tuple[Configuration, str]] = []
    *words, current = line.split(" ")
    complete(words, current, _facts(asked))
    assert asked == [(configuration, "a")]


def test_reads_alembics_sources_only_for_its_commands() -> None:
    def fail() -> tuple[Usage, ...]:
        raise AssertionError

    assert complete(["chain", "--at"], "v", _facts()._replace(alembic=fail)) == (Candidate("v1", "tag"),)
