"""A squash that is there already, read without running it: what it replaced, and in which order."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from gitlembic.core.migration import RevisionId
from gitlembic.core.squash_header import read_squash_header
from gitlembic.core.syntax import parse_module

_STEPS = ast.dump(ast.Name("_STEPS", ast.Store()))
_HEADS = re.compile(r"^# (?P<path>[^\n]+?)(?:, as text: [^\n]*)?\ndef _\d{4}_", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Step:
    """One original in a squash; `blob` is git's id of its contents, `None` for the squash's own revision."""

    revision: RevisionId
    parents: tuple[RevisionId, ...]
    path: str
    blob: str | None


@dataclass(frozen=True, slots=True)
class EarlierSquash:
    """What the file of a squash says about its originals, in their order."""

    replaced_in: str
    steps: tuple[Step, ...]


def read_squash(source: str) -> EarlierSquash | None:
    """What a migration replaces; `None` for one that is no squash of ours.

    Raises `ValueError` where it is one, but not as gitlembic writes it.
    """
    if "replaces" not in source or "_STEPS" not in source:
        return None
    header = read_squash_header(source.encode())
    assigned = [one for one in parse_module(source).body if isinstance(one, ast.Assign)]
    listed = [one.value for one in assigned for target in one.targets if ast.dump(target) == _STEPS]
    if header is None or not header.replaced_in or not listed:
        return None
    steps = listed[0]
    paths = [match["path"] for match in _HEADS.finditer(source)]
    blobs = dict(header.replaces)
    if not isinstance(steps, ast.Tuple) or len(steps.elts) != len(paths):
        raise ValueError("its originals are not listed as gitlembic lists them")
    found = []
    for element, path in zip(steps.elts, paths, strict=True):
        if not isinstance(element, ast.Tuple):
            raise ValueError("its originals are not listed as gitlembic lists them")  # noqa: TRY004 -- of the file
        revision = ast.literal_eval(element.elts[0])
        parents = ast.literal_eval(element.elts[1])
        found.append(Step(RevisionId(revision), tuple(map(RevisionId, parents)), path, blobs.get(RevisionId(revision))))
    return EarlierSquash(header.replaced_in, tuple(found))
