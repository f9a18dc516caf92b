"""The help directory: whom to call for what, by audience, region and date."""

from __future__ import annotations

import datetime as dt

from portals.models import HelpContact


def contact(topic: str, *, audience: str = "", region: str = "", as_of: dt.date) -> HelpContact | None:
    """The nearest entry: this audience and region before the general one."""
    rows = HelpContact.objects.filter(
        topic=topic, audience__in=[audience, ""], region__in=[region, ""], effective__contains=as_of
    )
    return max(rows, key=lambda row: (row.audience == audience, row.region == region), default=None)


def contacts(*, audience: str, region: str = "", as_of: dt.date) -> list[HelpContact]:
    """One entry a topic, the nearest; whoever answers two topics at one telephone is listed once."""
    rows = HelpContact.objects.filter(audience__in=[audience, ""], region__in=[region, ""], effective__contains=as_of)
    nearest: dict[str, HelpContact] = {}
    for row in rows.order_by("topic", "-audience", "-region"):
        nearest.setdefault(row.topic, row)
    return list({(row.owner, row.phone): row for row in nearest.values()}.values())
