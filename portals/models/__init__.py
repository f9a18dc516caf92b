"""The door's records: people who sign in, work to do later, mail, files, the desk's requests, the help directory."""

from portals.models.plan import Announcement, HelpContact, PlanClock, PlanClosing, StateRule
from portals.models.sign_in import AccessCode, ActingSession, Attempt
from portals.models.users import StaffRole, User, UserManager
from portals.models.work import DeskRemark, DeskRequest, Job, OutboxMail, StoredChunk, StoredFile

__all__ = [
    "AccessCode",
    "ActingSession",
    "Announcement",
    "Attempt",
    "DeskRemark",
    "DeskRequest",
    "HelpContact",
    "Job",
    "OutboxMail",
    "PlanClock",
    "PlanClosing",
    "StaffRole",
    "StateRule",
    "StoredChunk",
    "StoredFile",
    "User",
    "UserManager",
]
