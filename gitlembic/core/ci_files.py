"""The text of CI configurations -> where they fetch too little history.

They are YAML, which the standard library does not read; this looks for the lines that everybody
writes, and says nothing where it is not certain.
"""

from __future__ import annotations

import re

_CHECKOUT = re.compile(r"^(?P<before>[ \t]*(?:-[ \t]+)?)(?:\{[ \t]*)?uses:[ \t]*['\"]?actions/checkout@")
_ITEM = re.compile(r"^(?P<indent>[ \t]*)-(?:[ \t]|$)")
_COMMENT = re.compile(r"(?:^|[ \t])#.*")
_FULL = re.compile(r"\bfetch-depth['\"]?[ \t]*:[ \t]*(?:['\"]?0\b|\$\{\{)")
_DEPTH = re.compile(r"^[^#\r\n]*\bGIT_DEPTH['\"]?[ \t]*:[ \t]*['\"]?(?P<depth>[0-9]*)", re.MULTILINE)


def shallow_checkouts(workflow: str) -> tuple[int, ...]:
    """The lines on which a GitHub workflow checks out without the history, counted from 1.

    `actions/checkout` fetches one commit unless its step says `fetch-depth: 0`; what an expression
    says is not known.
    """
    lines = [_COMMENT.sub("", line) for line in workflow.splitlines()]
    return tuple(
        index + 1
        for index, line in enumerate(lines)
        if (found := _CHECKOUT.match(line)) and not any(map(_FULL.search, _step(lines, index, len(found["before"]))))
    )


def _step(lines: list[str], index: int, column: int) -> list[str]:
    """The lines of the step that a line belongs to, whose key stands at a column.

    It begins at the nearest dash to the left of that key, on its line or above, and ends before whatever
    is not further to the right than the dash.
    """
    first = next((number for number in range(index, -1, -1) if 0 <= _dash(lines[number]) < column), index)
    dash = _dash(lines[first])
    last = index + 1
    while last < len(lines) and (not lines[last].strip() or _indent(lines[last]) > dash):
        last += 1
    return lines[first:last]


def _dash(line: str) -> int:
    """At which column a line has the dash of a list's item; -1 without one."""
    found = _ITEM.match(line)
    return -1 if found is None else len(found["indent"])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def gitlab_is_shallow(configuration: str) -> bool:
    """Whether a `.gitlab-ci.yml` fetches a part of the history: GitLab's default is the newest 20 commits."""
    depths = [found["depth"] for found in _DEPTH.finditer(configuration)]
    return all(depth not in {"", "0"} for depth in depths)
