"""The door's records: people who sign in, work to do later, mail, files, the desk's requests, access reviews,
the help directory."""

from portals.models.alerts import ActivityReview, Alert, AlertEvent, AlertMark, AlertNote, AlertSetting
from portals.models.desk import DeskAttachment, DeskProposal, DeskRemark, DeskRequest
from portals.models.exceptional_access import BreakGlass, ViewAs
from portals.models.plan import Announcement, HelpContact, PlanClock, PlanClosing, StateRule
from portals.models.reviews import AccessReview, AccessReviewLine
from portals.models.sign_in import (
    AccessCode,
    AccountNotice,
    ActingSession,
    Attempt,
    AuthenticatorApp,
    BreachedPassword,
    Draft,
    EmailCodes,
    Invitation,
    KnownBrowser,
    RecoveryCode,
    RecoveryCodes,
    SignedIn,
)
from portals.models.users import StaffProposal, StaffRole, User, UserManager
from portals.models.work import Job, OutboxMail, StoredChunk, StoredFile

__all__ = [
    "AccessCode",
    "AccessReview",
    "AccessReviewLine",
    "AccountNotice",
    "ActingSession",
    "ActivityReview",
    "Alert",
    "AlertEvent",
    "AlertMark",
    "AlertNote",
    "AlertSetting",
    "Announcement",
    "Attempt",
    "AuthenticatorApp",
    "BreachedPassword",
    "BreakGlass",
    "DeskAttachment",
    "DeskProposal",
    "DeskRemark",
    "DeskRequest",
    "Draft",
    "EmailCodes",
    "HelpContact",
    "Invitation",
    "Job",
    "KnownBrowser",
    "OutboxMail",
    "PlanClock",
    "PlanClosing",
    "RecoveryCode",
    "RecoveryCodes",
    "SignedIn",
    "StaffProposal",
    "StaffRole",
    "StateRule",
    "StoredChunk",
    "StoredFile",
    "User",
    "UserManager",
    "ViewAs",
]
