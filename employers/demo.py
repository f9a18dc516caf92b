"""The demo plan's employer users, and what they paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.hashers import make_password

from billing.actions import bank, payments
from billing.enums import BankAccountKind
from billing.models import BankAccount, Invoice
from employers.enums import EmployerRole
from employers.models import EmployerUser
from portals import doors
from portals import scope as scopes
from portals.demo import plan as demo
from portals.scope import PartyRef, Portal, Scope

# Client ID, username, name, role. Lakewood's first invoice is still to come: its eBilling is empty.
_PEOPLE = (
    ("0417723", "hashbrook.atc", "Helena Ashbrook", EmployerRole.ADMINISTRATOR),
    ("0417723", "rkestfield.atc", "Rufus Kestfield", EmployerRole.BILLING),
    ("0417723", "jdunwell.atc", "June Dunwell", EmployerRole.ENROLLMENT),
    ("0431007", "cbirchmont.lpt", "Celeste Birchmont", EmployerRole.ADMINISTRATOR),
)
# They exist and have paid, yet nobody signs in as them: the ready screen stays short.
_PAYERS_ELSEWHERE = (
    ("0417809", "dfernwell.hpi", "Desmond Fernwell", EmployerRole.BILLING),
    ("0419901", "evaleford.cto", "Esme Valeford", EmployerRole.BILLING),
    ("0450118", "mrowanhurst.bbw", "Maeve Rowanhurst", EmployerRole.BILLING),
    ("0460042", "ustonecroft.kgw", "Ulric Stonecroft", EmployerRole.BILLING),
)
_PAYERS = {"0417723": "rkestfield.atc", **{client: username for client, username, *_ in _PAYERS_ELSEWHERE}}
_ROUTING = "031300012"


def load(client_ids: Mapping[str, int]) -> None:
    """Their places, by Client ID; in the caller's transaction."""
    for client_id, username, name, role in (*_PEOPLE, *_PAYERS_ELSEWHERE):
        nobody: dict[str, Any] = (
            {} if (client_id, username, name, role) in _PEOPLE else {"password": make_password(None)}
        )
        person = demo.user(username, name, f"{username}@client-{client_id}.example", **nobody)
        client = client_ids[client_id]
        if not EmployerUser.objects.filter(client=client, user=person).exists():
            EmployerUser.objects.create(client_id=client, user=person, role=role)


def pay(client_ids: Mapping[str, int], *, period: dt.date, at: dt.datetime, only: str = "") -> None:
    """Each client that pays (all but one) pays its invoices of that month online; `only` one bill account. Each is one
    payment, asked for again or not."""
    for client_id, username in _PAYERS.items():
        if only and not only.startswith(client_id):
            continue
        person = demo.user(username, "", "")
        party = PartyRef("client", client_ids[client_id])
        base = Scope(actor=f"user:{person.pk}", portal=Portal.EMPLOYER, user_id=person.pk)
        payer = next(each for each in doors.memberships(person.pk) if each.party == party).scope(base)
        with scopes.entered(payer):
            invoices = Invoice.objects.visible_to(payer).filter(period=period, total_cents__gt=0)
            if only:
                invoices = invoices.filter(account__number=only)
            shares = dict(invoices.values_list("account_id", "total_cents"))
            bank.accept_terms(by=payer)
            payments.pay(
                by=payer,
                shares=shares,
                bank_account=_bank_account(payer).uuid,
                at=at,
                idempotency_key=f"demo:{period}:{only}",
            )


def _bank_account(payer: Scope) -> BankAccount:
    held = BankAccount.objects.visible_to(payer).filter(ended_at=None).order_by("pk").first()
    return held or bank.add_bank_account(
        by=payer,
        nickname="Operating account",
        name_on_account="Accounts payable",
        kind=BankAccountKind.CHECKING,
        routing=_ROUTING,
        number=f"90{payer.user_id or 0:08d}",
        shared_with_producers=True,
    )
