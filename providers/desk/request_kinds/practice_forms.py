"""Request forms of a practice's office manager: choosing among its own people, and what is opened."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from portals.desk import actions as desk
from portals.desk import own_requests
from portals.desk.actions import Asker
from portals.desk.own_requests import RequestForm
from portals.models import DeskRequest
from portals.scope import Portal, Scope
from providers import queries
from providers.access import Provider
from providers.enums import PracticeRole

MANAGERS = {Portal.PROVIDER: Provider.MANAGE_STAFF}


def offer_people(form: RequestForm, field: str, *, managers: bool) -> None:
    """Offer the people of the asker's own practice."""
    rows = queries.staff(form.scope, at=timezone.now())
    choice = form.fields[field]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = [(str(row.id), row.name) for row in rows if not managers or row.role == PracticeRole.MANAGER]


def chosen_name(form: RequestForm, field: str) -> str:
    choice = form.fields[field]
    assert isinstance(choice, forms.ChoiceField)
    return str(dict(choice.choices)[form.cleaned_data[field]])  # type: ignore[arg-type]  # set by offer_people


def open_request(kind: str, scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    practice = queries.practice(scope)
    days = {name: data[name] for name in ("last_day", "authorized_on") if name in data}
    detail = {name: value for name, value in data.items() if name != "once"}
    detail |= {name: day.isoformat() for name, day in days.items()}
    row = desk.open_request(
        kind=kind,
        key=own_requests.key(kind, scope, data),
        title=practice.name,
        detail={"practice": practice.name, "provider_id": practice.provider_id, **detail},
        due_date=days.get("last_day"),
        party=scope.party,
        by=scope,
        asker=Asker.of(scope),
    )
    return [row]
