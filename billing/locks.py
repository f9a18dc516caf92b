"""Locks of money, in one order everywhere: bill account, then invoice, then payment; each kind in key order."""

from __future__ import annotations

from collections.abc import Iterable

from billing.models import BillAccount, Payment


def accounts(ids: Iterable[int]) -> list[BillAccount]:
    return list(BillAccount.objects.filter(pk__in=list(ids)).order_by("pk").select_for_update(no_key=True))


def payments(ids: Iterable[int]) -> list[Payment]:
    return list(Payment.objects.filter(pk__in=list(ids)).order_by("pk").select_for_update(of=("self",), no_key=True))
