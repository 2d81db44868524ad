"""The doctor command: looks at a project with every check that is wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gitlembic.adapters.settings_files import read_settings
from gitlembic.commands.evidence import open_evidence
from gitlembic.doctor.diagnosis import choose, diagnose, unknown_words
from gitlembic.doctor.registry import CHECKS, DATABASE_GROUP
from gitlembic.errors import BrokenInputError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gitlembic.doctor.diagnosis import Diagnosis


def examine(
    options: Sequence[str],
    *,
    select: Sequence[str],
    ignore: Sequence[str],
    against: Sequence[str] = (),
    with_database: bool = False,
    with_open: bool = False,
) -> Diagnosis:
    """What is wrong with the project that Alembic's global options choose.

    `against` names commits whose chain has to be the beginning of this one; raises where one has none.
    `select` and `ignore` are codes, beginnings of codes, or names, all of which exist. A database is
    only asked `with_database`, other branches are only looked at `with_open`.
    """
    settings = read_settings(options)
    for word in unknown_words(CHECKS, settings.doctor_ignore):
        raise BrokenInputError(
            f"doctor.ignore in the configuration names {word!r}, which is no check",
            "`gitlembic doctor --list-checks` lists them",
        )
    checks = CHECKS if with_database else tuple(check for check in CHECKS if check.group != DATABASE_GROUP)
    wanted = choose(checks, select, (*ignore, *settings.doctor_ignore))
    with open_evidence(options, settings, against, with_open=with_open) as project:
        cache = None if against or with_open else project.known_findings()
        known = {} if cache is None else cache.load()
        diagnosis = diagnose(project.evidence, wanted, known)
        found = {**known, **diagnosis.lasting()}
        if cache is not None and found != known:
            project.keep_findings(cache, found)
        return replace(diagnosis, caches=project.caches())
