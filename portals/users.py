"""New accounts: a username and an address belong to one person, also when two are typed at the same moment."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django_otp_webauthn.models import WebAuthnCredential

from portals.models import AuthenticatorApp, EmailCodes, User

_FIELDS = {"user_username_without_case": "username", "user_email_once": "email"}


class TakenError(ValueError):
    """Another account has this username or e-mail; `fields` are which."""

    def __init__(self, fields: list[str]) -> None:
        super().__init__(", ".join(fields))
        self.fields = fields


def save_new(user: User) -> None:
    """Raises `TakenError`, and leaves the transaction usable, when another account was quicker."""
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        field = _FIELDS.get(getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or "")
        if field is None:
            raise
        raise TakenError([field]) from error


def with_second_step(user_ids: Iterable[int]) -> set[int]:
    """Who of these people holds a second factor. One query."""
    ids = list(user_ids)
    passkeys, apps, mails = (
        model.objects.filter(user_id__in=ids, confirmed=True).order_by().values_list("user_id", flat=True)
        for model in (WebAuthnCredential, AuthenticatorApp, EmailCodes)
    )
    return set(passkeys.union(apps, mails))


def named(typed: str, *, among: QuerySet[User]) -> User | None:
    """The account with this username or e-mail. Where one person's username is another's e-mail, what looks like an
    address is one; addresses that differ in case alone must fit exactly. One query."""
    found = list(among.filter(Q(username__iexact=typed) | Q(email__iexact=typed)).order_by("pk")[:4])
    by_email = [user for user in found if user.email.upper() == typed.upper()]
    exact = [user for user in by_email if user.email == typed]
    by_name = [user for user in found if user.username.upper() == typed.upper()]
    fits = exact or (by_email if len(by_email) == 1 else [])
    order = [*fits, *by_name] if "@" in typed else [*by_name, *fits]
    return order[0] if order else None


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """What people read for `user:12` in a history; the machinery and whoever is unknown have no name. One query."""
    ids = {int(actor.removeprefix("user:")) for actor in actors if actor.startswith("user:")}
    return {f"user:{pk}": user.display_name for pk, user in User.objects.in_bulk(ids).items()}


def of_address(email: str) -> set[int]:
    """The accounts that get mail at this address. One query."""
    return set(User.objects.filter(email__iexact=email).values_list("pk", flat=True)) if email else set()
