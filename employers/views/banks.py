"""The employer's bank accounts: typed, shared and ended by its own people, after showing that they are there."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from billing.actions import bank
from billing.enums import BankAccountKind
from billing.models import BankAccount
from billing.queries import payments as reads
from employers.access import Employer
from employers.forms import BankAccountForm, EndForm
from employers.views.gates import need_first_invoice
from employers.views.pay import chosen_bank, first_steps
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.step_up import RECENTLY


@page(
    audience=Audience.EMPLOYER,
    discloses=("bank_account.last_four",),
    permission=Employer.PAY,
    label=gettext_lazy("Bank accounts"),
)
def banks(request: Request) -> HttpResponseBase:
    need_first_invoice(request.scope)
    return TemplateResponse(
        request,
        "employers/ebilling_banks.html",
        {
            "rows": reads.bank_accounts(request.scope),
            "may_manage": Employer.MANAGE_BANK in request.scope.permissions,
        },
    )


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.MANAGE_BANK,
    step_up=RECENTLY,
    label=gettext_lazy("Adding a bank account"),
)
def add(request: Request) -> HttpResponseBase:
    need_first_invoice(request.scope)
    target = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = ""
    form = BankAccountForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        row = bank.add_bank_account(
            by=request.scope,
            nickname=data["nickname"],
            name_on_account=data["name_on_account"],
            kind=BankAccountKind(data["kind"]),
            routing=data["routing"],
            number=data["number"],
            shared_with_producers=data["shared"],
        )
        chosen_bank(request, row.uuid)
        messages.success(request, _("%(name)s ····%(last)s is added.") % {"name": row.nickname, "last": row.last_four})
        return redirect(target or "employers:ebilling_banks")
    return TemplateResponse(
        request, "employers/ebilling_bank_add.html", {"form": form, "next": target, "steps": first_steps(target)}
    )


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.MANAGE_BANK,
    step_up=RECENTLY,
    label=gettext_lazy("Bank account"),
)
def change(request: Request, account: uuid.UUID) -> HttpResponseBase:
    """Share with the producer, stop sharing, or end. A changed number is a new account."""
    row = next((row for row in reads.bank_accounts(request.scope) if row.uuid == account), None)
    if row is None:
        raise Http404
    if request.method == "POST":
        try:
            if request.POST.get("do") == "end":
                bank.end_bank_account(by=request.scope, account=account)
                messages.success(request, _("%(name)s is no longer used for payments.") % {"name": row.label})
            elif request.POST.get("do") in ("share", "unshare"):
                shared = request.POST["do"] == "share"
                bank.share_bank_account(by=request.scope, account=account, shared=shared)
                message = _("Your producer may pay from %(name)s.") if shared else _("%(name)s is no longer shared.")
                messages.success(request, message % {"name": row.label})
        except BankAccount.DoesNotExist as gone:
            raise Http404 from gone
        return redirect(reverse("employers:ebilling_banks"))
    if "end" in request.GET:
        facts = [(_("Account"), row.label), (_("Kind"), row.kind)]
        return TemplateResponse(
            request, "employers/ebilling_bank_end.html", {"row": row, "facts": facts, "form": EndForm()}
        )
    return TemplateResponse(request, "employers/ebilling_bank.html", {"row": row})
