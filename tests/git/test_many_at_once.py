"""Many processes ask and write at the same time, some are killed, and git works beside them."""

from __future__ import annotations

import os
import random
import signal
import time
import traceback
from typing import TYPE_CHECKING

import pytest

from gitlembic.core.sealed import unseal
from tests.git.questions import LOCATION, chain, in_a_row, migration
from tests.support.git import Git
from tests.support.projects import CACHE

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = [
    pytest.mark.needs_git,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="starting that many processes anew would take minutes"),
]


class Crowd:
    """Processes that ask for the chain again and again, and write down what they were told."""

    def __init__(self, root: Path, answers: Path) -> None:
        self._root = root
        self._answers = answers
        self._alive: list[int] = []
        self._started = 0

    def grow(self) -> None:
        self._started += 1
        child = os.fork()
        if child == 0:
            self._ask_for_ever(self._answers / f"{self._started}")
        self._alive.append(child)

    def _ask_for_ever(self, answers: Path) -> None:
        with answers.open("a", buffering=1) as file:
            try:
                while True:
                    print("; ".join(chain(self._root)), file=file)
            except BaseException:  # noqa: BLE001 -- the test process will show it
                print(f"{traceback.format_exc()!r}", file=file)
                os._exit(1)

    def lose(self, number: int) -> None:
        """Kill one of them, whatever it is doing."""
        child = self._alive.pop(number % len(self._alive))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)

    def end(self) -> None:
        while self._alive:
            self.lose(0)

    def told(self) -> list[list[str]]:
        """What each of them was told, without the line that it was killed in."""
        texts = [path.read_text() for path in self._answers.iterdir()]
        return [text[: text.rfind("\n") + 1].splitlines() for text in texts]


def _add(git: Git, revision: str) -> None:
    """Write a migration as an editor does, whole, and commit it a moment later."""
    for path, text in migration(revision).items():
        new = git.root / f"{path}.new"
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_text(text)
        new.replace(git.root / path)
    git("add", LOCATION)
    git("commit", "--quiet", "-m", f"add {revision}")


@pytest.mark.parametrize(("processes", "rounds"), [pytest.param(4, 12), pytest.param(32, 150, marks=pytest.mark.full)])
def test_every_answer_is_right_and_nothing_is_left(tmp_path: Path, processes: int, rounds: int) -> None:
    git = Git.init(tmp_path / "project")
    _add(git, "z")
    (tmp_path / "answers").mkdir()
    crowd = Crowd(git.root, tmp_path / "answers")
    source = random.Random(1)  # noqa: S311 -- guards no secret
    try:
        for _ in range(processes):
            crowd.grow()
        for number in range(rounds):
            _add(git, f"d{number:03}")
            work = source.choice((None, None, ("gc", "--quiet", "--prune=now"), ("repack", "-a", "-d", "--quiet")))
            if work is not None:
                git(*work)
            crowd.lose(source.randrange(processes))
            crowd.grow()
            time.sleep(source.random() / 20)
    finally:
        crowd.end()
    everything = f"z {' '.join(f'd{number:03}' for number in range(rounds))}".split()
    right = {"; ".join(in_a_row(" ".join(everything[:count]))): count for count in range(1, rounds + 2)}
    for answers in crowd.told():
        assert [answer for answer in answers if answer not in right] == []
        counts = [right[answer] for answer in answers]
        assert counts == sorted(counts)
    assert sum(map(len, crowd.told())) > rounds
    assert chain(git.root) == in_a_row(" ".join(everything))
    _expect_nothing_half_written(git)


def _expect_nothing_half_written(git: Git) -> None:
    cache = git.root / CACHE
    assert [path for path in cache.rglob("[!.]*.json") if unseal(path.read_text(encoding="utf-8")) is None] == []
    long_ago = time.time() - 7200
    for path in cache.rglob(".*"):
        os.utime(path, (long_ago, long_ago))
    _add(git, "last")
    chain(git.root)
    assert list(cache.rglob(".*")) == []
    assert list((git.root / ".git").rglob("*.lock")) == []
