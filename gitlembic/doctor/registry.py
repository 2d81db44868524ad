"""All checks, in the order of their codes."""

from __future__ import annotations

from gitlembic.doctor.checks.comparison import NOT_APPEND_ONLY, SIDE_HEAD_WHEN_MERGED
from gitlembic.doctor.checks.database import (
    AHEAD,
    BEHIND,
    CHANGED_SINCE_IT_RAN,
    MISSING_MIGRATION,
    OVERLAPPING_POSITIONS,
    UNKNOWN_POSITION,
    UNREACHABLE_DATABASE,
)
from gitlembic.doctor.checks.declared import CYCLE, DUPLICATE_REVISION, LATE_DEPENDENCY, MISSING_REVISION
from gitlembic.doctor.checks.environment import (
    CONTRADICTING_CHAIN_FILE,
    MISSING_CHAIN_FILE,
    MISSING_GREENLET,
    NO_REPOSITORY,
    OTHER_LIBRARY_ORDER,
    OTHER_PATH,
    SHALLOW_CLONE,
    STALE_CHAIN_FILE,
    STATIC_TEMPLATE,
    TRACKED_CHAIN_FILE,
    UNKNOWN_CHAIN,
    UNKNOWN_MAINLINE,
)
from gitlembic.doctor.checks.files import COMPUTED, NAMELESS, REUSED_REVISION, UNCOMMITTED, UNLOADED, UNPARSABLE
from gitlembic.doctor.checks.heads import SIDE_HEAD
from gitlembic.doctor.checks.meaning import SAME_TABLE, SAME_THING
from gitlembic.doctor.checks.open_branches import OPEN_BRANCH
from gitlembic.doctor.checks.past import (
    DELETED,
    EDITED_CODE,
    FOXTROT,
    RELANDED,
    REPARENTED,
    UNDECLARED_ORDER,
)
from gitlembic.doctor.diagnosis import CRASHED

GROUPS = {"GL1": "chain", "GL2": "files", "GL3": "environment", "GL4": "database", "GL5": "meaning"}
"""What the first part of a code stands for."""

DATABASE_GROUP = "GL4"
"""Whose checks ask a database, and so are only made where that is wanted."""

CHECKS = (
    SIDE_HEAD,
    MISSING_REVISION,
    DUPLICATE_REVISION,
    CYCLE,
    LATE_DEPENDENCY,
    UNDECLARED_ORDER,
    RELANDED,
    FOXTROT,
    REPARENTED,
    NOT_APPEND_ONLY,
    SIDE_HEAD_WHEN_MERGED,
    OPEN_BRANCH,
    UNPARSABLE,
    COMPUTED,
    UNCOMMITTED,
    EDITED_CODE,
    DELETED,
    UNLOADED,
    NAMELESS,
    REUSED_REVISION,
    CRASHED,
    UNKNOWN_CHAIN,
    SHALLOW_CLONE,
    STALE_CHAIN_FILE,
    CONTRADICTING_CHAIN_FILE,
    TRACKED_CHAIN_FILE,
    MISSING_CHAIN_FILE,
    STATIC_TEMPLATE,
    NO_REPOSITORY,
    UNKNOWN_MAINLINE,
    MISSING_GREENLET,
    OTHER_LIBRARY_ORDER,
    OTHER_PATH,
    UNREACHABLE_DATABASE,
    UNKNOWN_POSITION,
    AHEAD,
    BEHIND,
    OVERLAPPING_POSITIONS,
    MISSING_MIGRATION,
    CHANGED_SINCE_IT_RAN,
    SAME_THING,
    SAME_TABLE,
)
