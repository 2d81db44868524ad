"""The chains of locations that only a chain file can order."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from gitlembic.adapters.chain_file import chain_file_paths
from gitlembic.commands.part import Part, checked, declared_chains, is_dynamic, why_not_git
from gitlembic.commands.recall import placed_at
from gitlembic.core.chain import Source, chain_from_line
from gitlembic.core.chain_file import (
    as_recorded,
    line_from_entries,
    missing_entries,
)
from gitlembic.core.fold import FoldedLine
from gitlembic.core.grouping import declared_connections, group_locations
from gitlembic.core.history import WORKING_TREE
from gitlembic.errors import BrokenInputError, CannotTellError

if TYPE_CHECKING:
    from gitlembic.adapters.project_home import Home
    from gitlembic.core.presence import Place, Presences

_REWRITE = "write the chain file again where the whole history is: `gitlembic chain --write`"


def answer_from_chain_file(home: Home, presences: Presences, place: Place) -> Part:
    """The chains as the chain files record them; refuses a stale record, and one that is none."""
    presence = checked(presences, WORKING_TREE, place)
    if not is_dynamic(presence):
        return Part(declared_chains(home, presences, WORKING_TREE, place))
    entries = home.read_chain_files(place)
    paths = " or ".join(map(os.fspath, chain_file_paths(home.directories(place))))
    if entries is None:
        raise CannotTellError(
            f"{why_not_git(home)}, and there is no chain file ({paths}), "
            "so the order of the dynamic migrations is not known",
            "write one where the history is, and bring it here: `gitlembic chain --write`",
        )
    stale = missing_entries(entries, presence.migrations)
    if stale:
        names = ", ".join(f"{placed.migration.revision} ({placed.shown})" for placed in stale)
        raise CannotTellError(f"the chain file {paths} is stale, it lacks {names}", _REWRITE)
    chains = []
    for group in group_locations(place, declared_connections(place, as_recorded(entries, presence.migrations))):
        migrations = presences.at(WORKING_TREE, group).migrations
        line = line_from_entries(entries, migrations)
        if line is None:
            raise BrokenInputError(f"the chain file {paths} records no chain for the migrations here", _REWRITE)
        chains.append(placed_at(home, chain_from_line(group, FoldedLine(line, {})), Source.CHAIN_FILE))
    return Part(tuple(chains))
