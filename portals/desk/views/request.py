"""One request at the desk: what, for whom, what was said, and everything that can be done about it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from portals import users
from portals.access import Desk
from portals.desk import actions as desk
from portals.desk import decisions as desk_decisions
from portals.desk import kinds as desk_kinds
from portals.desk import queries as desk_queries
from portals.desk.forms import (
    CHANGED_MEANWHILE,
    AssignForm,
    HandOverForm,
    ProposalForm,
    RemarkForm,
    ReplyForm,
    SendBackForm,
)
from portals.desk.kinds import RequestKind
from portals.desk.views import queues
from portals.enums import REQUEST_OVER, RequestStatus, Team
from portals.files import stored as files
from portals.http import Request
from portals.models import DeskProposal, DeskRequest, StoredFile
from portals.pages import Audience, disclose, page
from portals.scope import NOBODY, Scope
from portals.sessions import scope as session_scope
from portals.step_up import RECENTLY

FACTS = ("request.title", "request.detail")


def _row(request: Request, request_id: int) -> DeskRequest:
    rows = desk_queries.mine(request.scope).select_related("owner", "asked_by")
    return get_object_or_404(rows, pk=request_id)


@page(
    audience=Audience.DESK,
    discloses=FACTS,
    permission=Desk.WORK_QUEUE,
    label=gettext_lazy("A request at the service desk"),
)
def request_page(request: Request, request_id: int) -> HttpResponseBase:
    """Looks at it; each button is a form of its own, named by `do`."""
    row = _row(request, request_id)
    made = _forms(request, row)
    if request.method == "POST":
        do = request.POST.get("do", "remark")
        form = made.get(do)
        if do in _GRANTING and not _proven(request):
            return redirect(session_scope.step_up_url(request))
        if form is None and do not in _BUTTONS:  # a button of how the request was before
            messages.error(request, CHANGED_MEANWHILE)
            return redirect("desk:request", row.pk)
        if form is None or form.is_valid():
            problem = _carry_out(request.scope, row, do, form)
            if problem is None:
                messages.success(request, _("Saved."))
                return redirect(*(("desk:home",) if do == "hand_over" else ("desk:request", row.pk)))
            row = _row(request, request_id)
            if form is None or do == "approve":  # nothing was typed
                messages.error(request, problem)
                return redirect("desk:request", row.pk)
            form.add_error(None, problem)
    disclose(request, subjects=[("desk_request", row.pk)])
    return TemplateResponse(request, "portals/desk_request.html", _context(request, row, made))


@page(
    audience=Audience.DESK,
    discloses=("request.attachment",),
    permission=Desk.WORK_QUEUE,
    label=gettext_lazy("A file of a request"),
)
def request_file(request: Request, request_id: int, file: uuid.UUID) -> HttpResponseBase:
    """A file that was sent with a remark of this request."""
    row = _row(request, request_id)
    sent = row.remarks.values("attachments__stored")
    stored = get_object_or_404(StoredFile, pk__in=sent, uuid=file)
    disclose(request, subjects=[("desk_request", row.pk)], file=str(stored.uuid))
    return files.serve(stored)


def _forms(request: Request, row: DeskRequest) -> dict[str, forms.Form]:
    """What can be done, by the name of its button; only the sent one is bound."""
    sent = request.POST.get("do", "remark") if request.method == "POST" else ""

    def bound(name: str) -> Any:
        return request.POST if sent == name else None

    sent_files = request.FILES if sent == "reply" else None

    statuses = desk.settable(row)
    asked = bool(row.asked_by_id or row.reply_to)
    # Whoever asked is owed the reason of a refusal, and the question that they are to answer.
    alone = [s for s in statuses if not asked or s not in (RequestStatus.WAITING, RequestStatus.DECLINED)]
    made: dict[str, forms.Form] = {"remark": RemarkForm(bound("remark"), statuses=alone)}
    if asked:
        after = [s for s in statuses if s in (RequestStatus.WAITING, *REQUEST_OVER)]
        made["reply"] = ReplyForm(
            bound("reply"),
            sent_files,
            statuses=after,
            stranger=row.asked_by_id is None,
            by=request.scope,
            prefix="reply",
        )
    if row.status not in REQUEST_OVER:
        made["assign"] = AssignForm(
            bound("assign"), people=desk_queries.people(row.team), initial={"owner": row.owner_id or ""}
        )
        decision = desk_kinds.kind_of(row).decision
        proposal = desk_decisions.open_proposal(row) if row.status == RequestStatus.PROPOSED else None
        if proposal is not None:
            shown = {"proposal": proposal.pk}
            made["approve"] = ProposalForm(bound("approve"), initial=shown)
            made["send_back"] = SendBackForm(bound("send_back"), initial=shown, prefix="back")
        elif decision is not None and decision.permission in request.scope.permissions:
            made["propose"] = decision.form(bound("propose"), request=row, prefix="decision")
        if not desk_kinds.kind_of(row).stays:
            made["hand_over"] = HandOverForm(bound("hand_over"), team=row.team, prefix="team")
    return made


_BUTTONS = ("take",)
_GRANTING = ("propose", "approve")


def _proven(request: Request) -> bool:
    """A decision asks for the second step, as it does on the pages of its own."""
    return session_scope.stepped_up(request, within=RECENTLY)


def _carry_out(scope: Scope, row: DeskRequest, do: str, form: forms.Form | None) -> str | None:
    """Why it was not done, or None."""
    try:
        _DO[do](scope, row, form)
    except (desk_kinds.NotAllowed, desk_decisions.AlreadyProposed):
        return str(CHANGED_MEANWHILE)
    except desk.NotOfTheTeam:
        return _("This person is no longer of the team.")
    except desk_kinds.CannotCarryOut as problem:
        return str(problem)
    return None


def _remark(by: Scope, row: DeskRequest, form: Any) -> None:
    status, text = form.cleaned_data["status"], form.cleaned_data["text"]
    if status:
        desk.set_by_hand(request_id=row.pk, status=status, by=by, text=text)
    else:
        desk.remark(request=row, by=by, text=text)


def _reply(by: Scope, row: DeskRequest, form: Any) -> None:
    status, text, sent = (form.cleaned_data.get(name) for name in ("status", "text", "attached"))
    if status:
        desk.set_by_hand(request_id=row.pk, status=status, by=by, text=text, shared=True, files=sent or ())
    else:
        desk.reply(request=row, by=by, text=text, files=sent or ())


def _assign(by: Scope, row: DeskRequest, form: Any) -> None:
    owner = form.cleaned_data["owner"]
    desk.assign(request_id=row.pk, to_user_id=int(owner) if owner else None, by=by)


def _take(by: Scope, row: DeskRequest, form: Any) -> None:
    desk.assign(request_id=row.pk, to_user_id=by.user_id, by=by)


def _hand_over(by: Scope, row: DeskRequest, form: Any) -> None:
    desk.hand_over(request_id=row.pk, team=Team(form.cleaned_data["team"]), by=by, text=form.cleaned_data["text"])


def _propose(by: Scope, row: DeskRequest, form: Any) -> None:
    desk_decisions.propose(request_id=row.pk, decision=form.decision(), by=by)


def _approve(by: Scope, row: DeskRequest, form: Any) -> None:
    desk_decisions.approve(request_id=row.pk, proposal_id=form.cleaned_data["proposal"], by=by)


def _send_back(by: Scope, row: DeskRequest, form: Any) -> None:
    data = form.cleaned_data
    desk_decisions.send_back(request_id=row.pk, proposal_id=data["proposal"], by=by, text=data["text"])


_DO: dict[str, Callable[[Scope, DeskRequest, Any], None]] = {
    "remark": _remark,
    "reply": _reply,
    "assign": _assign,
    "take": _take,
    "hand_over": _hand_over,
    "propose": _propose,
    "approve": _approve,
    "send_back": _send_back,
}


def _context(request: Request, row: DeskRequest, made: dict[str, forms.Form]) -> dict[str, Any]:
    kind = desk_kinds.kind_of(row)
    remarks = list(row.remarks.prefetch_related("attachments__stored").order_by("id"))
    proposal = desk_decisions.open_proposal(row) if row.status == RequestStatus.PROPOSED else None
    return {
        "queues": queues.queues(request.scope, row.team),
        "row": row,
        "kind_label": kind.label,
        "own_url": kind.url(row) if kind.url else "",
        "facts": desk_kinds.facts(row),
        "tone": queues.TONES[RequestStatus(row.status)],
        "over": row.status in REQUEST_OVER,
        "remarks": _named(remarks),
        "forms": made,
        "proposal": proposal and _proposal(row, kind, proposal, request.scope),
        "four_eyes": kind.decision is not None and kind.decision.four_eyes,
        "proof_url": "" if _proven(request) else session_scope.step_up_url(request),
    }


def _proposal(row: DeskRequest, kind: RequestKind, proposal: DeskProposal, scope: Scope) -> dict[str, Any]:
    assert kind.decision is not None
    return {
        "summary": kind.decision.summary(row, proposal.decision),
        "by": proposal.proposed_by.display_name,
        "at": proposal.proposed_at,
        "mine": proposal.proposed_by_id == scope.user_id,
        "may": kind.decision.permission in scope.permissions,
    }


def _named(remarks: list[Any]) -> list[dict[str, Any]]:
    """With who wrote them. One query."""
    names = users.actor_names(remark.by for remark in remarks) | {NOBODY.actor: _("Whoever asked")}
    return [{"row": remark, "who": names.get(remark.by, _("The system"))} for remark in remarks]
