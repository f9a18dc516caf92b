"""One invoice: page, lines as CSV, and the PDF that a job makes once."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from audit.enums import Kind
from billing import money
from billing import pdf as billing_pdf
from billing.queries import bills
from billing.queries.bills import Bill
from employers.access import Employer
from employers.forms import SearchForm
from employers.queries import ebilling
from members.queries import clients
from portals import jobs
from portals.enums import JobStatus, Topic
from portals.files import csv_export
from portals.files import pdf as paper
from portals.files import stored as files
from portals.help import directory as help_directory
from portals.http import Request
from portals.models import Job, StoredFile
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan import clock
from portals.scope import Scope
from portals.step_up import ONCE_A_SESSION

PAGE = 50
PDF_JOB = "billing.invoice_pdf"
NAMES = ("person.name", "coverage.tier", "coverage.month")


def _bill(request: Request, number: str) -> Bill:
    found = bills.bill(request.scope, number)
    if found is None:
        raise Http404
    return found


@page(audience=Audience.EMPLOYER, discloses=NAMES, permission=Employer.SEE_BILLING, label=gettext_lazy("Invoice"))
def invoice(request: Request, number: str) -> HttpResponseBase:
    """Totals, and the lines by name: one page of contracts at a time."""
    bill = _bill(request, number)
    search = SearchForm(request.GET)
    search.is_valid()
    found = ebilling.holders(request.scope, bill, search=search.cleaned_data.get("q", ""))
    shown = Paginator(found, PAGE).get_page(request.GET.get("page"))
    lines = ebilling.named_lines(request.scope, bill, shown.object_list)
    disclose(request, subjects=ebilling.subjects(shown.object_list), invoice=bill.row.number)
    assert request.scope.party is not None
    return TemplateResponse(
        request,
        "employers/ebilling_invoice.html",
        {
            "bill": bill,
            "row": bill.row,
            "client": clients.named([request.scope.party.id])[request.scope.party.id],
            "lines": lines,
            "contracts": shown,
            "search": search,
            "q": search.cleaned_data.get("q", ""),
            "may_pay": Employer.PAY in request.scope.permissions,
            "may_export": Employer.EXPORT_LINES in request.scope.permissions,
            "pdf_ready": _file(request.scope, bill) is not None,
        },
    )


@page(
    audience=Audience.EMPLOYER,
    discloses=NAMES,
    permission=Employer.EXPORT_LINES,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Lines of an invoice as a file"),
)
def lines_csv(request: Request, number: str) -> HttpResponseBase:
    """Every line with its name: a list of people, for the employer's own users only (F9)."""
    bill = _bill(request, number)
    holders = ebilling.holders(request.scope, bill)
    disclose(request, subjects=ebilling.subjects(holders), invoice=bill.row.number)
    head = [_("Name"), _("Plan"), _("Line"), _("Month"), _("Kind"), _("Tier"), _("People"), _("Amount")]
    rows = ebilling.named_lines(request.scope, bill, holders)
    return csv_export.answer(
        f"{bill.row.number}-lines.csv",
        head,
        (
            (
                each.name,
                each.line.product_name,
                each.line.line_label,
                each.line.month.isoformat()[:7],
                each.line.kind,
                each.line.tier_label,
                each.line.members_count,
                money.to_dollars(each.line.cents),
            )
            for each in rows
        ),
    )


# PDF ----------------------------------------------------------------------------------------------------------------


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.SEE_BILLING,
    label=gettext_lazy("Asking for the PDF of an invoice"),
)
def pdf(request: Request, number: str) -> HttpResponseBase:
    """Asks for the paper and shows how far it is; asked again, it is the same piece of work, and one that
    failed is tried anew."""
    bill = _bill(request, number)
    missing = not paper.available()
    job = None
    if not missing:
        job = jobs.ask(
            kind=PDF_JOB,
            key=_key(request.scope, bill),
            scope=request.scope,
            payload={"number": bill.row.number},
            owner=request.scope.party,
            again="poll" not in request.GET,
        )
    failed = job is not None and job.status == JobStatus.FAILED
    template = "employers/_pdf.html" if "poll" in request.GET else "employers/ebilling_pdf.html"
    return TemplateResponse(
        request,
        template,
        {
            "row": bill.row,
            "job": job,
            "done": job is not None and job.status == JobStatus.DONE,
            "failed": failed,
            "contact": help_directory.contact_for(request.scope, Topic.BILLING_ENROLLMENT, as_of=clock.today())
            if failed
            else None,
            "not_allowed": job is not None and job.error == jobs.NO_LONGER_ALLOWED,
            "missing": paper.INSTALL if missing else "",
        },
    )


@page(
    audience=Audience.EMPLOYER,
    discloses=NAMES,
    permission=Employer.SEE_BILLING,
    kind=Kind.PRINT,
    label=gettext_lazy("PDF of an invoice"),
)
def pdf_file(request: Request, number: str) -> HttpResponseBase:
    """The stored paper, to look at or (?download) to keep: one document as it was issued, no list taken out, so nobody
    is asked again who they are. Each time is a row of its own."""
    bill = _bill(request, number)
    stored = _file(request.scope, bill)
    if stored is None:
        return redirect("employers:ebilling_pdf", number=number)
    holders = ebilling.holders(request.scope, bill)
    disclose(request, subjects=ebilling.subjects(holders), invoice=bill.row.number)
    return files.serve(stored, inline="download" not in request.GET)


def _key(scope: Scope, bill: Bill) -> str:
    """One paper for an invoice and a language; whoever acts has one of their own, with both identities on it."""
    whose = f"{scope.actor}:{scope.grant}:" if scope.acting_for else ""
    return f"{PDF_JOB}:{bill.row.id}:{billing_pdf.TEMPLATE_VERSION}:{whose}{get_language()}"


def _file(scope: Scope, bill: Bill) -> StoredFile | None:
    job = Job.objects.filter(key=_key(scope, bill), status=JobStatus.DONE).first()
    if job is None or not job.result:
        return None
    return StoredFile.objects.filter(uuid=job.result["file"]).first()
