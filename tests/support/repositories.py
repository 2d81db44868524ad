"""Real git repositories, made with dulwich: no git binary, no configuration, a fixed clock."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from dulwich.index import commit_tree
from dulwich.objects import Blob, Commit, ObjectID
from dulwich.refs import Ref
from dulwich.repo import Repo

from gitlembic.core.history import CommitId

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

_EPOCH = 1_700_000_000


class RepositoryBuilder:
    """Builds history commit by commit; nothing is on disk until `checkout`.

    Commits go by names that the test chooses. A commit starts from its first parent's files;
    `files` then sets (text or bytes) or deletes (`None`) paths.
    """

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.root = root
        self.repo = Repo.init(os.fspath(root), default_branch=b"main")
        self.ids: dict[str, CommitId] = {}
        self._files: dict[str, dict[bytes, ObjectID]] = {}
        self._trees: dict[str, ObjectID] = {}
        self._links: set[bytes] = set()

    def commit(
        self,
        name: str,
        parents: Sequence[str] = (),
        files: Mapping[str, str | bytes | None] | None = None,
        *,
        author: str = "Ada Lovelace <ada@example.org>",
        date: int | None = None,
        author_date: int | None = None,
        links: Collection[str] = (),
    ) -> CommitId:
        """Add a commit; `date` in seconds since 1970, by default a second later each; the author's by default too.

        The contents of `links` are where these symbolic links lead.
        """
        content = dict(self._files[parents[0]]) if parents else {}
        self._links |= {os.fsencode(path) for path in links}
        for path, text in (files or {}).items():
            key = os.fsencode(path)
            if text is None:
                del content[key]
            else:
                blob = Blob.from_string(text.encode() if isinstance(text, str) else text)
                self.repo.object_store.add_object(blob)
                content[key] = blob.id
        tree = self._trees[parents[0]] if parents and not files else self._write_tree(content)
        commit = Commit()
        commit.tree = tree
        commit.parents = [ObjectID(self.ids[parent].encode()) for parent in parents]
        commit.author = commit.committer = author.encode()
        commit.commit_time = _EPOCH + len(self.ids) if date is None else date
        commit.author_time = commit.commit_time if author_date is None else author_date
        commit.author_timezone = commit.commit_timezone = 0
        commit.message = name.encode()
        self.repo.object_store.add_object(commit)
        self.ids[name] = CommitId(commit.id.decode())
        self._files[name], self._trees[name] = content, tree
        return self.ids[name]

    def _write_tree(self, content: Mapping[bytes, ObjectID]) -> ObjectID:
        modes = {path: 0o120000 if path in self._links else 0o100644 for path in content}
        return commit_tree(self.repo.object_store, [(path, blob, modes[path]) for path, blob in content.items()])

    def branch(self, branch: str, name: str) -> None:
        self.repo.refs[Ref(b"refs/heads/" + branch.encode())] = ObjectID(self.ids[name].encode())

    def checkout(self, name: str, branch: str | None = "main") -> None:
        """Put a commit on disk: on a branch that then points to it, or detached."""
        for entry in self.root.iterdir():
            if entry.name != ".git":
                shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
        for path, blob in self._files[name].items():
            target = self.root / os.fsdecode(path)
            target.parent.mkdir(parents=True, exist_ok=True)
            contents = self.repo.object_store[blob].as_raw_string()
            if path in self._links:
                target.symlink_to(os.fsdecode(contents))
            else:
                target.write_bytes(contents)
        if branch is None:
            (self.root / ".git" / "HEAD").write_text(f"{self.ids[name]}\n")
        else:
            self.branch(branch, name)
            self.repo.refs.set_symbolic_ref(Ref(b"HEAD"), Ref(b"refs/heads/" + branch.encode()))

    def close(self) -> None:
        self.repo.close()
