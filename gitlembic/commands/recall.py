"""The answer of the last time, where everything is as it was then.

It follows from the files on disk, from HEAD and what is being merged into it, and from where a shallow
clone ends; nothing else is looked at, and nothing else of gitlembic is imported.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from gitlembic.adapters.scan_cache import ScanCache
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.core.answer import answer_document, answer_from
from gitlembic.errors import GitlembicError

if TYPE_CHECKING:
    from gitlembic.adapters.project_home import Home
    from gitlembic.core.chain import Chain, Source
    from gitlembic.core.resolution import Resolution


def scan(home: Home) -> WorkingTreeHistory:
    """The files of a home, with what is remembered of them."""
    return WorkingTreeHistory(home.root, cache=ScanCache(home.repository, home.place))


def recall(home: Home, on_disk: WorkingTreeHistory) -> Resolution | None:
    """The answer for a home in whose files, and in whose repository, nothing has changed; `None` if it is not known."""
    found = on_disk.conclusion(home.place)
    if found is None:
        return None
    document, declared = found
    state = read_state(home)
    if state is None or not isinstance(document, dict) or document.get("state") != state:
        return None
    answer = answer_from(document.get("answer"), declared)
    if answer is None or {location for chain in answer.chains for location in chain.place} != {*home.place}:
        return None
    chains = tuple(placed_at(home, chain, chain.source) for chain in answer.chains)
    return answer._replace(chains=chains, name=on_disk.conclusion_name)


def conclusion(state: list[Any], answer: Resolution) -> dict[str, Any]:
    """What `recall` recognises."""
    return {"state": state, "answer": answer_document(answer)}


def read_state(home: Home) -> list[Any] | None:
    """What an answer depends on beside the files; `None` where that is more than can be told here."""
    repository = home.repository
    if repository is None or home.has_chain_file(home.place):
        return None
    try:
        return [repository.read_head(), [*repository.read_merge_heads()], sorted(repository.read_shallow())]
    except GitlembicError:  # which whoever needs it will say
        return None


def placed_at(home: Home, chain: Chain, source: Source) -> Chain:
    """The chain, saying where it lives and what its order was taken from."""
    directories = tuple(map(os.fspath, home.directories(chain.place)))
    return chain._replace(source=source, directories=directories, root=os.path.realpath(home.root))
