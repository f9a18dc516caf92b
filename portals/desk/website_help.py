"""Requests of the door itself: help with signing in and with the website, from everybody who has an account."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.access import Own
from portals.desk import actions as desk
from portals.desk import asking
from portals.desk import kinds as desk_kinds
from portals.desk.actions import Asker
from portals.desk.asking import AskForm, Asking
from portals.desk.kinds import Kind, Said
from portals.enums import Team
from portals.models import DeskRequest
from portals.scope import Portal, Scope

WEBSITE = "portal.website"


class WebsiteForm(AskForm):
    subject = forms.CharField(label=gettext_lazy("In a few words"), max_length=100)
    text = forms.CharField(
        label=gettext_lazy("What happened, and what did you expect?"),
        help_text=gettext_lazy("No health facts and no numbers of members, please: the help desk needs neither."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


def _open(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    row = desk.open_request(
        kind=WEBSITE,
        key=asking.key(WEBSITE, scope, data),
        title=data["subject"],
        detail={"text": data["text"]},
        party=scope.party,
        by=scope,
        asker=Asker.of(scope),
    )
    return [row]


def _facts(request: DeskRequest) -> Said:
    return [(_("What happened"), request.detail["text"])]


def register() -> None:
    desk_kinds.register(
        WEBSITE, Kind(Team.HELP_DESK, gettext_lazy("Help with this website"), business_days=2, facts=_facts)
    )
    asking.register(
        "website",
        Asking(
            portals=dict.fromkeys((Portal.EMPLOYER, Portal.PROVIDER, Portal.PRODUCER), Own.ASK),
            title=gettext_lazy("Help with this website"),
            lead=gettext_lazy("Something does not work, or you do not find it."),
            form=WebsiteForm,
            open=_open,
        ),
    )
