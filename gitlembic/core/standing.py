"""Where a database stands in a chain: what it has run of it, what it left out, and what is newer there than here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gitlembic.core.journal import applied, catch_up, gaps
from gitlembic.core.rescue import lineage, needs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gitlembic.core.chain import Link
    from gitlembic.core.journal import Entry
    from gitlembic.core.migration import RevisionId

    Links = Mapping[RevisionId, Link]


@dataclass(frozen=True)
class Standing:
    """Of one database against the chain of one checkout; revisions in the chain's order.

    `unknown` are the positions that the chain does not have. `ran` is what the journal counts as
    run, `None` without one. `missing` never ran, says the journal, and stands before the position;
    at a position that is unknown, whatever of the chain never ran. `pending` comes after the
    position, and so does what is `passed`, which ran already, says the journal: an upgrade does not run
    it again. Of an unknown position nothing is known to come after it.
    """

    unknown: tuple[str, ...]
    pending: tuple[str, ...]
    missing: tuple[str, ...] = ()
    passed: tuple[str, ...] = ()
    ran: Mapping[str, Entry] | None = None

    @property
    def is_ahead(self) -> bool:
        """Whether all of the chain ran, and more."""
        return bool(self.unknown) and self.ran is not None and not self.missing


def stand(links: Links, heads: frozenset[str], journal: Sequence[Entry]) -> Standing:
    """Where a database stands whose table of versions has `heads`; without entries it has no journal."""
    unknown = tuple(sorted(heads - links.keys()))
    before = run_before(links, heads)
    after = () if unknown else gaps(links, frozenset(before))
    if not journal:
        return Standing(unknown, after)
    late = catch_up(journal, heads, links.keys(), lambda position: frozenset(run_before(links, position)))
    ran = applied(journal if late is None else (*journal, late))
    return Standing(
        unknown,
        pending=gaps(after, ran),
        missing=gaps(links if unknown else before, ran),
        passed=tuple(revision for revision in after if revision in ran),
        ran=ran,
    )


def run_before(links: Links, heads: Iterable[str]) -> tuple[str, ...]:
    """Those of `heads` that are known, and all that have to run before them, in the order of `links`."""
    found = lineage(needs_of(links), [revision for revision in links if revision in frozenset(heads)])
    return tuple(revision for revision in links if revision in found)
