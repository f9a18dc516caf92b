"""What a payer's eBilling waits for, of many payers at once: never an amount, a number or a name."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from billing.models import AccountAccess, BankAccount, TermsAcceptance
from billing.rules import terms


@dataclass(frozen=True, slots=True)
class Opening:
    first_invoice: bool  # one was issued: eBilling is open
    terms: bool  # accepted by this person for this payer, in the version in force
    shared_account: bool  # a bank account that somebody acting may pay from


def of(holders: Collection[str], *, user_id: int) -> dict[str, Opening]:
    """By holder. Three queries. The caller may know of these payers, and sees past the tenant where it must."""
    invoiced = set(
        AccountAccess.objects.filter(holder__in=holders, account__invoices__issued_at__isnull=False).values_list(
            "holder", flat=True
        )
    )
    accepted = set(
        TermsAcceptance.objects.filter(user_id=user_id, holder__in=holders, version=terms.VERSION).values_list(
            "holder", flat=True
        )
    )
    shared = set(
        BankAccount.objects.filter(holder__in=holders, ended_at=None, shared_with_producers=True).values_list(
            "holder", flat=True
        )
    )
    return {holder: Opening(holder in invoiced, holder in accepted, holder in shared) for holder in holders}
