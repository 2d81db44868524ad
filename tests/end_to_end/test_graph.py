"""The graph command: what it draws of real repositories, and where the drawing goes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.support.player import sealed_environment
from tests.support.projects import ADA, BASE, GRACE, Project, parents, succeed, table_migration, two_branches

if TYPE_CHECKING:
    from tests.support.repositories import RepositoryBuilder


def _cells(project: Project, *arguments: str, **environment: str) -> list[list[str]]:
    lines = succeed(project.gitlembic("graph", *arguments, **environment)).splitlines()
    return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines]


def test_draws_the_chain_newest_first(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    project.write(table_migration("51de0004", "taxes", BASE))
    ada, merge = (repository.ids[name][:9] for name in ("ada", "merge"))
    rows = _cells(project)
    assert [row[:3] for row in rows[:1]] == [["○", "51de0004", "(side head, uncommitted) create taxes"]]
    assert [row[:3] for row in rows[1:]] == [
        ["● │", GRACE[:8], "(head) create prices"],
        ["● │", ADA[:8], "create orders"],
        ["○─╯", BASE[:8], "(base) create users"],
    ]
    assert [(row[3], row[5]) for row in rows[1:3]] == [("Grace", merge), ("Ada", ada)]
    assert _cells(project, "--at", "grace")[0][:3] == ["●", GRACE[:8], "(head) create prices"]
    births = _cells(project, "--births")
    assert births[3][5] == repository.ids["base"][:9]


def test_draws_parts_as_alembic_selects_them(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    for text in (f":{ADA[:5]}", "-2:head", f":{ADA}+1"):
        listed = succeed(project.gitlembic("history", f"-r{text}")).splitlines()
        expected = [line.partition("-> ")[2].partition(" (")[0].partition(",")[0][:8] for line in listed]
        rows = _cells(project, f"-r{text}")
        assert [row[1] for row in rows if row[0] != "~"] == expected, text
    assert [row[1] for row in _cells(project, f"{ADA}..")] == [GRACE[:8], "(2 older migrations)"]
    assert [row[1] for row in _cells(project, "-n", "1")] == [GRACE[:8], "(2 older migrations)"]


def test_ends_of_a_range_may_be_commits(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    repository.branch("v1", "base")
    repository.branch("side", "ada")
    for text, shown in (
        ("v1..side", [ADA]),
        ("v1:side", [ADA, BASE]),
        ("side:", [GRACE, ADA]),
        ("v1+1:main", [GRACE, ADA]),
        (f"v1..{GRACE[:5]}", [GRACE, ADA]),
        ("HEAD:", [GRACE]),
        ("HEAD~1..HEAD", [GRACE]),
    ):
        assert [row[1] for row in _cells(project, "-r", text) if row[0] != "~"] == [one[:8] for one in shown], text
    refused = project.gitlembic("graph", "v1..grace")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert f"the chain at grace ends at {GRACE}; before that, this checkout also has {ADA}" in refused.stderr
    assert "Hint: `gitlembic graph --at grace` draws the chain there" in refused.stderr


def test_compares_and_groups(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    assert [row[1:3] for row in _cells(project, "--diff", "grace")] == [
        [GRACE[:8], f"(moved, followed {BASE}, head) create prices"],
        [ADA[:8], "(added) create orders"],
        [BASE[:8], "(base) create users"],
    ]
    same = project.gitlembic("graph", "--diff", "HEAD")
    assert (same.returncode, same.stdout, same.stderr) == (0, "", "no difference from HEAD\n")
    born = _cells(project, "--born-from")
    assert [row[0] for row in born] == ["●", "│ ●", "○─╯"]
    assert born[0][2] == f"(head, follows {ADA}) create prices"
    grouped = succeed(project.gitlembic("graph", "--merges")).splitlines()
    assert [line.partition(" (")[0].split()[-2:] for line in grouped[::2]] == [
        [repository.ids[name][:9], name] for name in ("merge", "ada", "base")
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("nowhere:",), 1, "nowhere"),
        ((ADA,), 1, "is no range"),
        (("a:b:c",), 1, "is no range"),
        (("current:",), 1, "Hint: `gitlembic graph --db -r current:`"),
        (("HEAD",), 1, "Hint: `gitlembic graph --at HEAD` draws the chain there, `gitlembic graph --diff HEAD` what"),
        ((ADA[:6],), 1, f"Hint: `gitlembic graph :{ADA[:6]}` draws it and all before"),
        (("--at", "HEAD~2", ":main"), 1, "`gitlembic graph --at main` draws"),
        ((f"{ADA}:", "-r", ADA), 2, "one range"),
        (("-n", "0"), 2, "-n"),
        (("--merges", "--format", "json"), 2, "--merges is for --format text: json has no way"),
        (("-o", "chain.pdf"), 2, "no format is known by the ending .pdf; known are .svg (svg), "),
        (("--ascii", "-o", "chain.svg"), 2, "--ascii is for --format text: svg has no way"),
        (("--at", "nowhere"), 3, "nowhere"),
    ],
)
def test_refuses_what_it_does_not_find(
    repository: RepositoryBuilder, arguments: tuple[str, ...], code: int, said: str
) -> None:
    done = two_branches(repository).gitlembic("graph", *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr


def test_colours_and_strokes_follow_what_can_be_shown(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    assert "\x1b[" not in project.gitlembic("graph").stdout
    assert "\x1b[" in project.gitlembic("graph", "--color", "always").stdout
    assert _cells(project, "--ascii")[0][0] == "*"
    assert _cells(project, PYTHONIOENCODING="ascii")[0][0] == "*"


@pytest.mark.parametrize(
    ("name", "stroke"), [("C", "*"), ("en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8", "●")]
)
def test_strokes_follow_the_locale(repository: RepositoryBuilder, name: str, stroke: str) -> None:
    project = two_branches(repository)
    environment = sealed_environment(repository.root.parent, LC_ALL=name)
    del environment["PYTHONIOENCODING"]
    command = [sys.executable, "-m", "gitlembic", "graph"]
    drawn = subprocess.run(command, cwd=project.root, env=environment, capture_output=True, check=True)
    assert drawn.stdout.decode().startswith(stroke)


def test_asks_the_database_through_env_py(repository: RepositoryBuilder) -> None:
    project = two_branches(repository, f"sqlite:///{repository.root.parent / 'shop.db'}")
    succeed(project.gitlembic("upgrade", ADA))
    assert [row[2] for row in _cells(project, "--db")] == [
        "(pending, head) create prices",
        "(database) create orders",
        "(base) create users",
    ]
    environment = (project.root / "migrations/env.py").read_text(encoding="utf-8")
    project.write({"migrations/env.py": f"print('hello')\n{environment}"})
    chatty = project.gitlembic("graph", "--db", "--format", "json")
    assert json.loads(succeed(chatty))["rows"][1]["marks"] == ["database"]
    assert chatty.stderr == "hello\n"
    project.write({"migrations/env.py": "raise RuntimeError('no server')"})
    refused = project.gitlembic("graph", "--db")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "RuntimeError: no server" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_writes_files(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    document = json.loads(succeed(project.gitlembic("graph", "--format", "json")))
    assert parents(document) == parents(project.chain())
    assert [row["revision"] for row in document["rows"]] == [GRACE, ADA, BASE]
    target = project.root / "chain.svg"
    target.write_text("before")
    assert succeed(project.gitlembic("graph", "--format", "svg", "-o", "chain.svg")) == ""
    assert target.read_text(encoding="utf-8").startswith("<svg ")
    succeed(project.gitlembic("graph", "-o", "chain.MMD"))
    assert succeed(project.gitlembic("graph", "--format", "mermaid", "-o", "-")) == (
        project.root / "chain.MMD"
    ).read_text(encoding="utf-8")
    assert "flowchart" in (project.root / "chain.MMD").read_text(encoding="utf-8")
    page = succeed(project.gitlembic("graph", "--format", "html", "--at", "HEAD~1"))
    assert "create_table(" in page
    assert GRACE not in page
    refused = project.gitlembic("graph", "-o", "nowhere/chain.txt")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "cannot write nowhere/chain.txt" in refused.stderr


def _on_terminal(project: Project, *, columns: int, **environment: str) -> str:
    output = pexpect.run(
        f"{sys.executable} -m gitlembic graph",
        cwd=os.fspath(project.root),
        env={**sealed_environment(project.root.parent, TERM="xterm", **environment), "COLUMNS": str(columns)},
        encoding="utf-8",
        timeout=60,
    )
    assert isinstance(output, str)
    return output


def test_on_a_terminal_it_fits_and_has_colours_and_a_pager(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    plain = _on_terminal(project, columns=30, GIT_PAGER="cat", NO_COLOR="1")
    assert "\x1b[" not in plain
    assert max(len(line) for line in plain.splitlines()) == 30
    paged = _on_terminal(project, columns=30, GIT_PAGER="sed s/^/paged:/")
    assert all(line.startswith("paged:") for line in paged.splitlines())
    assert "\x1b[" in paged
