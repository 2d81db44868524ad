"""Why Alembic stopped -> what git knows about it, for whoever has to go on."""

from __future__ import annotations

import contextlib
import difflib
from typing import TYPE_CHECKING

from gitlembic.adapters.git_repository import GitRepository
from gitlembic.adapters.project_home import find_homes
from gitlembic.adapters.scan_cache import ScanCache
from gitlembic.adapters.settings_files import read_settings
from gitlembic.adapters.versions_dir import WorkingTreeHistory
from gitlembic.commands.find_revision import describe, find_revision
from gitlembic.commands.originals import explain_name_inside_squash
from gitlembic.commands.rebase import plan_rebase
from gitlembic.core.arrival import find_arrival
from gitlembic.core.chain import name_some
from gitlembic.core.explanation import Explanation, SeveralHeads
from gitlembic.core.heads import Coming, Head, Offer, branch_labels, cured, explain_heads, last_common
from gitlembic.core.history import WORKING_TREE, HistoryUnknownError
from gitlembic.core.presence import Presences
from gitlembic.core.standing import stand
from gitlembic.core.whereabouts import matching
from gitlembic.core.whereabouts_text import explain_position, explain_whereabouts, fetching
from gitlembic.errors import CannotTellError, GitlembicError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.adapters.alembic_project import Project
    from gitlembic.adapters.database_position import DatabaseState
    from gitlembic.adapters.project_home import Home
    from gitlembic.core.chain import Chain, Link
    from gitlembic.core.explanation import UnknownRevision
    from gitlembic.core.resolution import Resolution

_NEVER_IN_REVISIONS = frozenset("@+-:")


def explain(
    stop: SeveralHeads | UnknownRevision,
    project: Project,
    resolution: Resolution,
    options: Sequence[str],
    databases: Sequence[DatabaseState] | None = None,
) -> Explanation | None:
    """What is to be said beside Alembic's message; nothing of a static project without a repository.

    `options` are those that chose the project; `databases` spare asking whoever has asked already.
    Raises `GitlembicError` for a repository that cannot be read.
    """
    homes = find_homes(project)
    if not resolution.is_dynamic and not any(home.repository for home in homes):
        return None
    if isinstance(stop, SeveralHeads):
        return _explain_heads(stop, homes, resolution, options)
    explanation = _explain_unknown(stop, project, resolution)
    if stop.typed or explanation is None:
        return explanation
    return _with_journal(explanation, options, resolution, databases)


def not_to_be_looked_up(error: GitlembicError) -> Explanation:
    """What is to be said instead where git cannot be read."""
    return Explanation((f"Where it is cannot be looked up: {error.message}",), error.hint)


def _explain_heads(
    stop: SeveralHeads, homes: Sequence[Home], resolution: Resolution, options: Sequence[str]
) -> Explanation | None:
    links = resolution.links
    wanted = stop.heads or tuple(head for chain in resolution.chains for head in chain.heads)
    found = [(chain, link) for chain in resolution.chains for link in chain.links if link.revision in wanted]
    heads = [_head(chain, link, homes) for chain, link in found]
    if len(heads) < max(2, len(wanted)):
        return None  # a merge has joined them; or the heads are those of somebody's env.py
    labels = branch_labels(links, [head.link.revision for head in heads])
    rebase = _planned(options)
    helps = rebase.refusal is not None or cured(links, wanted, labels, rebase.moves)
    common = [links[one].placed for one in last_common(links, [head.link.revision for head in heads])]
    return explain_heads(heads, labels, rebase if helps else Offer(), common)


def _planned(options: Sequence[str]) -> Offer:
    """What `gitlembic rebase` would do."""
    try:
        rewrites = plan_rebase(options).rewrites
    except GitlembicError as refusal:
        return Offer(refusal=refusal)
    return Offer(
        tuple(rewrite.move for rewrite in rewrites),
        tuple(rewrite.move.placed.path for rewrite in rewrites if not rewrite.committed),
    )


def _head(chain: Chain, link: Link, homes: Sequence[Home]) -> Head:
    home = next((home for home in homes if home.repository and set(chain.place) <= set(home.place)), None)
    if home is None or home.repository is None:
        return Head(link, chain, Coming.NOT_IN_GIT)
    try:
        with GitRepository(home.repository) as repository:
            on_disk = WorkingTreeHistory(home.root, repository, ScanCache(home.repository, home.place))
            arrival = find_arrival(Presences(on_disk), WORKING_TREE, chain.place, link.revision)
            if arrival is None or arrival.added == WORKING_TREE:
                return Head(link, chain, Coming.UNCOMMITTED)
            merge = describe(repository, arrival.merge) if arrival.merge not in {None, WORKING_TREE} else None
            return Head(link, chain, Coming.COMMITTED, describe(repository, arrival.added), merge)
    except (HistoryUnknownError, CannotTellError):
        return Head(link, chain, Coming.UNKNOWN)


def _with_journal(
    explanation: Explanation,
    options: Sequence[str],
    resolution: Resolution,
    databases: Sequence[DatabaseState] | None,
) -> Explanation:
    """With what the journal of a database that stands elsewhere makes possible, if it has one and can be asked."""
    with contextlib.suppress(GitlembicError), contextlib.redirect_stdout(None):  # env.py has printed already
        if read_settings(options).journal:
            from gitlembic.adapters.database_position import read_databases  # once more  # noqa: PLC0415

            journaled = [one for one in databases or read_databases(options) if one.journal]
            if any(stand(resolution.links, one.heads, one.journal).is_ahead for one in journaled):
                return Explanation(
                    (*explanation.facts, "By its journal, it has run all that this checkout has, and more."),
                    f"`gitlembic upgrade head` leaves it as it is; to go on from there, {explanation.hint}",
                )
            if journaled:
                return Explanation(
                    explanation.facts,
                    f"{explanation.hint}; or `gitlembic rescue --keep` undoes nothing, and runs what never ran there",
                )
    return explanation


def _explain_unknown(stop: UnknownRevision, project: Project, resolution: Resolution) -> Explanation | None:
    if stop.typed and not _NEVER_IN_REVISIONS.isdisjoint(stop.name):
        fact = f"No revision can be called {stop.name}: neither a range nor a relative revision is taken here."
        return Explanation((fact,), "`gitlembic history` lists the revisions")
    here = matching(stop.name, (link.placed for link in resolution.links.values()))
    if here:
        named = name_some({placed.migration.revision: placed for placed in here})
        fact = f"{stop.name} is the beginning of several" if len(here) > 1 else "Not on the branch that was named"
        return Explanation((f"{fact}: {named}.",), "`gitlembic history` shows whole revisions and branches")
    inside = explain_name_inside_squash(project, resolution, stop.name) if stop.typed else None
    if inside is not None:
        return inside
    whereabouts = find_revision(project, stop.name)
    heading = (
        f"No migration here is called {stop.name}."
        if stop.typed
        else f"The database stands at {stop.name}, which no migration here has."
    )
    if whereabouts is None:
        return Explanation((heading,), "look for it where the repository of these migrations is")
    explanation = explain_whereabouts(whereabouts) if stop.typed else explain_position(whereabouts)
    hint = explanation.hint
    if stop.typed and not whereabouts.answers:
        near = " or ".join(_near(stop.name, resolution))
        listed = "`gitlembic history` lists what is here"
        hint = f"did you mean {near}?" if near else "; ".join(filter(None, [listed, fetching(whereabouts)]))
    return Explanation((heading, *explanation.facts), hint)


def _near(name: str, resolution: Resolution) -> Sequence[str]:
    labels = [label for link in resolution.links.values() for label in link.placed.migration.branch_labels]
    names = ["head", "heads", "base", *labels, *resolution.links]
    return difflib.get_close_matches(name, names) or difflib.get_close_matches(name.lower(), names)  # `HEAD`, as in git
