"""The providers' kinds of request at the service desk, and how what was said is put into words there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portals import users
from portals.access import Desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import Decision, Kind, Said
from portals.enums import CallerCheck, Team
from portals.models import DeskRequest
from providers import enums
from providers.actions import offices
from providers.desk.forms import OfficeDecisionForm
from providers.enums import About, Heard, Situation, Successor


def _day(value: str) -> str:
    return date_format(dt.date.fromisoformat(value))


def _tax_id(value: str) -> str:
    return f"{value[:2]}-{value[2:]}"


_LABELS: tuple[tuple[str, Any, Callable[[Any], Any]], ...] = (
    ("situation", _("Situation"), lambda value: Situation(value).label),
    ("about", _("On whose behalf"), lambda value: About(value).label),
    ("name", _("Office"), str),
    ("practice", _("Practice"), str),
    ("provider_id", _("Provider ID"), str),
    ("tax_id", _("Tax ID"), _tax_id),
    ("npi", _("NPI"), str),
    ("address", _("Address"), str),
    ("phone", _("Telephone"), str),
    ("left", _("Who left"), ", ".join),
    ("person", _("Whose access"), str),
    ("why", _("Why"), str),
    ("last_day", _("Last day"), _day),
    ("caller", _("Caller"), str),
    ("username", _("Username named"), str),
    ("check", _("Checked"), lambda value: CallerCheck(value).label),
    ("note", _("Note"), str),
    ("heard", _("What came of it"), lambda value: Heard(value).label),
    ("call", _("Call"), str),
    ("successor", _("Who manages access then"), lambda value: Successor(value).label),
    ("manager", _("Office manager to invite"), str),
    ("authorized_by", _("Authorized by"), str),
    ("authorized_on", _("Authorized on"), _day),
)


def said(detail: dict[str, Any]) -> Said:
    """Every fact that stands there, with its label."""
    shown = dict(detail)
    if "name" in detail:  # an office's call: `practice` is a number of ours
        shown.pop("practice", None)
    if "caller_name" in detail:
        shown["caller"] = f"{detail['caller_name']}, {detail['caller_role']}"
    if "given_name" in detail:
        shown["manager"] = f"{detail['given_name']} {detail['family_name']}, {detail['email']}"
    if "city" in detail:
        shown["address"] = f"{detail['address']}, {detail['city']}, {detail['state']} {detail['zip']}"
    return [(label, str(words(shown[name]))) for name, label, words in _LABELS if shown.get(name)]


def _granted(request: DeskRequest, call: dict[str, Any]) -> Said:
    """What an approval does; the facts once more only where they were corrected since the call."""
    words = {"name": call["name"], "manager": f"{call['given_name']} {call['family_name']}, {call['email']}"}
    made = (
        _("%(name)s is on file. %(manager)s is invited as its office manager.")
        if call["practice"]
        else _("%(name)s is made with a Provider ID of its own. %(manager)s is invited as its office manager.")
    )
    same = all(request.detail.get(name) == value for name, value in call.items())
    return [(_("What comes of it"), str(made % words)), *([] if same else said(call))]


def _facts(request: DeskRequest) -> Said:
    return said(request.detail)


def _practice_page(request: DeskRequest) -> str:
    """Where the help desk ends a place at the practice that asks."""
    return f"{reverse('provider_calls:left')}?{urlencode({'provider_id': request.detail['provider_id']})}"


def _invited(request: DeskRequest) -> str:
    """The practice's invitations: sent again, taken back, or a new one."""
    return f"{reverse('desk:invitations')}?{urlencode({'q': request.detail['provider_id']})}"


def register() -> None:
    decision = Decision(
        form=OfficeDecisionForm,
        said=_granted,
        carry_out=offices.carry_out,
        permission=Desk.REGISTER_OFFICE,
        whose=lambda _request, call: users.of_address(call["email"]),
    )
    care, help_desk = Team.CUSTOMER_CARE, Team.HELP_DESK
    kinds = {
        enums.NON_PARTICIPATING: Kind(
            care, _("Access for a non-participating office"), business_days=1, facts=_facts, decision=decision
        ),
        enums.ADMINISTRATOR_LEFT: Kind(
            help_desk, _("Somebody left a practice"), url=_invited, business_days=5, facts=_facts
        ),
        enums.REGISTRATION_HELP: Kind(help_desk, _("Registration help"), business_days=2, facts=_facts),
        enums.SHARED_USERNAME: Kind(Team.PRIVACY, _("Shared username"), business_days=5, facts=_facts),
        enums.MANAGER_CHANGES: Kind(
            help_desk, _("Office manager changes"), url=_practice_page, business_days=2, facts=_facts
        ),
        enums.CANNOT_DELETE: Kind(
            help_desk, _("Account that cannot be deleted"), url=_practice_page, business_days=1, facts=_facts
        ),
    }
    for name, kind in kinds.items():
        desk_kinds.register(name, kind)
