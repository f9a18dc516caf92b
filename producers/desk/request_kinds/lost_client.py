"""A client that was lost in the migration (P20): the producer says which, with the papers that show they hold it;
client management looks up who held it before, may ask for more papers, and opens it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.queries import clients
from portals.access import Desk, Own
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk import own_requests
from portals.desk.actions import Asker
from portals.desk.forms import ATTACHMENT
from portals.desk.kinds import Decision, DecisionForm, Facts, RequestKind
from portals.desk.own_requests import RequestForm, RequestFormPage
from portals.enums import Team
from portals.files.forms import UploadsField
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import Portal, Scope
from producers.desk.request_kinds.clients import open_clients
from producers.models import Agency
from producers.queries import book, people

KIND = "producer.lost_client"


class LostClientForm(RequestForm):
    client_name = forms.CharField(label=gettext_lazy("Name of the client"), max_length=100)
    number = forms.CharField(
        label=gettext_lazy("Client ID, here or on the previous system"), max_length=30, required=False
    )
    since = forms.CharField(
        label=gettext_lazy("Since when you work for it, and as what"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    papers = UploadsField(
        label=gettext_lazy("Papers that show it"),
        help_text=gettext_lazy("For example the client's letter that names you its broker of record."),
        kind=ATTACHMENT,
        required=False,
    )
    field_order = ("client_name", "number", "since", "papers")


def _open(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    assert scope.home is not None
    row = desk.open_request(
        kind=KIND,
        key=own_requests.key(KIND, scope, data),
        title=_("A client is missing: %(name)s") % {"name": data["client_name"]},
        detail={**{name: data[name] for name in ("client_name", "number", "since")}, "agency": scope.home.id},
        party=scope.home,
        by=scope,
        asker=Asker.of(scope),
        files=data["papers"],
    )
    return [row]


def _facts(request: DeskRequest) -> Facts:
    detail = request.detail
    agency = Agency.objects.get(pk=detail["agency"])
    return [
        (_("For the agency"), f"{agency.name}, {agency.agent_id}"),
        (_("Client"), detail["client_name"]),
        (_("Number as typed"), detail["number"] or _("None")),
        (_("Since when, and as what"), detail["since"]),
    ]


class FoundForm(DecisionForm):
    client_id = forms.CharField(
        label=gettext_lazy("Client ID of the client that is meant"),
        help_text=gettext_lazy("Compare name, state and papers before you open it."),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_client_id(self) -> str:
        client_id: str = self.cleaned_data["client_id"].strip()
        found = clients.numbered([client_id]).get(client_id)
        if found is None:
            raise forms.ValidationError(_("No client has this Client ID. Check it."))
        if found.id in book.granted_clients(self.request.detail["agency"], as_of=clock.today()):
            raise forms.ValidationError(_("This client is open to the agency already."))
        return client_id


def _summary(request: DeskRequest, decision: dict[str, Any]) -> Facts:
    found = clients.numbered([decision["client_id"]]).get(decision["client_id"])
    return [(_("Open"), f"{found.name}, {found.client_id}, {found.state}" if found else decision["client_id"])]


def _carry_out(request: DeskRequest, decision: dict[str, Any], by: Scope) -> None:
    open_clients(agency_id=request.detail["agency"], client_ids=[decision["client_id"]], by=by)


def register() -> None:
    desk_kinds.register(
        KIND,
        RequestKind(
            team=Team.CLIENT_MANAGEMENT,
            label=gettext_lazy("Client lost in the move"),
            business_days=5,
            facts=_facts,
            decision=Decision(
                form=FoundForm,
                summary=_summary,
                carry_out=_carry_out,
                permission=Desk.GRANT_CLIENTS,
                whose=lambda request, _decision: people.working_for(request.detail["agency"]),
            ),
        ),
    )
    own_requests.register(
        "lost-client",
        RequestFormPage(
            portals={Portal.PRODUCER: Own.ASK},
            title=gettext_lazy("A client of mine is missing since the move"),
            lead=gettext_lazy("Client management looks up who held it before, and may ask you for more papers."),
            form=LostClientForm,
            open=_open,
        ),
    )
