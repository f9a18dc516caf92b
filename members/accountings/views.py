"""Accountings of disclosures: the privacy officer's people answer what came by letter or telephone; a member asks on
the website and has it at once."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from audit.enums import Kind
from members.access import Member
from members.accountings import actions as accountings
from members.accountings import forms, letters, queries
from members.disclosures import queries as disclosures
from members.disclosures import rules
from members.enums import AccountingStatus, AskedBy
from members.models import Accounting
from members.records import queries as records
from members.rules import names
from portals.access import Desk
from portals.enums import JobStatus, Topic
from portals.files import csv_export, pdf
from portals.files import stored as files
from portals.help import directory as help_directory
from portals.http import Request
from portals.models import Job
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan import clock
from portals.sessions.scope import step_up_url, stepped_up
from portals.step_up import ONCE_A_SESSION, RECENTLY

PAGE = 50
SHOWN = (
    "person.name", "member_id", "disclosure.days", "disclosure.recipient", "disclosure.description",
    "disclosure.statement",
)  # fmt: skip
HEAD = ("first_day", "last_day", "times", "frequency", "recipient", "address", "description", "purpose", "statement")
TONES = {
    AccountingStatus.OPEN: "warn",
    AccountingStatus.DELIVERED: "success",
    AccountingStatus.WITHDRAWN: "neutral",
}


_PAPERS = {"desk": "members/desk_accounting_pdf.html", "member": "members/member_accounting_pdf.html"}


def _content(row: Accounting) -> dict[str, Any]:
    """What a page shows of an accounting that was given."""
    given = queries.given(row)
    by_the_plan = row.asked_by != AskedBy.PORTAL and row.closed_by is not None
    return {
        "row": row,
        "given": given,
        "lines": [(each, letters.when(each)) for each in given.entries],
        "left_out": letters.left_out(),
        "signed": row.closed_by.display_name if by_the_plan and row.closed_by else "",
    }


def _csv(request: Request, row: Accounting) -> HttpResponseBase:
    given = queries.given(row)
    disclose(request, subjects=[("person", row.person_id)], accounting=str(row.uuid))
    lines = (
        (
            each.first_on,
            each.last_on,
            each.times or "",
            each.frequency,
            each.recipient,
            each.address,
            each.description,
            each.purpose_label,
            each.statement,
        )
        for each in given.entries
    )
    return csv_export.answer("accounting-of-disclosures.csv", HEAD, lines)


def _paper(request: Request, row: Accounting, *, door: str) -> HttpResponseBase:
    """How far the PDF is; asked for again where it failed or never began."""
    missing = not pdf.available() and row.stored is None
    job = None
    if row.stored is None and not missing:
        if "poll" not in request.GET:
            accountings.ask_for_paper(row, by=request.scope)
        job = Job.objects.filter(key=f"{accountings.PDF}:{row.pk}").first()
    failed = job is not None and job.status == JobStatus.FAILED
    contact = help_directory.contact_for(request.scope, Topic.PRIVACY, as_of=clock.today()) if failed else None
    return TemplateResponse(
        request,
        "members/_accounting_pdf.html" if "poll" in request.GET else _PAPERS[door],
        {
            "row": row,
            "done": row.stored is not None,
            "failed": failed,
            "contact": contact,
            "missing": pdf.INSTALL if missing else "",
            "here": request.path,
            "file_url": reverse(
                "disclosures:accounting_file" if door == "desk" else "members:disclosures_file", args=[row.uuid]
            ),
        },
    )


def _file(request: Request, row: Accounting) -> HttpResponseBase:
    if row.stored is None:
        raise Http404
    disclose(request, subjects=[("person", row.person_id)], accounting=str(row.uuid))
    return files.serve(row.stored, inline="download" not in request.GET)


# --- The member ---------------------------------------------------------------------------------------------------


def _own(request: Request, accounting: uuid.UUID) -> Accounting:
    row = queries.of_member(request.scope, as_of=clock.today()).filter(uuid=accounting).first()
    if row is None or row.status != AccountingStatus.DELIVERED:
        raise Http404
    return row


@page(
    audience=Audience.MEMBER,
    discloses=("person.name",),
    permission=Member.SEE_OWN,
    label=gettext_lazy("Disclosures of the member's information"),
)
def mine(request: Request) -> HttpResponseBase:
    """Ask for an accounting of one's own disclosures, or a child's, and have it at once."""
    scope, today = request.scope, clock.today()
    assert scope.party is not None
    children = queries.children(scope, as_of=today)
    people = [("own", _("Mine")), *((child.uuid, child.name) for child in children)]
    form = forms.MemberAccountingForm(request.POST or None, today=today, people=people)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        wanted = {child.uuid: child.person_id for child in children}.get(typed["whose"], scope.party.id)
        row = accountings.ask_at_portal(
            by=scope, person_id=wanted, first=typed["first_on"], last=typed["last_on"], once=typed["once"], as_of=today
        )
        return redirect("members:disclosures_accounting", row.uuid)
    rows = list(queries.of_member(scope, as_of=today)[:PAGE])
    about = {scope.party.id, *(child.person_id for child in children), *(row.person_id for row in rows)}
    disclose(request, subjects=[("person", pk) for pk in about])
    return TemplateResponse(
        request,
        "members/disclosures_mine.html",
        {
            "form": form,
            "rows": [(row, names.readable(row.person.full_name), TONES[AccountingStatus(row.status)]) for row in rows],
            "left_out": letters.left_out(),
            "earliest": rules.earliest_day(today),
            "contact": help_directory.contact_for(scope, Topic.PRIVACY, as_of=today),
        },
    )


@page(
    audience=Audience.MEMBER,
    discloses=SHOWN,
    permission=Member.SEE_OWN,
    label=gettext_lazy("Accounting of disclosures"),
)
def my_accounting(request: Request, accounting: uuid.UUID) -> HttpResponseBase:
    """What was given, as it was given; on paper too, if the member wants."""
    row = _own(request, accounting)
    if request.method == "POST":
        try:
            accountings.send_by_letter(by=request.scope, row=row, as_of=clock.today())
        except accountings.NoAddress:
            messages.error(request, _("No postal address is on file for you. Call member services to give us one."))
        else:
            messages.success(request, _("The letter goes to the address on file with the next mail."))
        return redirect("members:disclosures_accounting", accounting)
    disclose(request, subjects=[("person", row.person_id)], accounting=str(row.uuid))
    return TemplateResponse(request, "members/accounting_mine.html", _content(row))


@page(audience=Audience.MEMBER, discloses=NOTHING, permission=Member.SEE_OWN)
def my_pdf(request: Request, accounting: uuid.UUID) -> HttpResponseBase:
    return _paper(request, _own(request, accounting), door="member")


@page(
    audience=Audience.MEMBER,
    discloses=SHOWN,
    permission=Member.SEE_OWN,
    kind=Kind.PRINT,
    label=gettext_lazy("Accounting of disclosures as PDF"),
)
def my_file(request: Request, accounting: uuid.UUID) -> HttpResponseBase:
    return _file(request, _own(request, accounting))


@page(
    audience=Audience.MEMBER,
    discloses=SHOWN,
    permission=Member.SEE_OWN,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Accounting of disclosures as a file"),
)
def my_csv(request: Request, accounting: uuid.UUID) -> HttpResponseBase:
    return _csv(request, _own(request, accounting))


# --- The desk -----------------------------------------------------------------------------------------------------


def _row(request: Request, accounting: uuid.UUID) -> Accounting:
    row = queries.one(request.scope, accounting)
    if row is None:
        raise Http404
    return row


def _filtered(request: Request) -> tuple[forms.AccountingsFilter, Any]:
    form = forms.AccountingsFilter(request.GET or None)
    form.is_valid()
    criteria = form.cleaned_data if form.is_bound else {}
    state, person = criteria.get("state") or "", criteria.get("person")
    return form, queries.listed(request.scope, state=state, person=person, as_of=clock.today())


def _line(row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "name": names.readable(row.person.full_name),
        "last_day": row.extended_to or row.due_date,
        "late": queries.is_late(row, as_of=clock.today()),
        "tone": TONES[AccountingStatus(row.status)],
    }


@page(
    audience=Audience.DESK,
    discloses=("person.name", "accounting"),
    permission=Desk.RECORD_DISCLOSURES,
    label=gettext_lazy("Requests for an accounting of disclosures"),
)
def accounting_list(request: Request) -> HttpResponseBase:
    form, results = _filtered(request)
    rows = Paginator(results, PAGE).get_page(request.GET.get("page"))
    disclose(request, subjects=[("person", pk) for pk in {row.person_id for row in rows}])
    filters = request.GET.copy()
    filters.pop("page", None)
    return TemplateResponse(
        request,
        "members/accountings.html",
        {
            "form": form,
            "rows": rows,
            "listed": [_line(row) for row in rows],
            "total": rows.paginator.count,
            "query": filters.urlencode(),
            "clear": any(filters.get(name) for name in ("state", "person")),
        },
    )


@page(
    audience=Audience.DESK,
    discloses=("person.name", "accounting"),
    permission=Desk.RECORD_DISCLOSURES,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Requests for an accounting of disclosures, as a file"),
)
def accounting_list_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows."""
    _form, results = _filtered(request)
    rows = list(results)
    disclose(request, subjects=[("person", pk) for pk in {row.person_id for row in rows}], rows=len(rows))
    head = (
        "member", "asked_by", "requested", "period_first", "period_last", "due", "extended_to", "status", "closed",
        "delivery", "late", "fee_cents",
    )  # fmt: skip
    cells = (
        (
            line["name"],
            row.asked_by,
            row.requested_on,
            row.first_on,
            row.last_on,
            row.due_date,
            row.extended_to or "",
            row.status,
            row.closed_on or "",
            row.delivery,
            "yes" if line["late"] else "no",
            row.fee_cents,
        )
        for row in rows
        for line in [_line(row)]
    )
    return csv_export.answer("accountings.csv", head, cells)


@page(
    audience=Audience.DESK,
    discloses=("person.name",),
    permission=Desk.RECORD_DISCLOSURES,
    step_up=RECENTLY,
    label=gettext_lazy("Recording a request for an accounting"),
)
def accounting_new(request: Request, person: uuid.UUID) -> HttpResponseBase:
    """What came by letter or telephone."""
    person_id = records.person_of(request.scope, person)
    if person_id is None:
        raise Http404
    today = clock.today()
    initial = {"requested_on": today, "language": get_language()}
    form = forms.DeskAccountingForm(request.POST or None, today=today, initial=initial)
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        row = accountings.ask(
            by=request.scope,
            person=person,
            asked_by=typed["asked_by"],
            requested_on=typed["requested_on"],
            first=typed["first_on"],
            last=typed["last_on"],
            language=typed["language"],
            once=typed["once"],
        )
        messages.success(request, _("The request is recorded."))
        return redirect("disclosures:accounting", row.uuid)
    disclose(request, subjects=[("person", person_id)])
    (about,) = disclosures.subjects(request.scope, [person_id])
    return TemplateResponse(request, "members/accounting_new.html", {"form": form, "about": about})


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.RECORD_DISCLOSURES,
    label=gettext_lazy("A request for an accounting"),
)
def accounting(request: Request, accounting: uuid.UUID) -> HttpResponseBase:
    """One request; each button is a form of its own, named by `do`, and asks for the second step."""
    row = _row(request, accounting)
    today = clock.today()
    made = _forms(request, row)
    do = request.POST.get("do", "")
    if request.method == "POST":
        if not stepped_up(request, within=RECENTLY):
            return redirect(step_up_url(request))
        form = made.get(do)
        if do != "withdraw" and form is None:
            messages.error(request, _("Nothing was changed: somebody else was quicker. Look at it once more."))
            return redirect("disclosures:accounting", accounting)
        if form is None or form.is_valid():
            _carry_out(request, row, do, form)
            return redirect("disclosures:accounting", accounting)
    entries: list[disclosures.DisclosureRow] = []
    withheld: list[int] = []
    if row.status == AccountingStatus.OPEN:
        days = rules.Days(row.first_on, row.last_on)
        entries, withheld = disclosures.to_account_for(row.person_id, days, as_of=today)
    disclose(request, subjects=[("person", row.person_id)], accounting=str(row.uuid))
    return TemplateResponse(
        request,
        "members/accounting.html",
        {
            **(_content(row) if row.content is not None else {"row": row}),
            **_line(row),
            "forms": made,
            "would": [(each, letters.when(each)) for each in entries],
            "withheld": len(withheld or row.withheld),
            "proof_url": "" if stepped_up(request, within=RECENTLY) else step_up_url(request),
        },
    )


def _forms(request: Request, row: Accounting) -> dict[str, Any]:
    if row.status != AccountingStatus.OPEN:
        return {}
    today, sent = clock.today(), request.POST.get("do", "")

    def bound(name: str) -> Any:
        return request.POST if sent == name else None

    made: dict[str, Any] = {
        "deliver": forms.DeliverForm(
            bound("deliver"), may_charge=not queries.must_be_free(row), today=today, prefix="deliver"
        )
    }
    if rules.may_extend(row.due_date, extended=row.extended_to is not None, as_of=today):
        made["extend"] = forms.ExtendForm(bound("extend"), due=row.due_date, prefix="extend")
    return made


def _carry_out(request: Request, row: Accounting, do: str, form: Any) -> None:
    today, by = clock.today(), request.scope
    try:
        if do == "withdraw":
            accountings.withdraw(by=by, accounting=row.uuid, as_of=today)
        elif do == "extend":
            accountings.extend(by=by, accounting=row.uuid, as_of=today, **form.cleaned_data)
        else:
            typed = form.cleaned_data
            accountings.deliver(
                by=by,
                accounting=row.uuid,
                delivery=typed["delivery"],
                as_of=today,
                fee_cents=form.fee_cents,
                fee_told_on=typed.get("fee_told_on") if form.fee_cents else None,
                fee_basis=typed.get("fee_basis", "") if form.fee_cents else "",
            )
    except accountings.NoAddress:
        messages.error(request, _("No postal address is on file for this member: nothing was sent or changed."))
    except (accountings.OverAlready, accountings.TooLate, accountings.MustBeFree):
        messages.error(request, _("Nothing was changed: somebody else was quicker. Look at it once more."))
    else:
        messages.success(request, _("Saved."))


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.RECORD_DISCLOSURES)
def accounting_pdf(request: Request, accounting: uuid.UUID) -> HttpResponseBase:
    row = _row(request, accounting)
    if row.status != AccountingStatus.DELIVERED:
        raise Http404
    return _paper(request, row, door="desk")


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.RECORD_DISCLOSURES,
    kind=Kind.PRINT,
    label=gettext_lazy("Accounting of disclosures as PDF"),
)
def accounting_file(request: Request, accounting: uuid.UUID) -> HttpResponseBase:
    return _file(request, _row(request, accounting))


@page(
    audience=Audience.DESK,
    discloses=SHOWN,
    permission=Desk.RECORD_DISCLOSURES,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Accounting of disclosures as a file"),
)
def accounting_csv(request: Request, accounting: uuid.UUID) -> HttpResponseBase:
    row = _row(request, accounting)
    if row.status != AccountingStatus.DELIVERED:
        raise Http404
    return _csv(request, row)
