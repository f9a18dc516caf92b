"""Further entitlements of a producer, oneself or, asked by the agency's contact, a colleague. Channel compensation
grants each one by itself (P2, P4-P8)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.access import Desk, Own
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk import own_requests
from portals.desk.actions import Asker
from portals.desk.kinds import Decision, DecisionForm, Facts, RequestKind
from portals.desk.own_requests import RequestForm, RequestFormPage
from portals.enums import Team
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import PartyRef, Portal, Scope
from producers.access import Producer
from producers.actions import entitlements
from producers.actions.intervals import GrantNotPossible
from producers.desk.request_kinds import texts
from producers.enums import Entitlement
from producers.models import ProducerUser
from producers.queries import book, people

KIND = "producer.entitlements"


class EntitlementsForm(RequestForm):
    place = forms.TypedChoiceField(label=gettext_lazy("For whom"), coerce=int)
    entitlements = forms.MultipleChoiceField(
        label=gettext_lazy("Which entitlements"),
        choices=Entitlement.choices,
        widget=forms.CheckboxSelectMultiple,
    )
    reason = forms.CharField(
        label=gettext_lazy("What they are needed for"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    field_order = ("place", "entitlements", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        colleagues = people.colleagues(self.scope, as_of=clock.today())
        if Producer.MANAGE_PEOPLE not in self.scope.permissions:
            colleagues = [each for each in colleagues if each.user_id == self.scope.user_id]
        place, which = self.fields["place"], self.fields["entitlements"]
        assert isinstance(place, forms.ChoiceField)
        assert isinstance(which, forms.ChoiceField)
        place.choices = [(each.id, each.name) for each in colleagues]
        place.initial = next((each.id for each in colleagues if each.user_id == self.scope.user_id), None)
        if len(colleagues) == 1:
            place.widget = forms.HiddenInput()
        which.choices = texts.choices(people.agency(self.scope))


def _open(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    place = ProducerUser.objects.visible_to(scope).select_related("user").get(pk=data["place"])
    row = desk.open_request(
        kind=KIND,
        key=own_requests.key(KIND, scope, data),
        title=_("Entitlements for %(name)s") % {"name": place.user.display_name},
        detail={"place": place.pk, "entitlements": data["entitlements"], "reason": data["reason"]},
        party=PartyRef("agency", place.agency_id),
        by=scope,
        asker=Asker.of(scope),
    )
    return [row]


def _place(request: DeskRequest) -> ProducerUser:
    return ProducerUser.objects.select_related("user", "agency").get(pk=request.detail["place"])


def _facts(request: DeskRequest) -> Facts:
    place = _place(request)
    held = book.entitlements(place.user_id, place.agency_id, as_of=clock.today())
    return [
        (_("For"), f"{place.user.display_name}\n{place.agency.name}, {place.agency.agent_id}"),
        (_("Asked for"), texts.entitlements(request.detail["entitlements"])),
        (_("Held now"), texts.entitlements(sorted(held))),
        (_("What they are needed for"), request.detail["reason"]),
    ]


class GrantForm(DecisionForm):
    entitlements = forms.MultipleChoiceField(
        label=gettext_lazy("Grant"), choices=Entitlement.choices, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, request: DeskRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        field = self.fields["entitlements"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = texts.choices(_place(request).agency)
        field.initial = request.detail["entitlements"]


def _summary(request: DeskRequest, decision: dict[str, Any]) -> Facts:
    return [(_("Grant"), texts.entitlements(decision["entitlements"]))]


def _carry_out(request: DeskRequest, decision: dict[str, Any], by: Scope) -> None:
    """From today on, each as a grant of its own; what is held already stays as it is."""
    today = clock.today()
    place = _place(request)
    texts.require_grantable(place.agency, decision["entitlements"])
    held = book.entitlements(place.user_id, place.agency_id, as_of=today)
    try:
        for name in decision["entitlements"]:  # five at most
            if name not in held:
                entitlements.grant(by=by, place_id=place.pk, entitlement=Entitlement(name), first=today, today=today)
    except GrantNotPossible as problem:
        raise texts.not_possible(problem) from problem


def register() -> None:
    desk_kinds.register(
        KIND,
        RequestKind(
            team=Team.CHANNEL_COMPENSATION,
            label=gettext_lazy("Entitlements"),
            business_days=5,
            facts=_facts,
            decision=Decision(
                form=GrantForm,
                summary=_summary,
                carry_out=_carry_out,
                permission=Desk.GRANT_ENTITLEMENTS,
                whose=lambda request, _decision: {_place(request).user_id},
            ),
        ),
    )
    own_requests.register(
        "entitlements",
        RequestFormPage(
            portals={Portal.PRODUCER: Own.ASK},
            title=gettext_lazy("More entitlements"),
            lead=gettext_lazy("Channel compensation looks at each and grants them one by one."),
            form=EntitlementsForm,
            open=_open,
        ),
    )
