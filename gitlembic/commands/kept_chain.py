"""Leaves the chain that a command ran with as JSON, for other programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitlembic.adapters.chain_cache import ChainCache
from gitlembic.adapters.project_home import find_homes
from gitlembic.core.chain_format import compact_end, render_compact_json

if TYPE_CHECKING:
    from gitlembic.adapters.project import Project
    from gitlembic.core.resolution import Resolution


def keep(project: Project, resolution: Resolution) -> None:
    """Leave the chain in the git directory, if there is one.

    What was left of an answer that has a name is not put into words again, only to be found there.
    """
    directory = next((home.repository for home in find_homes(project) if home.repository), None)
    if directory is not None:
        locations = [location.path for chain in resolution.chains for location in chain.place]
        cache = ChainCache(directory, locations)
        if not (resolution.name and cache.keep_as_it_is(compact_end(resolution))):
            cache.keep(render_compact_json(resolution))
