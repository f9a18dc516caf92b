"""A payer's bank accounts and acceptance of the payment terms."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from audit import actions as audit
from audit.enums import Kind
from billing.enums import BankAccountKind
from billing.models import BankAccount, TermsAcceptance
from billing.rules import bank_accounts as rules
from billing.rules import terms
from portals.crypto import values as crypto
from portals.scope import PartyRef, Scope


class NotForOthers(PermissionError):
    """Bank accounts are entered, shared and ended by the holder's own people, never by someone acting for them."""


class WrongNumber(ValueError):
    """A routing or account number that the rules refuse; `problem` is theirs. The number itself is not repeated."""

    def __init__(self, problem: rules.RoutingProblem | rules.AccountProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


def accept_terms(*, by: Scope) -> TermsAcceptance:
    """This person accepts the terms in force for this holder. Somebody else's acceptance is not touched (E14)."""
    assert by.user_id is not None and by.party is not None
    with transaction.atomic():
        row, made = TermsAcceptance.objects.get_or_create(
            user_id=by.user_id, holder=str(by.party), version=terms.VERSION
        )
        if made:
            audit.record(
                kind=Kind.CREATE,
                action="billing.accept_terms",
                subjects=[(by.party.kind, by.party.id)],
                object_kind="terms_acceptance",
                object_id=str(row.pk),
                detail={"version": row.version},
                **by.audit(),
            )
    return row


def add_bank_account(
    *,
    by: Scope,
    nickname: str,
    name_on_account: str,
    kind: BankAccountKind,
    routing: str,
    number: str,
    shared_with_producers: bool = False,
) -> BankAccount:
    """A new account of the holder; a change of number is a new account and the end of the old one.

    Raises `WrongNumber`, `NotForOthers`.
    """
    _own_people_only(by)
    assert by.user_id is not None and by.party is not None
    problem = rules.routing_problem(routing) or rules.account_problem(number)
    if problem is not None:
        raise WrongNumber(problem)
    own_uuid = uuid.uuid4()
    with transaction.atomic():
        row = BankAccount.objects.create(
            uuid=own_uuid,
            holder=str(by.party),
            nickname=nickname,
            name_on_account=name_on_account,
            kind=kind,
            routing=rules.normalize(routing),
            number_cipher=crypto.encrypt(rules.normalize(number), context=number_context(own_uuid)),
            last_four=rules.last_four(number),
            shared_with_producers=shared_with_producers,
            added_by_id=by.user_id,
        )
        _record(Kind.CREATE, "billing.add_bank_account", row, by, shared=shared_with_producers)
    return row


def share_bank_account(*, by: Scope, account: uuid.UUID, shared: bool) -> BankAccount:
    """Let the holder's producers pay from it, or no longer. They see its nickname and last four digits only."""
    _own_people_only(by)
    with transaction.atomic():
        row = _live(by, account)
        if row.shared_with_producers != shared:
            row.shared_with_producers = shared
            row.save(update_fields=["shared_with_producers"])
            _record(Kind.CHANGE, "billing.share_bank_account", row, by, shared=shared)
    return row


def end_bank_account(*, by: Scope, account: uuid.UUID) -> BankAccount:
    """No new payment is taken from it; what was submitted goes on. The row is kept."""
    _own_people_only(by)
    with transaction.atomic():
        row = _live(by, account)
        row.ended_at = timezone.now()
        row.save(update_fields=["ended_at"])
        _record(Kind.DELETE, "billing.end_bank_account", row, by)
    return row


def number_context(account: uuid.UUID) -> str:
    """What ties the encrypted number to its row."""
    return f"billing_bankaccount.number.{account}"


def _own_people_only(by: Scope) -> None:
    if by.acting_for is not None:
        raise NotForOthers


def _live(by: Scope, account: uuid.UUID) -> BankAccount:
    """Raises BankAccount.DoesNotExist out of scope or once ended."""
    row = BankAccount.objects.visible_to(by).select_for_update().get(uuid=account, ended_at=None)
    assert isinstance(row, BankAccount)
    return row


def _record(kind: Kind, action: str, row: BankAccount, by: Scope, **detail: object) -> None:
    holder = PartyRef.parse(row.holder)
    audit.record(
        kind=kind,
        action=action,
        subjects=[(holder.kind, holder.id)],
        object_kind="bank_account",
        object_id=str(row.uuid),
        detail=detail or None,
        **by.audit(),
    )
