"""What is remembered changes only speed, whatever became of it."""

from __future__ import annotations

import contextlib
import os
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from gitlembic.adapters.project import Project as AlembicProject
from gitlembic.adapters.project_home import find_homes
from gitlembic.commands import kept_chain
from gitlembic.commands.kept_chain import keep
from gitlembic.commands.recall import recall, scan
from gitlembic.commands.resolve import resolve
from gitlembic.core.chain_format import render_compact_json
from gitlembic.core.sealed import VERSION, _checksum, seal, unseal
from gitlembic.errors import GitlembicError
from tests.git.questions import LOCATION, chain, in_a_row, migration, resolve_project, write_files
from tests.support.forging import tamper
from tests.support.projects import CACHE, Project, succeed, two_branches

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitlembic.core.resolution import Resolution
    from tests.support.repositories import RepositoryBuilder

LATER = 4_000_000_000
"""Seconds; whoever wrote a cache so late knows that every file was left alone for long."""

Z = migration("z", None)
D1, D2, D3 = (migration(name) for name in ("d1", "d2", "d3"))


@pytest.fixture
def root(repository: RepositoryBuilder) -> Path:
    """Three commits with a migration each, and the cache of the last."""
    for number, files in enumerate((Z, D1, D2)):
        repository.commit(f"{number}", [f"{number - 1}"] if number else [], files)
    repository.checkout("2")
    assert chain(repository.root) == in_a_row("z d1 d2")
    return repository.root


def _caches(root: Path) -> Iterator[Path]:
    found = [path for path in (root / CACHE).rglob("*.json") if not path.name.startswith("chain-")]
    assert len(found) == 2
    yield from found


@pytest.mark.parametrize(
    "contents",
    [
        "",
        "{",
        "\udcff",
        seal([]),
        seal({}),
        seal({"commit": 1}),
        seal([[1, 2]]),
        seal({f"{LOCATION}/add_z.py": [1, 2, 3]}),
    ],
)
def test_may_be_anything(root: Path, contents: Any) -> None:
    for path in _caches(root):
        path.write_bytes(contents.encode("utf-8", "surrogateescape"))
    assert chain(root) == in_a_row("z d1 d2")
    write_files(root, D3)
    assert chain(root) == in_a_row("z d1 d2 d3")


@pytest.mark.parametrize("tries", [40, pytest.param(2_000, marks=pytest.mark.full)])
def test_may_be_forged(root: Path, tries: int) -> None:
    """Whoever knows the checksum may change the answer, and gets no traceback."""
    source = random.Random(1)  # noqa: S311 -- guards no secret
    originals = {path: unseal(path.read_text(encoding="utf-8")) for path in _caches(root)}
    for _ in range(tries):
        for path, document in originals.items():
            path.write_text(seal(tamper(document, source)), encoding="utf-8")
            os.utime(path, (LATER, LATER))
        with contextlib.suppress(GitlembicError):
            chain(root)


@pytest.mark.parametrize("body", ["7", "null", "[]", '["", 1, 2]', "[" * 100_000, "{" * 100_000, "9" * 5_000])
def test_may_be_any_json_with_the_right_checksum(root: Path, body: str) -> None:
    for path in _caches(root):
        path.write_text(f"{_checksum(body)}\n{body}\n", encoding="utf-8")
    assert chain(root) == in_a_row("z d1 d2")


def test_of_another_version_is_left_alone(root: Path) -> None:
    for path in _caches(root):
        body = path.read_text(encoding="utf-8").splitlines()[1].replace(VERSION, "0", 1).replace("d1", "x1")
        path.write_text(f"{_checksum(body)}\n{body}\n", encoding="utf-8")
    assert chain(root) == in_a_row("z d1 d2")


def test_sees_an_edit_that_keeps_size_and_times(root: Path) -> None:
    """The file was written just now, so its times prove nothing yet."""
    path = root / LOCATION / "add_d2.py"
    before = path.stat()
    path.write_bytes(path.read_bytes().replace(b"'d2'", b"'x2'"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert chain(root) == in_a_row("z d1 x2")


def test_goes_back_and_forth_with_branches(repository: RepositoryBuilder, root: Path) -> None:
    repository.commit("other", ["1"], D3)
    for _ in range(2):
        repository.checkout("other", branch="other")
        assert chain(root) == in_a_row("z d1 d3")
        repository.checkout("2")
        assert chain(root) == in_a_row("z d1 d2")


def test_spares_dulwich_and_the_files_where_nothing_changed(repository: RepositoryBuilder) -> None:
    project = two_branches(repository)
    old = 1_600_000_000
    for path in (project.root / LOCATION).glob("*.py"):
        os.utime(path, (old, old))
    succeed(project.gitlembic("heads"))
    script = (
        "import sys; from gitlembic.adapters.alembic_project import load_project\n"
        "from gitlembic.commands.resolve import resolve\n"
        "print(resolve(load_project([])).chains[0].end, 'dulwich' in sys.modules)"
    )
    assert succeed(Project(project.root).run("-c", script)).split()[1] == "False"


class TestConclusion:
    """What was concluded from files that are as they were is not concluded again; anything else is."""

    def test_is_recalled(self, root: Path) -> None:
        assert _is_recalled(root)
        assert chain(root) == in_a_row("z d1 d2")

    def test_of_a_static_project_is_recalled(self, root: Path) -> None:
        for name in ("d1", "d2"):
            (root / LOCATION / f"add_{name}.py").unlink()
        assert chain(root) == ["z *"]
        assert _is_recalled(root)
        assert chain(root) == ["z *"]

    @pytest.mark.parametrize(
        "name", ["add_x.py", "add_d3.py", "add_z.pyc.py", "../revision_chain.json", "../../.git/MERGE_HEAD"]
    )
    def test_is_forgotten_where_anything_is_added(self, root: Path, name: str) -> None:
        text = next(iter(D3.values())) if name == "add_d3.py" else "x = 1\n"
        (root / LOCATION / name).write_text(text)
        assert not _is_recalled(root)

    def test_is_forgotten_for_a_link(self, root: Path) -> None:
        (root / LOCATION / "add_d3.py").symlink_to("../../elsewhere.py")
        (root / "elsewhere.py").write_text(next(iter(D3.values())))
        with contextlib.suppress(GitlembicError):
            chain(root)
        assert not _is_recalled(root)

    def test_is_forgotten_where_a_file_is_gone(self, root: Path) -> None:
        (root / LOCATION / "add_d2.py").unlink()
        assert not _is_recalled(root)
        assert chain(root) == in_a_row("z d1")
        assert _is_recalled(root)

    def test_is_forgotten_at_another_commit(self, repository: RepositoryBuilder, root: Path) -> None:
        (root / ".git" / "refs" / "heads" / "main").write_text(f"{repository.ids['1']}\n")
        assert not _is_recalled(root)
        assert chain(root) == in_a_row("z d1 d2")
        assert _is_recalled(root)

    def test_of_what_git_may_ignore_is_never_recalled(self, repository: RepositoryBuilder) -> None:
        repository.commit("0", [], {"README": ""})
        repository.checkout("0")
        write_files(repository.root, D1)
        assert chain(repository.root) == ["d1 *"]
        assert not _is_recalled(repository.root)

    def test_in_another_form_is_not_recalled(self, root: Path) -> None:
        """Also with the right checksum; and nothing of it gives a traceback."""
        (path,) = (root / CACHE).glob("files-*")
        _, rows, concluded = unseal(path.read_text(encoding="utf-8"))
        source = random.Random(3)  # noqa: S311 -- guards no secret
        for _ in range(300):
            path.write_text(seal([LATER * 10**9, rows, tamper(concluded, source)]), encoding="utf-8")
            os.utime(path, (LATER, LATER))
            with contextlib.suppress(GitlembicError):
                resolve_project(root)

    @pytest.mark.parametrize("end", ["", 0, False, "x"])
    def test_with_an_end_that_is_nobody_is_not_recalled(self, root: Path, end: object) -> None:
        assert _is_recalled(root)
        (path,) = (root / CACHE).glob("files-*")
        _, rows, concluded = unseal(path.read_text(encoding="utf-8"))
        concluded["answer"]["chains"][0][1] = end
        path.write_text(seal([LATER * 10**9, rows, concluded]), encoding="utf-8")
        assert not _is_recalled(root)


class TestTheChainThatWasLeft:
    """What an answer that is recalled has left is not written again, unless it is another's."""

    def test_is_known_again(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        project, resolution = _recalled(root)
        keep(project, resolution)
        monkeypatch.setattr(kept_chain, "render_compact_json", lambda _: pytest.fail("it is there already"))
        keep(project, resolution)
        assert _left(root) == render_compact_json(resolution)

    @pytest.mark.parametrize("damage", ["empty", "cut off", "cut at the start", "longer", "another"])
    def test_of_another_answer_or_damaged_is_replaced(self, root: Path, damage: str) -> None:
        project, resolution = _recalled(root)
        keep(project, resolution)
        whole = _left(root)
        if damage == "another":
            keep(project, resolution._replace(name="other"))
        else:
            texts = {"empty": "", "cut off": whole[:-9], "cut at the start": whole[-9:], "longer": f"{whole}x"}
            next((root / CACHE).glob("chain-*")).write_text(texts[damage])
        assert _left(root) != render_compact_json(resolution)
        keep(project, resolution)
        assert _left(root) == render_compact_json(resolution)

    def test_has_another_name_where_the_answer_is_another(self, root: Path) -> None:
        _, before = _recalled(root)
        write_files(root, D3)
        resolve_project(root)
        _, after = _recalled(root)
        assert before.name != after.name


def _left(root: Path) -> str:
    (path,) = (root / CACHE).glob("chain-*")
    return path.read_text(encoding="utf-8")


def _recalled(root: Path) -> tuple[AlembicProject, Resolution]:
    assert _is_recalled(root)
    project = AlembicProject(root, (root / LOCATION,), recursive=False)
    resolution = resolve(project)
    assert resolution.name
    return project, resolution


def _is_recalled(root: Path) -> bool:
    """As if everything had been left alone before it was looked at."""
    (path,) = (root / CACHE).glob("files-*")
    _, rows, concluded = unseal(path.read_text(encoding="utf-8"))
    path.write_text(seal([LATER * 10**9, rows, concluded]), encoding="utf-8")
    os.utime(path, (LATER, LATER))
    (home,) = find_homes(AlembicProject(root, (root / LOCATION,), recursive=False))
    return recall(home, scan(home)) is not None


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="permissions bind neither there nor root")
def test_may_be_forbidden(root: Path) -> None:
    (root / CACHE).chmod(0o500)
    try:
        write_files(root, D3)
        assert chain(root) == in_a_row("z d1 d2 d3")
    finally:
        (root / CACHE).chmod(0o700)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_may_find_the_disk_full(root: Path) -> None:
    """No file may be longer than a caller wants: writing one ends half-way."""
    write_files(root, D3)
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))\n"
        "from pathlib import Path\n"
        "from tests.git.questions import chain\n"
        f"print(chain(Path({os.fspath(root)!r})))"
    )
    before = sorted((root / CACHE).rglob("*"))
    here = os.fspath(Path(__file__).parents[2])
    assert succeed(Project(root).run("-c", script, PYTHONPATH=here)).strip() == f"{in_a_row('z d1 d2 d3')}"
    assert sorted((root / CACHE).rglob("*")) == before
    assert chain(root) == in_a_row("z d1 d2 d3")
