"""Which way the code of the first sign-in goes: never into a mailbox that the employer may read."""

import datetime as dt
from dataclasses import replace

import pytest

from members.rules.proofs import SETTLED, ByLetter, Mailbox, by_letter
from portals.plan.periods import PLAN_ZONE

NOW = dt.datetime(2026, 12, 14, 12, tzinfo=PLAN_ZONE)
MAILBOX = Mailbox("iris@mail.example", confidential_address=False, changed_at=None, shared=False, of_the_employer=False)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"email": ""}, ByLetter.NO_EMAIL),
        ({"confidential_address": True}, ByLetter.CONFIDENTIAL),
        ({"changed_at": NOW}, ByLetter.CHANGED_LATELY),
        ({"changed_at": NOW - SETTLED + dt.timedelta(seconds=1)}, ByLetter.CHANGED_LATELY),
        ({"changed_at": NOW + dt.timedelta(days=1)}, ByLetter.CHANGED_LATELY),
        ({"changed_at": NOW - SETTLED}, None),
        ({"shared": True}, ByLetter.SHARED),
        ({"of_the_employer": True}, ByLetter.OF_THE_EMPLOYER),
    ],
)
def test_the_way_of_a_code(changes: dict[str, object], reason: ByLetter | None) -> None:
    assert by_letter(replace(MAILBOX, **changes), at=NOW) == reason
