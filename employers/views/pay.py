"""Paying: check your answers, amounts, terms. Everything payable is two clicks from eBilling."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions import bank, payments
from billing.actions.payments import PaymentProblem
from billing.models import BillAccount
from billing.queries import accounts
from billing.queries import payments as reads
from billing.queries.payments import BankRow
from billing.rules import schedule, terms
from employers.access import NO_SHARED_ACCOUNT, Employer
from employers.forms import AmountsForm, PayForm, TermsForm
from employers.queries import ebilling
from employers.views.gates import need_first_invoice
from portals.enums import Topic
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.permissions import Answer, Refused
from portals.plan import clock, periods
from portals.scope import Scope

DRAFT = "payment_draft"
PROBLEM_WORDS = {
    PaymentProblem.NOTHING: gettext_lazy("There is nothing to pay now."),
    PaymentProblem.TERMS: gettext_lazy("Accept the payment terms first."),
    PaymentProblem.BANK_ACCOUNT: gettext_lazy("This bank account is no longer in use. Choose another one."),
    PaymentProblem.NOT_SHARED: gettext_lazy("The employer no longer shares this bank account with you."),
    PaymentProblem.TOO_MUCH: gettext_lazy(
        "Part of this was paid or submitted in the meantime. Below is what can be paid now; nothing was taken twice."
    ),
    PaymentProblem.TOO_LARGE: gettext_lazy("This is more than one bank payment can carry. Pay in two parts."),
    PaymentProblem.KEY_REUSED: gettext_lazy(
        "This page was already used for another payment. Check the amounts once more."
    ),
}


@page(
    audience=Audience.EMPLOYER,
    discloses=("bank_account.last_four",),
    permission=Employer.PAY,
    label=gettext_lazy("Payment before it is made"),
)
def pay(request: Request) -> HttpResponseBase:
    """Check your answers: what is paid from where, what it is applied to, and when it counts. One button."""
    need_first_invoice(request.scope)
    if not reads.terms_accepted(request.scope):
        return redirect(f"{reverse('employers:ebilling_terms')}?{urlencode({'next': request.get_full_path()})}")
    banks = reads.bank_accounts(request.scope)
    if not banks:
        return _without_bank(request)
    problem = ""
    if request.method == "POST":
        form = PayForm(request.POST)
        if form.is_valid():
            try:
                payment = payments.pay(
                    by=request.scope,
                    shares=form.cleaned_data["shares"],
                    bank_account=form.cleaned_data["bank"],
                    idempotency_key=form.cleaned_data["key"],
                )
            except payments.PaymentRefused as refused:
                problem = str(PROBLEM_WORDS[refused.problem])
            except BillAccount.DoesNotExist as gone:
                raise Http404 from gone
            else:
                request.session.pop(DRAFT, None)
                return redirect(f"{reverse('employers:ebilling_payment', args=[payment.uuid])}?new")
        else:
            problem = _("This page could not be read. Check the amounts and press the button again.")
    return _check(request, banks, problem)


def _check(request: Request, banks: list[BankRow], problem: str) -> HttpResponseBase:
    now = clock.now()
    draft = _draft(request.scope, request.session.get(DRAFT)) if "chosen" in request.GET else {}
    own = {row.id: row for row in accounts.accounts(request.scope, as_of=periods.plan_date(now))}
    shares = draft.get("shares") or ebilling.payable_by_account(
        request.scope, own.values(), invoice=request.GET.get("invoice", "")
    )
    shares = {account: min(cents, own[account].payable_cents) for account, cents in shares.items() if account in own}
    shares = {account: cents for account, cents in shares.items() if cents > 0}
    source = next((row for row in banks if str(row.uuid) == draft.get("bank")), banks[0])
    applied = reads.preview(shares) if shares else {}
    days = schedule.ach_dates(now, payments.cut_off())
    return TemplateResponse(
        request,
        "employers/ebilling_pay.html",
        {
            "problem": problem,
            "rows": [(own[account], cents, applied[account]) for account, cents in sorted(shares.items())],
            "total": sum(shares.values()),
            "bank": source,
            "days": days,
            "until": payments.cancel_until(days.file_date),
            "form": PayForm.showing(shares, source.uuid),
            "may_manage": Employer.MANAGE_BANK in request.scope.permissions,
        },
        status=409 if problem else 200,
    )


@page(
    audience=Audience.EMPLOYER,
    discloses=("bank_account.last_four",),
    permission=Employer.PAY,
    label=gettext_lazy("Amounts to pay"),
)
def amounts(request: Request) -> HttpResponseBase:
    """Another amount, some of the accounts, or another bank account."""
    need_first_invoice(request.scope)
    draft = _draft(request.scope, request.session.get(DRAFT))
    banks = reads.bank_accounts(request.scope)
    own = accounts.accounts(request.scope, as_of=clock.today())
    form = AmountsForm(
        request.POST or None,
        accounts=own,
        banks=banks,
        shares=draft.get("shares") or ebilling.payable_by_account(request.scope, own),
        bank=draft.get("bank") or (str(banks[0].uuid) if banks else ""),
    )
    if request.method == "POST" and form.is_valid():
        request.session[DRAFT] = {
            "party": str(request.scope.party),
            "shares": {str(account): cents for account, cents in form.shares.items()},
            "bank": form.cleaned_data.get("bank", draft.get("bank", "")),
        }
        return redirect(f"{reverse('employers:ebilling_pay')}?chosen")
    return TemplateResponse(request, "employers/ebilling_amounts.html", {"form": form, "some": bool(form.rows)})


@page(audience=Audience.EMPLOYER, discloses=NOTHING, permission=Employer.PAY, label=gettext_lazy("Payment terms"))
def accept(request: Request) -> HttpResponseBase:
    """The payment terms in full; each person accepts them for each employer they pay for (B8, P21)."""
    need_first_invoice(request.scope)
    target = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = reverse("employers:ebilling")
    form = TermsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        bank.accept_terms(by=request.scope)
        messages.success(request, _("You accepted the payment terms."))
        return redirect(target)
    return TemplateResponse(
        request,
        "employers/ebilling_terms.html",
        {
            "form": form,
            "next": target,
            "version": terms.VERSION,
            "accepted": reads.terms_accepted(request.scope),
            "cut_off": payments.cut_off(),
            "steps": first_steps(target),
        },
    )


def first_steps(target: str) -> list[str]:
    """Where a first payment stands, when the page is on the way to paying."""
    if not target.startswith(reverse("employers:ebilling_pay")):
        return []
    return [_("Payment terms"), _("Bank account"), _("Check and pay")]


def _without_bank(request: Request) -> HttpResponseBase:
    if Employer.MANAGE_BANK in request.scope.permissions:
        return redirect(f"{reverse('employers:ebilling_bank_add')}?{urlencode({'next': request.get_full_path()})}")
    raise Refused(Answer(False, gate=NO_SHARED_ACCOUNT, owner=Topic.BILLING_ENROLLMENT))


def _draft(scope: Scope, kept: dict[str, Any] | None) -> dict[str, Any]:
    """What was chosen for this employer; what was chosen for another one is not taken over."""
    if not kept or kept.get("party") != str(scope.party):
        return {}
    return {"shares": {int(account): cents for account, cents in kept["shares"].items()}, "bank": kept["bank"]}


def chosen_bank(request: Request, account: uuid.UUID) -> None:
    """A bank account just added is the one to pay from."""
    draft = _draft(request.scope, request.session.get(DRAFT))
    request.session[DRAFT] = {
        "party": str(request.scope.party),
        "shares": {str(key): cents for key, cents in draft.get("shares", {}).items()},
        "bank": str(account),
    }
