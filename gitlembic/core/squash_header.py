"""What the source of a squash says of the migrations that it stands for, and a chain in which they stand again."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.history import CommitId, FileId
from gitlembic.core.migration import RevisionId
from gitlembic.core.migration_code import code_checksum
from gitlembic.core.syntax import parse_module

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gitlembic.core.chain import Link
    from gitlembic.core.resolution import Resolution

SQUASH_OF = re.compile(r"^Squash of (\d+) revisions, ", re.MULTILINE)
"""The line of its docstring by which a squash can be told without reading its file."""


@dataclass(frozen=True, slots=True)
class SquashHeader:
    """`replaces` are the revisions that it stands for, in the order in which they ran, with their contents in git.

    Its own is not among them. `replaced_in` is a commit that still holds all of them, "" if it says none.
    """

    replaces: tuple[tuple[RevisionId, FileId], ...]
    replaced_in: CommitId


def read_squash_header(source: bytes) -> SquashHeader | None:
    """The literal `replaces` and `replaced_in` of a squash; `None` of what is none."""
    if b"replaces" not in source:
        return None
    found: dict[str, ast.expr] = {}
    try:
        for statement in parse_module(source).body:
            if isinstance(statement, ast.Assign):
                found |= {one.id: statement.value for one in statement.targets if isinstance(one, ast.Name)}
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name) and statement.value:
                found[statement.target.id] = statement.value
        pairs = [(str(name), str(blob)) for name, blob in ast.literal_eval(found["replaces"])]
        commit = ast.literal_eval(found["replaced_in"]) if "replaced_in" in found else ""
    except (SyntaxError, ValueError, TypeError, KeyError, RecursionError, MemoryError):
        return None
    return SquashHeader(tuple((RevisionId(name), FileId(blob)) for name, blob in pairs), CommitId(commit or ""))


def replaced_revisions(source: bytes) -> frozenset[RevisionId]:
    """The ids that a squash stands for beside its own; none of any other migration."""
    header = read_squash_header(source)
    return frozenset(revision for revision, _ in header.replaces) if header else frozenset()


def own_checksum(source: bytes) -> str | None:
    """`code_checksum`; `None` of a squash, which stands for others under the id of one, and of an empty source."""
    return None if not source or replaced_revisions(source) else code_checksum(source)


def unfolded(resolution: Resolution, originals: Mapping[RevisionId, Iterable[Link]]) -> Resolution:
    """The same chains, with the `originals` of each squash, by its revision, in its place."""
    chains = tuple(
        chain._replace(
            links=tuple(one for link in chain.links for one in originals.get(link.revision, (link,))),
        )
        for chain in resolution.chains
    )
    return resolution._replace(chains=chains)
