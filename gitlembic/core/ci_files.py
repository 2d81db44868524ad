"""The text of CI configurations -> where they fetch too little history.

They are YAML, which the standard library does not read; this looks for the lines that everybody
writes, and says nothing where it is not certain.
"""

from __future__ import annotations

import re

_CHECKOUT = re.compile(r"^(?P<indent>[ \t]*)(?P<dash>-[ \t]+)?(?:\{[ \t]*)?uses:[ \t]*['\"]?actions/checkout@")
_FULL = re.compile(r"\bfetch-depth['\"]?[ \t]*:[ \t]*(?:['\"]?0\b|\$\{\{)")
_DEPTH = re.compile(r"^[^#\r\n]*\bGIT_DEPTH['\"]?[ \t]*:[ \t]*['\"]?(?P<depth>[0-9]*)", re.MULTILINE)


def shallow_checkouts(workflow: str) -> tuple[int, ...]:
    """The lines on which a GitHub workflow checks out without the history, counted from 1.

    `actions/checkout` fetches one commit unless its step says `fetch-depth: 0`; what an expression
    says is not known.
    """
    lines = workflow.splitlines()
    return tuple(
        number
        for number, line in enumerate(lines, start=1)
        if (found := _CHECKOUT.match(line)) and not any(map(_FULL.search, _step(lines, number - 1, found)))
    )


def _step(lines: list[str], index: int, found: re.Match[str]) -> list[str]:
    """The lines of the step that a line belongs to, without comments."""
    indent = len(found["indent"])
    dash = indent if found["dash"] else max(indent - 2, 0)
    first = index
    while not found["dash"] and first > 0 and not _begins_step(lines[first], dash, indent):
        first -= 1
    last = index + 1
    while last < len(lines) and (not lines[last].strip() or _indent(lines[last]) > dash):
        last += 1
    return [line for line in lines[first:last] if not line.lstrip().startswith("#")]


def _begins_step(line: str, dash: int, indent: int) -> bool:
    return line.lstrip().startswith("- ") and dash <= _indent(line) < indent


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def gitlab_is_shallow(configuration: str) -> bool:
    """Whether a `.gitlab-ci.yml` fetches a part of the history: GitLab's default is the newest 20 commits."""
    depths = [found["depth"] for found in _DEPTH.finditer(configuration)]
    return all(depth not in {"", "0"} for depth in depths)
