"""Where a person is written to: the postal address, and whether somebody at the employer may read the e-mail."""

from __future__ import annotations

from collections.abc import Callable

from members.models import Client, Enrollee, Person
from members.queries import homes
from members.rules import emails
from members.rules.proofs import Mailbox

# holds(person_id, email): is this the address of somebody who works for a client of the person? One query.
Holds = Callable[[int, str], bool]
_holders: list[Holds] = []
_NOBODYS = "nobody@example.invalid"


def register(holds: Holds) -> None:
    """For upper floors, which know the people of a client, in `AppConfig.ready`."""
    _holders.append(holds)


def of_person(person: Person) -> Mailbox:
    """The same queries whatever the record says, and for a record that is in no table. Sees past the tenant: the caller
    has lifted it."""
    key, email = person.pk or 0, person.email or _NOBODYS
    own = Enrollee.objects.filter(person_id=key)
    shared = (
        Enrollee.objects.filter(person__email__iexact=email, client_id__in=own.values("client_id"))
        .exclude(contract_id__in=own.values("contract_id"))
        .exists()
    )
    contact = Client.objects.filter(contracts__enrollees__person_id=key, contact_email__iexact=email).exists()
    held = [holds(key, email) for holds in _holders]
    return Mailbox(
        email=person.email if emails.mailable(person.email) else "",
        confidential_address=bool(person.confidential_address),
        changed_at=person.email_changed_at,
        shared=shared,
        of_the_employer=contact or any(held),
    )


def postal_address(person: Person) -> str:
    """The lines on an envelope: a confidential address as it was given (164.522(b)), else name and home. One query."""
    home = homes.of_person(person)
    return person.confidential_address or "\n".join(part for part in (person.full_name, *home.lines) if part)


def has_address(person: Person) -> bool:
    home = homes.of_person(person)
    return bool(person.confidential_address) or home.is_whole
