"""Portal access requests (P2): somebody without an account asks, by the form of the agency's state; channel
compensation approves with entitlements ticked one by one, those usual in the state beforehand (P9, P10)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals import users
from portals.access import Desk
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.actions import Asker
from portals.desk.kinds import CannotCarryOut, Decision, DecisionForm, Facts, RequestKind
from portals.enums import Team
from portals.invitations import actions as invitations
from portals.invitations import kinds as invitation_kinds
from portals.invitations.kinds import Invitee
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import PartyRef, Scope
from producers.actions import agencies
from producers.desk.request_kinds import texts
from producers.enums import Entitlement, FormState, InvitedAs
from producers.models import Agency
from producers.queries import people

KIND = "producer.portal_access"
# What each field of the forms is called; the order is that of the paper.
LABELS: dict[str, Any] = {
    "state": gettext_lazy("State of the agency"),
    "agency_name": gettext_lazy("Agency"),
    "agent_id": gettext_lazy("Agent ID"),
    "npn": gettext_lazy("National Producer Number"),
    "delaware_license": gettext_lazy("Delaware license number"),
    "residency": gettext_lazy("License as"),
    "appointed_by": gettext_lazy("Appointed through"),
    "given_name": gettext_lazy("First name"),
    "family_name": gettext_lazy("Last name"),
    "phone": gettext_lazy("Telephone"),
    "work": gettext_lazy("What you need it for"),
}


def ask(*, by: Scope, data: dict[str, Any]) -> DeskRequest:
    """File the form; its sender gets a mail with the address of its page."""
    detail = {name: str(data[name]) for name in LABELS if data.get(name)}
    name = f"{data['given_name']} {data['family_name']}"
    return desk.open_request(
        kind=KIND,
        key=f"{KIND}:{data['once']}",
        title=_("Portal access for %(name)s, %(agency)s") % {"name": name, "agency": data["agency_name"]},
        detail=detail,
        by=by,
        asker=Asker(reply_to=data["email"]),
    )


def _facts(request: DeskRequest) -> Facts:
    return [(label, _word(name, request.detail[name])) for name, label in LABELS.items() if name in request.detail]


def _word(name: str, value: str) -> str:
    return str(FormState(value).label) if name == "state" else value


class ApproveForm(DecisionForm):
    """Into which agency, and which entitlements. A known agent ID names its agency; another one makes a new agency."""

    agent_id = forms.CharField(
        label=gettext_lazy("Agent ID of the agency"),
        help_text=gettext_lazy("Of an agency that we know; otherwise the agency is made with this ID."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    agency_name = forms.CharField(label=gettext_lazy("Name of the agency"), max_length=100)
    entitlements = forms.MultipleChoiceField(
        label=gettext_lazy("Entitlements"),
        help_text=gettext_lazy("Ticked are those usual in the agency's state."),
        choices=Entitlement.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, *args: Any, request: DeskRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        for name in ("agent_id", "agency_name"):
            self.fields[name].initial = request.detail.get(name, "")
        self.fields["entitlements"].initial = people.usual(request.detail["state"], as_of=clock.today())

    def clean_agent_id(self) -> str:
        agent_id: str = self.cleaned_data["agent_id"].strip()
        return agent_id

    def clean(self) -> None:
        agency = _known(self.cleaned_data.get("agent_id", ""))
        if agency is not None:
            try:
                texts.require_grantable(agency, self.cleaned_data.get("entitlements", ()))
            except CannotCarryOut as problem:
                self.add_error("entitlements", str(problem))


def _known(agent_id: str) -> Agency | None:
    return Agency.objects.filter(agent_id=agent_id).first()


def _summary(request: DeskRequest, decision: dict[str, Any]) -> Facts:
    known = _known(decision["agent_id"])
    agency = known.name if known else _("%(name)s (new)") % {"name": decision["agency_name"]}
    return [
        (_("Agency"), f"{agency}, {decision['agent_id']}"),
        (_("Entitlements"), texts.entitlements(decision["entitlements"])),
        (_("Invitation to"), request.reply_to),
    ]


def _carry_out(request: DeskRequest, decision: dict[str, Any], by: Scope) -> None:
    """The agency, if it is new, and an invitation that grants what was ticked once it is accepted."""
    detail = request.detail
    agency = agencies.known_or_new(
        by=by, agent_id=decision["agent_id"], name=decision["agency_name"], state=detail["state"]
    )
    texts.require_grantable(agency, decision["entitlements"])
    invitee = Invitee(
        party=PartyRef("agency", agency.pk),
        role=InvitedAs.APPROVED,
        given_name=detail["given_name"],
        family_name=detail["family_name"],
        email=request.reply_to,
        extra=tuple(decision["entitlements"]),
    )
    try:
        invitations.invite(by=by, kind="producer", invitee=invitee)
    except invitation_kinds.AlreadyThere as there:
        raise CannotCarryOut(_("This person works for the agency already and asks for entitlements there.")) from there


def register() -> None:
    desk_kinds.register(
        KIND,
        RequestKind(
            team=Team.CHANNEL_COMPENSATION,
            label=gettext_lazy("Portal access request"),
            business_days=5,
            facts=_facts,
            decision=Decision(
                form=ApproveForm,
                summary=_summary,
                carry_out=_carry_out,
                permission=Desk.GRANT_ENTITLEMENTS,
                whose=lambda request, _decision: users.of_address(request.reply_to),
            ),
        ),
    )
