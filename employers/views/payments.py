"""What was paid: by whom, from where, for what, and how far it is."""

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
from billing import money
from billing.actions import payments
from billing.enums import PaymentStatus
from billing.models import Payment
from billing.queries import payments as reads
from billing.queries.payments import PaymentRow
from billing.rules import returns
from billing.rules.returns import Meaning
from employers.access import Employer
from employers.forms import PaymentFilter
from employers.queries import ebilling
from employers.views.gates import made_for, need_first_invoice
from portals.files import csv_export
from portals.http import Request
from portals.pages import Audience, page
from portals.plan import clock, periods
from portals.step_up import ONCE_A_SESSION

PAGE = 50
RETURN_WORDS = {
    Meaning.INSUFFICIENT_FUNDS: gettext_lazy("not enough money on the account"),
    Meaning.UNCOLLECTED_FUNDS: gettext_lazy("the money on the account was not yet available"),
    Meaning.ACCOUNT_CLOSED: gettext_lazy("the account is closed"),
    Meaning.NO_ACCOUNT: gettext_lazy("the bank knows no such account"),
    Meaning.INVALID_ACCOUNT_NUMBER: gettext_lazy("the account number is not right"),
    Meaning.INVALID_ROUTING_NUMBER: gettext_lazy("the routing number is not right"),
    Meaning.UNAUTHORIZED: gettext_lazy("the bank was told that it was not authorized"),
    Meaning.STOPPED: gettext_lazy("the payment was stopped at the bank"),
    Meaning.FROZEN: gettext_lazy("the account is frozen"),
    Meaning.NON_TRANSACTION_ACCOUNT: gettext_lazy("the account does not take debits"),
    Meaning.OTHER: gettext_lazy("for a reason that the bank gives as a code only"),
}
PAYMENT = ("payment.cents", "bank_account.last_four")


@page(audience=Audience.EMPLOYER, discloses=PAYMENT, permission=Employer.SEE_BILLING, label=gettext_lazy("Payments"))
def history(request: Request) -> HttpResponseBase:
    form, rows, status = _listed(request)
    shown = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    return TemplateResponse(
        request,
        "employers/ebilling_payments.html",
        {
            "form": form,
            "filtered": status,
            "rows": [(row, who) for row, who in _by(request, list(shown))],
            "page_obj": shown,
            "total": len(rows),
            "csv_url": csv_export.url_of(request, "employers:ebilling_payments_csv"),
        },
    )


def _listed(request: Request) -> tuple[PaymentFilter, list[PaymentRow], str]:
    """The filter, exactly the rows that page and file show, and the status that was asked for."""
    need_first_invoice(request.scope)
    form = PaymentFilter(request.GET)
    form.is_valid()
    status = form.cleaned_data.get("status", "")
    return form, [row for row in reads.payments(request.scope) if not status or _group(row) == status], status


@page(audience=Audience.EMPLOYER, discloses=PAYMENT, permission=Employer.SEE_BILLING, label=gettext_lazy("Payment"))
def payment(request: Request, payment: uuid.UUID) -> HttpResponseBase:
    """One payment: how far it is, when it is paid, what it paid; also the page after paying."""
    row = _row(request, payment)
    found = Payment.objects.visible_to(request.scope).get(uuid=payment)
    return TemplateResponse(
        request,
        "employers/ebilling_payment.html",
        {
            "row": row,
            "who": _by(request, [row])[0][1],
            "why": RETURN_WORDS.get(returns.rule_for(row.return_code).meaning, RETURN_WORDS[Meaning.OTHER]),
            "parts": reads.parts(row.id),
            "fresh": "new" in request.GET,
            "may_cancel": Employer.PAY in request.scope.permissions
            and payments.may_cancel(found, by=request.scope, at=clock.now()),
            "until": payments.cancel_until(row.file_date),
        },
    )


@page(audience=Audience.EMPLOYER, discloses=PAYMENT, permission=Employer.PAY, label=gettext_lazy("Canceling a payment"))
def cancel(request: Request, payment: uuid.UUID) -> HttpResponseBase:
    """Asks once more, then takes it back if its cut-off is not over."""
    row = _row(request, payment)
    if request.method == "POST":
        try:
            payments.cancel(by=request.scope, payment=payment)
        except Payment.DoesNotExist as gone:
            raise Http404 from gone
        except payments.CannotCancel:
            messages.error(request, _("This payment is on its way to the bank and can no longer be canceled."))
        else:
            messages.success(request, _("The payment is canceled. Nothing is taken from your account."))
        return redirect("employers:ebilling_payment", payment=payment)
    return TemplateResponse(request, "employers/ebilling_cancel.html", {"row": row})


def _row(request: Request, payment: uuid.UUID) -> PaymentRow:
    row = next(iter(reads.payments(request.scope, only=payment)), None)
    if row is None:
        raise Http404
    return row


def _by(request: Request, rows: list[PaymentRow]) -> list[tuple[PaymentRow, str]]:
    """Each payment with who made it: "you", a name, or a name and agency acting for the employer."""
    names = ebilling.payers(request.scope, rows)
    shown: list[tuple[PaymentRow, str]] = []
    for row in rows:
        name = names.get(row.by, _("the plan"))
        if row.acting:
            name = _("%(name)s, acting for you") % {"name": name}
        shown.append((row, _("you") if row.by == request.scope.actor else name))
    return shown


def _group(row: PaymentRow) -> str:
    return "processing" if row.pending else row.status.value


@page(
    audience=Audience.EMPLOYER,
    discloses=PAYMENT,
    permission=Employer.SEE_BILLING,
    kind=Kind.EXPORT,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("Payments as a file"),
)
def history_csv(request: Request) -> HttpResponseBase:
    """Exactly the list that the page shows."""
    _form, rows, _status = _listed(request)
    head = [
        _("Accepted"), _("Amount"), _("Status"), _("Paid or expected on"), _("Returned on"), _("Return code"),
        _("From"), _("By"), _("For"),
    ]  # fmt: skip
    return csv_export.answer(
        "payments.csv",
        head,
        (
            (
                periods.plan_date(row.accepted_at),
                money.to_dollars(row.cents),
                PaymentStatus(row.status).label,
                "" if row.status in (PaymentStatus.RETURNED, PaymentStatus.CANCELED) else row.paid_date,
                row.returned_on or "",
                row.return_code,
                row.bank_label,
                who,
                "; ".join(f"{name} {money.to_dollars(cents)}" for name, cents in row.shares),
            )
            for row, who in _by(request, rows)
        ),
        made_for=made_for(request.scope),
    )
