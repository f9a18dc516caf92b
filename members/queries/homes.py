"""Where people live: at the address on file, and a dependent without one where the subscriber does.

Nothing is copied, so a move of the subscriber moves both. A confidential address is nobody's home.
"""

from __future__ import annotations

from dataclasses import dataclass

from members.models import Person


@dataclass(frozen=True, slots=True)
class Home:
    """`of_subscriber`: the person has no address of their own."""

    address: str = ""
    address2: str = ""
    city: str = ""
    state: str = ""
    zip: str = ""
    of_subscriber: bool = False

    @property
    def is_whole(self) -> bool:
        return bool(self.address and self.zip)

    @property
    def lines(self) -> list[str]:
        """As on an envelope, below the name."""
        place = " ".join(filter(None, (f"{self.city}," if self.city else "", self.state, self.zip)))
        return [line for line in (self.address, self.address2, place) if line]


def of(person: Person) -> Home:
    """Of a person read by `with_home()`. One without a street and ZIP lives where the subscriber has them."""
    own = Home(person.address, person.address2, person.city, person.state, person.zip)
    subscribers = Home(**(getattr(person, "subscriber_home", None) or {}), of_subscriber=True)
    return subscribers if subscribers.is_whole and not own.is_whole else own


def of_person(person: Person) -> Home:
    """One query, for a record that is in no table as well."""
    return of(Person.objects.with_home().filter(pk=person.pk or 0).first() or person)
