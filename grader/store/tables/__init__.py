"""Tables. Nothing here is particular to SQLite: the same schema is used on PostgreSQL.

::

    users ──┬── enrolments, section_members ── courses ── sections, assignments ── extensions
            ├── uploads, roster_imports ────────┘                                       │
            ├── sign_ins, api_tokens, password_links, notices, watch_entries            │
            ├── overrides, standings ───────────────────────────────────────────────────┤
            ├── first_predictions ── submissions
            └── submissions ────────────────────────────────────────────────────────────┘
                    ├── judgings ── check_results          regrades ── regrade_items
                    ├── pictures                           comments ── commented_submissions
                    └── sources (each text once)           audit_events, workers (refer to nobody by key)

There are no ORM relationships: a row must stay usable when its transaction is over, and a
lazy load hidden in a template is a query nobody counted.
"""

from grader.store.tables.accounts import ApiToken, AuditEvent, Notice, PasswordLink, SignIn, User
from grader.store.tables.base import Base, CourseRole, Role, State, UtcDateTime, utcnow
from grader.store.tables.courses import (
    Assignment,
    Counts,
    Course,
    Enrolment,
    Extension,
    Feedback,
    Section,
    SectionMember,
    WatchEntry,
    WatchState,
)
from grader.store.tables.grades import (
    Comment,
    CommentedSubmission,
    Override,
    Regrade,
    RegradeItem,
    RegradeKind,
    RegradeState,
    Standing,
)
from grader.store.tables.predictions import FirstPrediction
from grader.store.tables.rosters import RosterImport, Upload
from grader.store.tables.submissions import (
    CheckResult,
    Draft,
    Judging,
    Picture,
    ReplacedDraft,
    Source,
    Submission,
)
from grader.store.tables.workers import Worker

__all__ = [
    "ApiToken",
    "Assignment",
    "AuditEvent",
    "Base",
    "CheckResult",
    "Comment",
    "CommentedSubmission",
    "Counts",
    "Course",
    "CourseRole",
    "Draft",
    "Enrolment",
    "Extension",
    "Feedback",
    "FirstPrediction",
    "Judging",
    "Notice",
    "Override",
    "PasswordLink",
    "Picture",
    "Regrade",
    "RegradeItem",
    "RegradeKind",
    "RegradeState",
    "ReplacedDraft",
    "Role",
    "RosterImport",
    "Section",
    "SectionMember",
    "SignIn",
    "Source",
    "Standing",
    "State",
    "Submission",
    "Upload",
    "User",
    "UtcDateTime",
    "WatchEntry",
    "WatchState",
    "Worker",
    "utcnow",
]
