"""Everybody covered with a client on a day: what a plan sponsor may have of its people (45 CFR 164.504(f)), and no
more. Enrollment only: no address, no claim, no drug, of an SSN the last four digits (rulings 22).

The list goes to the client alone, by the plan's own people (rulings 17).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection

from billing.enums import CoverageLine, Tier
from members.enums import Relationship
from members.models import Group
from members.rules import names
from portals.plan import periods
from portals.scope import Portal, Scope

_ROWS = """
SELECT p.id, e.member_id, concat_ws(' ', nullif(p.first_name, ''), nullif(p.middle_name, ''), nullif(p.last_name, ''),
       nullif(p.suffix, '')), e.relationship, g.number, v.line, r.name, coalesce(s.price_key, ''), lower(v.effective),
       upper(v.effective), v.cobra, p.birth_date, p.ssn_last_four
FROM members_coverage v
JOIN members_enrollee e ON e.id = v.enrollee_id
JOIN members_person p ON p.id = e.person_id
JOIN members_contract c ON c.id = v.contract_id
JOIN members_person holder ON holder.id = c.subscriber_id
JOIN members_benefitpackage k ON k.id = v.package_id
JOIN members_group g ON g.id = k.group_id
JOIN members_product m ON m.id = k.product_id
JOIN billing_ratedproduct r ON r.id = m.rated_id
LEFT JOIN billing_billablesegment s
  ON s.contract = v.contract_id AND s.line = v.line AND s.effective @> %(as_of)s AND upper_inf(s.known)
WHERE v.client_id = %(client)s AND upper_inf(v.known) AND v.effective @> %(as_of)s
  AND (%(group)s::bigint IS NULL OR g.id = %(group)s)
ORDER BY holder.sort_key, c.id, e.suffix, v.line
"""


@dataclass(frozen=True, slots=True)
class Covered:
    """One person and line of coverage. `person` is our id, for the audit row; `last_day` is the last day covered, None
    while no end is known."""

    person: int
    member_id: str
    name: str
    relationship: str
    group: str
    line: str
    product: str
    tier: str
    first_day: dt.date
    last_day: dt.date | None
    cobra: bool
    birth_date: dt.date
    ssn_last_four: str


def rows(scope: Scope, client_id: int, *, as_of: dt.date, group_id: int | None = None) -> Iterator[Covered]:
    """Who is covered on that day, by contract holder's name; of one group number, or of all. One query with a cursor of
    the server's, inside the caller's transaction. Raises PermissionError for everybody but the plan's own people."""
    if scope.portal not in (Portal.DESK, Portal.SYSTEM):
        raise PermissionError("a full list is made by the plan's own people")
    with connection.chunked_cursor() as cursor:
        cursor.execute(_ROWS, {"client": client_id, "as_of": as_of, "group": group_id})
        for person, member_id, name, relationship, group, line, product, tier, first, end, *rest in cursor:
            yield Covered(
                person,
                member_id,
                names.readable(name),
                str(Relationship(relationship).label),
                group,
                str(CoverageLine(line).label),
                product,
                str(Tier(tier).label) if tier in Tier.values else tier,
                first,
                periods.last_day_covered(end),
                *rest,
            )


def groups(client_id: int) -> list[tuple[int, str]]:
    """A client's group numbers with their names, by number; for the plan's own people. One query."""
    found = Group.objects.filter(client_id=client_id).order_by("number")
    return [(row.pk, f"{row.number} · {row.name}") for row in found]
