"""What stands on an ID card, decided on values only."""

from __future__ import annotations

NAME_LIMIT = 26  # letters of the printed line; a setting of the card design


def printed_name(*, first: str, middle: str, last: str, suffix: str, limit: int = NAME_LIMIT) -> str:
    """The name as the card prints it, in fixed steps until it fits (rulings 37): periods dropped; middle name to its
    initial; middle dropped; the suffix is kept; then the rest is cut. The full name stays in the accessible text,
    and a cut name does not affect coverage (M5)."""
    first, middle, last, suffix = (
        " ".join(part.replace(".", "").upper().split()) for part in (first, middle, last, suffix)
    )
    tail = f" {suffix}" if suffix else ""
    for shown in (middle, middle[:1], ""):
        name = " ".join(part for part in (first, shown, last) if part)
        if len(name) + len(tail) <= limit:
            return name + tail
    name = f"{first} {last}".strip()
    return name[: limit - len(tail)].rstrip() + tail


def spaced_member_id(member_id: str) -> str:
    """As printed and read aloud: NGH 8842 0173 01."""
    return " ".join((member_id[:3], member_id[3:7], member_id[7:11], member_id[11:]))


def typed_identifier(text: str) -> str:
    """What a person typed as member ID or SSN, without the spaces and dashes of the card or of habit."""
    return "".join(c for c in text.upper() if c.isalnum())
