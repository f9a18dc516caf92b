"""The menu of the service desk: each app hands in the pages that it has there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from portals.access import Desk
from portals.doors import NavEntry
from portals.scope import Scope


@dataclass(frozen=True, slots=True)
class DeskPage:
    """`place` in the menu, daily work first: of a long list the header shows the first few, the rest under "More".
    `prefix` of the URL names that mark the entry as current."""

    place: int
    permission: Desk
    label: Any
    url_name: str
    prefix: str


_pages: list[DeskPage] = []

OWN = (
    DeskPage(10, Desk.WORK_QUEUE, _("Queues"), "desk:home", "desk:home"),
    DeskPage(20, Desk.REVIEW_ACTIVITY, _("Alerts"), "desk:alerts", "desk:alert"),
    DeskPage(30, Desk.READ_LEDGER, _("Ledger"), "desk:ledger", "desk:ledger"),
    DeskPage(70, Desk.REVIEW_LOOKS, _("Looks to review"), "desk:looks", "desk:look"),
    DeskPage(90, Desk.HELP_SIGN_IN, _("Sign-in help"), "desk:sign_in_help", "desk:sign_in_help"),
    DeskPage(100, Desk.EXPLAIN_ACCESS, _("Access"), "desk:explain", "desk:explain"),
    DeskPage(140, Desk.REVIEW_ACTIVITY, _("Activity reviews"), "desk:activity", "desk:activity"),
    DeskPage(150, Desk.SEE_INVITATIONS, _("Invitations"), "desk:invitations", "desk:invit"),
    DeskPage(160, Desk.SEE_REVIEWS, _("Access reviews"), "desk:reviews", "desk:review"),
    DeskPage(170, Desk.EDIT_HELP, _("Help directory"), "directory:contacts", "directory:"),
    DeskPage(180, Desk.EDIT_HELP, _("Announcements"), "news:list", "news:"),
    DeskPage(190, Desk.VIEW_AS, _("See as a user"), "desk:view_as", "desk:view_as"),
    DeskPage(200, Desk.MANAGE_STAFF, _("Plan staff"), "desk:staff", "desk:staff"),
    DeskPage(210, Desk.HOLD_LEDGER, _("Legal holds"), "desk:holds", "desk:hold"),
    DeskPage(220, Desk.WORK_QUEUE, _("Who may do what"), "desk:roles", "desk:roles"),
    DeskPage(230, Desk.MOVE_CLOCK, _("Business date"), "desk:business_date", "desk:business_date"),
)


def register(*pages: DeskPage) -> None:
    _pages.extend(pages)
    _pages.sort(key=lambda page: page.place)


def entries(scope: Scope) -> list[NavEntry]:
    return [(page.label, page.url_name, page.prefix) for page in _pages if page.permission in scope.permissions]
