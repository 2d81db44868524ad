"""A document <-> text that is read whole or not at all, whatever happened to it.

It carries its own checksum, and the version of those who wrote it.
"""

from __future__ import annotations

import hashlib
import json
import sys
from typing import Any

VERSION = f"6-{sys.version_info.major}.{sys.version_info.minor}"
"""To be raised whenever the rule of the order, the parser or this format changes what is kept.

The parser is Python's own: what one version of Python reads may be no syntax to another.
"""

_CHECKSUM_LENGTH = 32


def seal(document: object) -> str:
    """JSON text that `unseal` will know to be whole."""
    body = json.dumps([VERSION, document], separators=(",", ":"))
    return f"{_checksum(body)}\n{body}\n"


def unseal(text: str) -> Any:
    """The document in a sealed text; `None` if it is damaged or of another version."""
    checksum, _, body = text.partition("\n")
    if not body.endswith("\n") or checksum != _checksum(body[:-1]):
        return None
    try:
        sealed = json.loads(body)
    except (ValueError, RecursionError):  # whoever made it, it is not what we write
        return None
    return sealed[1] if isinstance(sealed, list) and len(sealed) == 2 and sealed[0] == VERSION else None  # noqa: PLR2004


def seal_on(text: str) -> str:
    """What tells a sealed text from all others."""
    return text.partition("\n")[0]


def _checksum(body: str) -> str:
    return hashlib.blake2b(body.encode("utf-8", "surrogatepass"), digest_size=_CHECKSUM_LENGTH // 2).hexdigest()
