"""`.dockerignore` -> whether it keeps a path out of images, as Docker reads it."""

from __future__ import annotations

import re


def keeps_out(text: str, path: str) -> bool:
    """Whether `path`, relative to the build's directory with `/`, is left out.

    The last line that matches it or one of its parents decides; one that begins with `!` lets it in.
    """
    parents = path.split("/")
    paths = ["/".join(parents[:depth]) for depth in range(1, len(parents) + 1)]
    left_out = False
    for line in text.splitlines():
        pattern = line.strip()
        if not pattern or pattern.startswith("#"):
            continue
        lets_in = pattern.startswith("!")
        compiled = re.compile(_expression(pattern.removeprefix("!").strip()))
        if any(compiled.fullmatch(one) for one in paths):
            left_out = not lets_in
    return left_out


_WORDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_WORD = re.compile(r"\*\*/|\*\*|\*|\?")


def _expression(pattern: str) -> str:
    pattern = pattern.removeprefix("./").strip("/")
    literals = _WORD.split(pattern)
    wild = [_WORDS[word] for word in _WORD.findall(pattern)]
    return "".join(re.escape(literal) + word for literal, word in zip(literals, [*wild, ""], strict=True))
