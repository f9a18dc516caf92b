"""How requests of practices show what was said in a call or filled in, label by label."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from portals.desk.kinds import Facts
from portals.enums import CallerCheck
from portals.models import DeskRequest
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


def facts_of(detail: dict[str, Any]) -> Facts:
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
    return [(label, str(text(shown[name]))) for name, label, text in _LABELS if shown.get(name)]


def facts(request: DeskRequest) -> Facts:
    return facts_of(request.detail)


def practice_page(request: DeskRequest) -> str:
    """Where the help desk ends a place at the practice that asks."""
    return f"{reverse('provider_calls:left')}?{urlencode({'provider_id': request.detail['provider_id']})}"
