"""A return file of the bank that cannot be read: no payment is called paid until it was read or there was none."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals.desk import kinds as desk_kinds
from portals.desk.kinds import Decision, DecisionForm, Facts, RequestKind
from portals.enums import Team
from portals.models import DeskRequest
from portals.scope import Scope

KIND = "billing.returns_unread"


class NoReturnsDecision(DecisionForm):
    told_by = forms.CharField(
        label=gettext_lazy("Who at the bank says that there were no returns, and when"),
        help_text=gettext_lazy("Where there were some, ask the bank to send the file again instead and import it."),
        max_length=200,
    )


def _facts(request: DeskRequest) -> Facts:
    detail = request.detail
    return [
        (_("Returns of"), desk_kinds.day_text(detail["day"])),
        (_("File"), detail["file"]),
        (_("What is wrong"), detail["error"]),
        (_("Until then"), _("No payment is settled or called paid.")),
    ]


def _summary(request: DeskRequest, decision: dict[str, Any]) -> Facts:
    return [(_("There were no returns on this day"), decision["told_by"])]


def _carry_out(request: DeskRequest, decision: dict[str, Any], by: Scope) -> None:
    """Ending the request is all: `billing.actions.received.unread_days` asks for its end."""


def register() -> None:
    desk_kinds.register(
        KIND,
        RequestKind(
            team=Team.BILLING_OPERATIONS,
            label=gettext_lazy("ACH returns that cannot be read"),
            business_days=0,
            facts=_facts,
            decision=Decision(form=NoReturnsDecision, summary=_summary, carry_out=_carry_out, four_eyes=False),
        ),
    )
