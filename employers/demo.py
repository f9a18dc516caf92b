"""The demo plan's employer users."""

from __future__ import annotations

from collections.abc import Mapping

from employers.enums import EmployerRole
from employers.models import EmployerUser
from portals import demo

# Client ID, username, name, role. Lakewood's first invoice is still to come: its eBilling is empty.
_PEOPLE = (
    ("0417723", "hashbrook.atc", "Helena Ashbrook", EmployerRole.ADMINISTRATOR),
    ("0417723", "rkestfield.atc", "Rufus Kestfield", EmployerRole.BILLING),
    ("0417723", "jdunwell.atc", "June Dunwell", EmployerRole.ENROLLMENT),
    ("0431007", "cbirchmont.lpt", "Celeste Birchmont", EmployerRole.ADMINISTRATOR),
)
PAYER = "rkestfield.atc"


def load(client_ids: Mapping[str, int]) -> None:
    """Their places, by Client ID; in the caller's transaction."""
    for client_id, username, name, role in _PEOPLE:
        person = demo.user(username, name, f"{username}@client-{client_id}.example")
        client = client_ids[client_id]
        if not EmployerUser.objects.filter(client=client, user=person).exists():
            EmployerUser.objects.create(client_id=client, user=person, role=role)
