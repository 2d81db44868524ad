"""The texts of a Dockerfile and its ignore file -> whether a file of the build context reaches the image.

Only what is certain: a source that a variable names may be anything, so it brings everything.
"""

from __future__ import annotations

import json
import posixpath
import re
from dataclasses import dataclass

_CONTINUED = re.compile(r"\\[ \t]*\r?\n")
_COPY = re.compile(r"^[ \t]*(?:COPY|ADD)[ \t]+(?P<words>.*?)[ \t]*$", re.IGNORECASE | re.MULTILINE)
_WILDCARDS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
_PART = re.compile(r"\*\*/|\*\*|\*|\?|\[[^]]+\]|\\.|.", re.DOTALL)
_SPECIAL_IN_CLASS = re.compile(r"[\\\[&~|]|(?<=.-)-")  # to Python, now or in a later version; not to Docker


@dataclass(frozen=True, slots=True)
class ImageBuild:
    """A Dockerfile, and the ignore file that counts for it, with their paths from the repository's root.

    `context` is the directory that it is built from. Without an ignore file its path and text are empty.
    """

    path: str
    dockerfile: str
    context: str = ""
    ignore_path: str = ""
    ignore: str = ""

    def copies(self, path: str) -> bool:
        """Whether an instruction copies `path`, relative to the build context, or a directory above it."""
        return any("$" in source or _holds(source, path) for source in _sources(self.dockerfile))

    def ignores(self, path: str) -> bool:
        """Whether the ignore file leaves `path` out of the build context: the last line about it counts."""
        ignored = False
        for line in self.ignore.splitlines():
            pattern = line.strip()
            if pattern and not line.startswith("#"):
                kept = pattern.startswith("!")
                if _holds(pattern.removeprefix("!").strip(), path):
                    ignored = not kept
        return ignored

    def brings(self, path: str) -> bool:
        return self.copies(path) and not self.ignores(path)


def _sources(dockerfile: str) -> list[str]:
    sources: list[str] = []
    for found in _COPY.finditer(_CONTINUED.sub(" ", dockerfile)):
        words = found["words"].split()
        if any(word.startswith("--from=") for word in words):  # of another image
            continue
        words = [word for word in words if not word.startswith("--")]
        if words and words[0].startswith("["):
            try:
                words = json.loads(" ".join(words))
            except ValueError:
                continue
        sources += map(str, words[:-1])
    return sources


def _holds(pattern: str, path: str) -> bool:
    """Whether a pattern names `path` or a directory above it, as Docker matches; a malformed one names nothing."""
    clean = posixpath.normpath(pattern).lstrip("/")
    if clean in {"", "."}:
        return True
    expression = "".join(_WILDCARDS.get(part) or _literal(part) for part in _PART.findall(clean))
    try:
        return re.fullmatch(f"{expression}(?:/.*)?", path, re.DOTALL) is not None
    except re.error:  # such as [z-a]
        return False


def _literal(part: str) -> str:
    if len(part) > 1 and part.startswith("["):
        return "[" + _SPECIAL_IN_CLASS.sub(r"\\\g<0>", part[1:-1]) + "]"
    return re.escape(part.removeprefix("\\") or part)
