"""Access for an office that does not participate: customer care files its call, a second person approves it, and the
office manager is invited."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.translation import gettext_lazy as _

from portals import users
from portals.access import Desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import Decision, DecisionForm, Facts, RequestKind
from portals.enums import Team
from portals.models import DeskRequest
from providers.actions import offices
from providers.desk.forms import OfficeForm
from providers.desk.request_kinds import texts
from providers.enums import NON_PARTICIPATING


class OfficeDecisionForm(OfficeForm, DecisionForm):
    """On the request's page, where a call that was sent back is corrected."""

    def __init__(self, *args: Any, request: DeskRequest, **kwargs: Any) -> None:
        held = request.detail
        known = [(held["practice"], held["name"])] if held["practice"] else []
        initial = {**held, "authorized_on": dt.date.fromisoformat(held["authorized_on"])}
        super().__init__(*args, request=request, initial=initial, known=known, **kwargs)

    def decision(self) -> dict[str, Any]:
        on_file = {name: self.request.detail[name] for name in ("name", "provider_id") if name in self.request.detail}
        return on_file | self.call()


def _summary(request: DeskRequest, call: dict[str, Any]) -> Facts:
    """What an approval does; the facts once more only where they were corrected since the call."""
    names = {"name": call["name"], "manager": f"{call['given_name']} {call['family_name']}, {call['email']}"}
    made = (
        _("%(name)s is on file. %(manager)s is invited as its office manager.")
        if call["practice"]
        else _("%(name)s is made with a Provider ID of its own. %(manager)s is invited as its office manager.")
    )
    same = all(request.detail.get(name) == value for name, value in call.items())
    return [(_("What comes of it"), str(made % names)), *([] if same else texts.facts_of(call))]


def register() -> None:
    desk_kinds.register(
        NON_PARTICIPATING,
        RequestKind(
            team=Team.CUSTOMER_CARE,
            label=_("Access for a non-participating office"),
            business_days=1,
            facts=texts.facts,
            decision=Decision(
                form=OfficeDecisionForm,
                summary=_summary,
                carry_out=offices.carry_out,
                permission=Desk.REGISTER_OFFICE,
                whose=lambda _request, call: users.of_address(call["email"]),
            ),
        ),
    )
