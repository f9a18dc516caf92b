"""Access to one client or many (P6, P11): one form, and for each client manager whose clients it names a task of its
own (ruling 34). Client management opens each client by itself, never automatically."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from members.queries import clients
from members.queries.clients import ClientRow
from portals.access import Desk, Own
from portals.crypto import values as crypto
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk import own_requests
from portals.desk.actions import Asker
from portals.desk.kinds import CannotCarryOut, Decision, DecisionForm, Facts, RequestKind
from portals.desk.own_requests import RequestForm, RequestFormPage
from portals.enums import Team
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import Portal, Scope
from producers.actions import clients as grants
from producers.actions.intervals import GrantNotPossible
from producers.desk.request_kinds import texts
from producers.models import Agency
from producers.queries import book, people
from producers.rules import by_manager

KIND = "producer.clients"
MOST = 50


class ClientsForm(RequestForm):
    client_ids = forms.CharField(
        label=gettext_lazy("Client IDs"),
        help_text=gettext_lazy("One in each line, 50 at most. A client's users find theirs on their overview."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label=gettext_lazy("Since when you work for them, and as what"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    field_order = ("client_ids", "reason")

    def clean_client_ids(self) -> list[str]:
        """Well-formed numbers, each once. Whether a client has one is not told here: a form that said so would tell
        anybody which numbers exist."""
        typed = re.split(r"[\s,;]+", self.cleaned_data["client_ids"].strip())
        wrong = [each for each in typed if not re.fullmatch(r"[0-9]{4,12}", each)]
        if wrong:
            raise forms.ValidationError(
                _("A Client ID has digits only: look at %(wrong)s.") % {"wrong": ", ".join(wrong[:5])}
            )
        found = list(dict.fromkeys(typed))
        if len(found) > MOST:
            raise forms.ValidationError(_("Send %(most)s at most with one form.") % {"most": MOST})
        return found


def _secret(client_id: str) -> int:
    return int(crypto.keyed_hash(client_id)[:12], 16)


def _open(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    """A task for each client manager. Numbers that nobody looks after, and those that no client has, go to one of the
    managers as well, so that the number of tasks tells nothing."""
    assert scope.home is not None
    managers = clients.managers(data["client_ids"])
    parts = by_manager(data["client_ids"], managers, everybody=clients.all_managers(), secret=_secret)
    return [
        desk.open_request(
            kind=KIND,
            key=f"{own_requests.key(KIND, scope, data)}:{manager or 0}",
            title=ngettext("Access to %(count)s client", "Access to %(count)s clients", len(part))
            % {"count": len(part)},
            detail={"client_ids": part, "reason": data["reason"], "agency": scope.home.id},
            party=scope.home,
            by=scope,
            asker=Asker.of(scope),
            owner_id=manager,
        )
        for manager, part in parts.items()
    ]


def _facts(request: DeskRequest) -> Facts:
    agency = Agency.objects.get(pk=request.detail["agency"])
    return [
        (_("For the agency"), f"{agency.name}, {agency.agent_id}"),
        (_("Client IDs"), "\n".join(request.detail["client_ids"])),
        (_("Since when, and as what"), request.detail["reason"]),
    ]


class OpenClientsForm(DecisionForm):
    """Which of them to open. Numbers that no client has are named, and cannot be ticked."""

    client_ids = forms.MultipleChoiceField(label=gettext_lazy("Open"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, request: DeskRequest, **kwargs: Any) -> None:
        super().__init__(*args, request=request, **kwargs)
        known = clients.numbered(request.detail["client_ids"])
        held = book.granted_clients(request.detail["agency"], as_of=clock.today())
        field = self.fields["client_ids"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(row.client_id, _described(row, row.id in held)) for row in known.values()]
        unknown = [each for each in request.detail["client_ids"] if each not in known]
        if unknown:
            field.help_text = _("No client has: %(numbers)s") % {"numbers": ", ".join(unknown)}


def _described(row: ClientRow, held: bool) -> str:
    text = f"{row.name}, {row.client_id}, {row.state}"
    if held:
        return _("%(client)s (open to the agency already)") % {"client": text}
    return text if row.migrated else _("%(client)s (still on the previous system)") % {"client": text}


def _summary(request: DeskRequest, decision: dict[str, Any]) -> Facts:
    known = clients.numbered(decision["client_ids"])
    return [(_("Open"), "\n".join(f"{row.name}, {row.client_id}" for row in known.values()))]


def _carry_out(request: DeskRequest, decision: dict[str, Any], by: Scope) -> None:
    open_clients(agency_id=request.detail["agency"], client_ids=decision["client_ids"], by=by)


def open_clients(*, agency_id: int, client_ids: list[str], by: Scope) -> None:
    """Grant these clients (by Client ID) to the agency from today on; those that are open already stay as they are.
    Raises CannotCarryOut."""
    today = clock.today()
    known = clients.numbered(client_ids)
    held = book.granted_clients(agency_id, as_of=today)
    if len(known) < len(client_ids):
        raise CannotCarryOut(_("One of these Client IDs is no client any more. Look again."))
    try:
        for row in known.values():  # at most the fifty of one form, each a grant with a row of its own
            if row.id not in held:
                grants.grant(by=by, agency_id=agency_id, client_id=row.id, first=today, today=today)
    except GrantNotPossible as problem:
        raise texts.not_possible(problem) from problem


def register() -> None:
    desk_kinds.register(
        KIND,
        RequestKind(
            team=Team.CLIENT_MANAGEMENT,
            label=gettext_lazy("Access to clients"),
            business_days=5,
            facts=_facts,
            decision=Decision(
                form=OpenClientsForm,
                summary=_summary,
                carry_out=_carry_out,
                permission=Desk.GRANT_CLIENTS,
                whose=lambda request, _decision: people.working_for(request.detail["agency"]),
            ),
        ),
    )
    own_requests.register(
        "clients",
        RequestFormPage(
            portals={Portal.PRODUCER: Own.ASK},
            title=gettext_lazy("Access to a client, or to several"),
            lead=gettext_lazy("One form for all. Each client's manager at the plan looks at theirs."),
            form=ClientsForm,
            open=_open,
        ),
    )
