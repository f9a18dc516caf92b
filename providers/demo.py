"""The demo plan's practices and their people."""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import replace
from pathlib import Path

from django.utils import timezone
from stdnum import luhn

from portals import doors
from portals.access_reviews import actions as access_reviews
from portals.demo import plan as demo
from portals.enums import CallerCheck, ReviewKind
from portals.models import AccessReview, User
from portals.scope import PartyRef, Portal, Scope
from providers.actions import offices, practices
from providers.enums import PracticeRole
from providers.models import Practice, StaffMembership
from providers.rules import NPI_PREFIX

CAPITAL = "P-204417"
REVIEW_DUE = dt.date(2027, 1, 15)
FERNHOLLOW = "P-300312"  # does not participate: its access comes by a call to Customer Care


def npi(number: int) -> str:
    """A valid NPI beginning with 2, none of which was ever given out."""
    body = f"2{number:08d}"
    return body + str(luhn.calc_check_digit(NPI_PREFIX + body))


# Provider ID, name, tax ID, discipline, participating from, address, city, ZIP, telephone, practitioners.
_PRACTICES: tuple[tuple[object, ...], ...] = (
    (CAPITAL, "Capital Family Practice", "14-0000410", "medical", "2019-01-01", "41 Lantern Ave", "Rivergate", "12207",
     "518-555-0141", (("Vera", "Sedgewick", "Family medicine"), ("Amos", "Larkmore", "Family medicine"),
                      ("Una", "Penfield", "Pediatrics"))),
    ("P-204852", "Lantern Street Dental", "14-0000485", "dental", "2021-07-01", "8 Lantern Ave", "Rivergate", "12207",
     "518-555-0148", (("Otto", "Westead", "Dentistry"), ("Greta", "Ivercombe", "Orthodontics"))),
    ("P-209913", "Oxbow Orthopedics", "25-0000991", "medical", "2022-01-01", "220 Oxbow Rd", "Presque Point", "16501",
     "814-555-0199", (("Hugo", "Nethridge", "Orthopedic surgery"),)),
    ("P-300127", "Halyard Dental Arts", "14-0003001", "dental", "", "17 Halyard Ct", "Lake Hollow", "14201",
     "716-555-0127", ()),
    (FERNHOLLOW, "Fernhollow Allergy", "14-0003120", "medical", "", "3 Fern Ln", "Rivergate", "12207",
     "518-555-0152", (("Ines", "Marlowe", "Allergy"),)),
)  # fmt: skip

# Username, name, e-mail, role, days since the last sign-in (None: never, must set a password).
_PEOPLE = (
    ("praman.cfp", "Priya Raman", "priya@capitalfp.example", PracticeRole.MANAGER, 1),
    ("jweil.cfp", "Jonas Weil", "jweil@capitalfp.example", PracticeRole.FRONT_OFFICE, 3),
    ("mosei.cfp", "Marta Osei", "office+mosei@capitalfp.example", PracticeRole.BILLING, None),
    ("dferro.cfp", "Dan Ferro", "dferro@capitalfp.example", PracticeRole.FRONT_OFFICE, 143),
)


def write_files(folder: Path) -> Path:
    path = folder / "providers.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(column.name for column in practices.COLUMNS)
        number = 0
        for key, name, tax_id, discipline, since, address, city, zip_code, phone, people in _PRACTICES:
            number += 1
            own = (key, name, tax_id, npi(number), discipline, since, "", address, city, _state(str(zip_code)),
                   zip_code, phone)  # fmt: skip
            assert isinstance(people, tuple)
            for first, last, specialty in people or (("", "", ""),):
                number += 1
                writer.writerow([*own, npi(number) if first else "", first, last, specialty])
    return path


def _state(zip_code: str) -> str:
    return "NY" if zip_code < "15000" else "PA"


def load(folder: Path, *, by: Scope) -> int:
    """Practices through `import_providers`, then the people of Capital Family Practice; how many practices."""
    summary = demo.run("import_providers", write_files(folder))
    practice = Practice.objects.get(provider_id=CAPITAL)
    now = timezone.now()  # sign-ins go by the clock, not by the business date
    for username, name, email, role, days in _PEOPLE:
        seen = {"must_change_password": True} if days is None else {"last_login": now - dt.timedelta(days=days)}
        person = demo.user(username, name, email, **seen)
        if not StaffMembership.objects.filter(practice=practice, user=person).exists():
            StaffMembership.objects.create(practice=practice, user=person, role=role, added_by=by.actor)
    _open_review(PartyRef("practice", practice.pk), by=by)
    _call_of_fernhollow(by)
    return int(summary["rows"])


def _open_review(party: PartyRef, *, by: Scope) -> None:
    """Its manager has a month to confirm the others; reminders come on January 1, 8 and 14."""
    if not AccessReview.objects.filter(party=str(party)).exists():
        access_reviews.open_reviews(
            by=by, kind=ReviewKind.PRACTICE, due_date=REVIEW_DUE, as_of=demo.BUSINESS_DATE, party=party
        )


def _call_of_fernhollow(by: Scope) -> None:
    """Customer Care took its call; a colleague has yet to approve it."""
    clerk = User.objects.filter(username="nperriwell").first()
    desk = doors.memberships(clerk.pk, Portal.DESK) if clerk else []
    if clerk is None or not desk:
        return
    practice = Practice.objects.get(provider_id=FERNHOLLOW)
    call = {
        "practice": practice.pk, "name": practice.name, "provider_id": FERNHOLLOW, "caller_name": "Ines Marlowe",
        "caller_role": "Owner", "check": CallerCheck.CALLED_BACK.value, "given_name": "Olga", "family_name": "Brandt",
        "email": "olga@fernhollow.example", "authorized_by": "Dr. Ines Marlowe", "authorized_on": "2026-12-11",
        "note": "Sees our members now and then; wants to check eligibility.",
    }  # fmt: skip
    scope = replace(by, actor=f"user:{clerk.pk}", user_id=clerk.pk)
    offices.take_call(by=desk[0].scope(scope), call=call, once="demo")
