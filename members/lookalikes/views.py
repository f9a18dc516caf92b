"""Same person? What enrollment files leave open, at the service desk."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from members.enums import LookalikeStatus
from members.lookalikes import actions, queries
from members.lookalikes.forms import DecisionForm
from portals.access import Desk
from portals.http import Request
from portals.pages import Audience, disclose, page
from portals.plan import clock

PAGE = 50
SHOWN = ("person.name",)
COMPARED = ("person.name", "person.birth_date", "person.sex", "person.ssn_last_four", "person.address", "member_id")
STATUSES = (LookalikeStatus.WAITING, LookalikeStatus.SAME, LookalikeStatus.TWO, LookalikeStatus.KEPT)


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.DECIDE_FILE,
    kind=Kind.LOOK,
    label=gettext_lazy("People of files who look like somebody on file"),
)
def lookalike_list(request: Request) -> HttpResponseBase:
    status = request.GET.get("status", "")
    if status not in STATUSES:
        status = LookalikeStatus.WAITING
    rows = Paginator(queries.listed(request.scope, status=status), PAGE).get_page(request.GET.get("page"))
    disclose(request, subjects=[("person", pk) for pk in sorted({row.person_id for row in rows})])
    return TemplateResponse(
        request,
        "members/lookalikes.html",
        {"rows": rows, "status": status, "statuses": [(each, each.label) for each in STATUSES]},
    )


@page(
    audience=Audience.DESK,
    discloses=COMPARED,
    permission=Desk.DECIDE_FILE,
    kind=Kind.LOOK,
    label=gettext_lazy("Somebody of a file beside somebody on file"),
)
def lookalike_page(request: Request, lookalike: uuid.UUID) -> HttpResponseBase:
    found = queries.one(request.scope, lookalike)
    if found is None:
        raise Http404
    is_open = found.row.status == LookalikeStatus.WAITING
    form = DecisionForm(request.POST or None, is_change=found.is_change)
    if request.method == "POST" and is_open and form.is_valid():
        return _decide(request, lookalike, form)
    disclose(request, subjects=[("person", found.row.person_id)])
    return TemplateResponse(
        request,
        "members/lookalike.html",
        {
            "found": found,
            "row": found.row,
            "form": form,
            "is_open": is_open,
            "is_own": found.proposed_by == request.scope.actor,
        },
    )


def _decide(request: Request, lookalike: uuid.UUID, form: DecisionForm) -> HttpResponseBase:
    try:
        row = actions.decide(by=request.scope, lookalike=lookalike, at=clock.now(), **form.cleaned_data)
    except actions.DecidedAlready:
        messages.error(request, _("This was decided in the meantime."))
        return redirect("lookalikes:one", lookalike)
    except actions.SecondPersonNeeded:
        messages.error(request, _("You proposed this. A colleague of your team confirms it."))
        return redirect("lookalikes:one", lookalike)
    if row.status == LookalikeStatus.WAITING:
        messages.success(request, _("Proposed. This person has an account, so a colleague of your team confirms it."))
        return redirect("lookalikes:one", lookalike)
    messages.success(request, _("Decided. The row of the file is applied within a minute."))
    return redirect("lookalikes:list")
