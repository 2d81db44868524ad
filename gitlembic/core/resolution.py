"""The answer to "which chains does this project have?", and where it came from."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from gitlembic.core.chain import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitlembic.core.chain import Birth, Chain, Link
    from gitlembic.core.history import CommitId
    from gitlembic.core.migration import RevisionId


class Resolution(NamedTuple):
    """All chains of one project at one state.

    `head` is the commit the state builds on (`None` without a repository, or before the first
    commit), `at` the name that was asked for (`None` for the working tree). `births` describes
    the commits that the chains' links name in `born`. `name` tells an answer that was remembered from
    all others; empty for others.
    """

    chains: tuple[Chain, ...]
    head: CommitId | None = None
    at: str | None = None
    births: Mapping[CommitId, Birth] = MappingProxyType({})
    name: str = ""

    @property
    def source(self) -> Source:
        """The first chain's that needed one; `DECLARED` if none did."""
        return next((chain.source for chain in self.chains if chain.source is not Source.DECLARED), Source.DECLARED)

    @property
    def is_dynamic(self) -> bool:
        return any(chain.is_dynamic for chain in self.chains)

    @property
    def links(self) -> dict[RevisionId, Link]:
        return {link.revision: link for chain in self.chains for link in chain.links}
