"""What callers of practices say, as the desk types it."""

from __future__ import annotations

import uuid

from portals.enums import CallerCheck
from providers.enums import Successor

TAX_ID, NPI = "14-0000777", "1234567893"
CALLER = {
    "caller_name": "Ines Marlowe", "caller_role": "Owner", "check": CallerCheck.CALLED_BACK.value,
    "note": "Called back at the number in the public register.",
}  # fmt: skip
MANAGER = {
    "given_name": "Olga", "family_name": "Brandt", "email": "olga@fernhollow.example",
    "authorized_by": "Dr. Ines Marlowe", "authorized_on": "11/30/2026",
}  # fmt: skip
OFFICE = {
    "name": "Fernhollow Allergy", "address": "3 Fern Ln", "city": "Rivergate", "state": "ny", "zip": "12207",
    "phone": "518-555-0177",
}  # fmt: skip


def numbers(**other: str) -> dict[str, str]:
    return {"discipline": "medical", "tax_id": TAX_ID, "npi": NPI} | other


def office(**other: str) -> dict[str, str]:
    return {"once": str(uuid.uuid4()), **CALLER, **MANAGER, **OFFICE} | other


def left(practice_id: int, *place_ids: int, successor: Successor, **other: str) -> dict[str, object]:
    invited = MANAGER if successor == Successor.INVITE else {}
    return {
        "once": str(uuid.uuid4()),
        "practice": practice_id,
        "places": list(place_ids),
        "last_day": "12/11/2026",
        "successor": successor.value,
        **CALLER,
        **invited,
        **other,
    }
