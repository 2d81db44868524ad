"""The git binary, for tests that need what only git itself makes."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tests.git.questions import LOCATION, migration, write_files

if TYPE_CHECKING:
    from pathlib import Path

_EPOCH = 1_700_000_000


class Git:
    """Runs git in one repository, with nothing of the user's: no configuration, no hooks, no editor, a clock."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._seconds = _EPOCH

    @classmethod
    def init(cls, root: Path) -> Git:
        root.mkdir(parents=True)
        git = cls(root)
        git("init", "--quiet")
        git("symbolic-ref", "HEAD", "refs/heads/main")
        return git

    def __call__(self, *arguments: str, accept: tuple[int, ...] = (0,)) -> str:
        self._seconds += 1
        done = subprocess.run(
            ["git", *arguments],
            cwd=self.root,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode in accept, f"{done.args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout.strip()

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
        settings = {
            "core.hooksPath": os.devnull,
            "commit.gpgSign": "false",
            "core.autocrlf": "false",
            "gc.auto": "0",
            "merge.directoryRenames": "true",
            "protocol.file.allow": "always",
        }
        sealed = {
            "HOME": os.fspath(self.root),
            "XDG_CONFIG_HOME": os.fspath(self.root),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_COUNT": str(len(settings)),
            "GIT_EDITOR": "true",
            "GIT_TERMINAL_PROMPT": "0",
            "LC_ALL": "C",
        }
        for number, (name, value) in enumerate(settings.items()):
            sealed |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        for role in ("AUTHOR", "COMMITTER"):
            sealed |= {
                f"GIT_{role}_NAME": "Ada Lovelace",
                f"GIT_{role}_EMAIL": "ada@example.org",
                f"GIT_{role}_DATE": f"{self._seconds} +0000",
            }
        return inherited | sealed

    def commit(self, *revisions: str, location: str = LOCATION) -> str:
        """Add dynamic migrations in one commit each, and give the id of the last."""
        for revision in revisions:
            write_files(self.root, migration(revision, location=location))
            self("add", "--all")
            self("commit", "--quiet", "-m", f"add {revision}")
        return self("rev-parse", "HEAD")

    def branch_off(self, branch: str, start: str, *revisions: str) -> None:
        """A branch with migrations of its own; it stays checked out."""
        self("checkout", "--quiet", "-b", branch, start)
        self.commit(*revisions)

    def merge(self, *branches: str) -> None:
        self("merge", "--quiet", "--no-ff", "--no-edit", *branches)
