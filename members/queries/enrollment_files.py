"""Enrollment files and what was refused of them."""

from __future__ import annotations

import re
from dataclasses import dataclass

from members.models import EnrollmentError


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a file's result. Senders often number subscribers by SSN, so nine digits show their last four."""

    segment: int
    segment_id: str
    subscriber_number: str
    reason: str
    value: str


def refusals(file_id: int) -> list[Line]:
    """In the order of the file. The caller has established that it may know of the file."""
    rows = EnrollmentError.objects.filter(file_id=file_id).order_by("segment", "pk")
    return [Line(r.segment, r.segment_id, masked(r.sender_number), r.reason, r.value) for r in rows]


def masked(number: str) -> str:
    digits = re.sub("[- ]", "", number)
    return f"*****{digits[-4:]}" if re.fullmatch(r"\d{9}", digits) else number
