"""Help with the website, for everybody who has an account; the help desk answers."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.access import Own
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk import own_requests
from portals.desk.actions import Asker
from portals.desk.kinds import Facts, RequestKind
from portals.desk.own_requests import RequestForm, RequestFormPage
from portals.enums import Team
from portals.models import DeskRequest
from portals.scope import Portal, Scope

KIND = "portal.website"


class WebsiteForm(RequestForm):
    subject = forms.CharField(label=gettext_lazy("In a few words"), max_length=100)
    text = forms.CharField(
        label=gettext_lazy("What happened, and what did you expect?"),
        help_text=gettext_lazy("No health facts and no numbers of members, please: the help desk needs neither."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )


def _open(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    row = desk.open_request(
        kind=KIND,
        key=own_requests.key(KIND, scope, data),
        title=data["subject"],
        detail={"text": data["text"]},
        party=scope.party,
        by=scope,
        asker=Asker.of(scope),
    )
    return [row]


def _facts(request: DeskRequest) -> Facts:
    return [(_("What happened"), request.detail["text"])]


def register() -> None:
    desk_kinds.register(
        KIND, RequestKind(Team.HELP_DESK, gettext_lazy("Help with this website"), business_days=2, facts=_facts)
    )
    own_requests.register(
        "website",
        RequestFormPage(
            portals=dict.fromkeys((Portal.EMPLOYER, Portal.PROVIDER, Portal.PRODUCER), Own.ASK),
            title=gettext_lazy("Help with this website"),
            lead=gettext_lazy("Something does not work, or you do not find it."),
            form=WebsiteForm,
            open=_open,
        ),
    )
