"""Which answers of the help page belong to a caller's situation: one text for the page and for the desk."""

from __future__ import annotations

from providers.enums import Situation

ANSWERS: dict[Situation, tuple[str, ...]] = {
    Situation.FIRST: ("first-to-register", "staff-account"),
    Situation.MEDICAL: ("participating-medical", "medical-identifiers"),
    Situation.MEDICAL_OUTSIDE: ("non-participating-medical",),
    Situation.MEDICAL_NUMBERS: ("medical-identifiers",),
    Situation.DENTAL: ("dental-letter",),
    Situation.DENTAL_LOST: ("dental-letter-lost",),
    Situation.DENTAL_NO_CLAIM: ("dental-no-claim", "dental-claims"),
    Situation.SEVERAL: ("dental-letter", "shared-manager"),
    Situation.STAFF: ("staff-account", "provider-lost-access", "help-desk-username"),
    Situation.NOBODY_KNOWS: ("who-manages", "manager-leaves"),
}
