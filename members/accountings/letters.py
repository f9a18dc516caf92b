"""The letters about an accounting: subject and body in the language that holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from members.disclosures.queries import DisclosureRow
from members.disclosures.rules import Days


def left_out() -> list[str]:
    """What no accounting holds, in plain words."""
    return [
        _(
            "Not listed: what was used for your treatment, for payment and for running the plan; what was told to you "
            "or with your signed authorization; what was told to people who take part in your care, for national "
            "security, or to a jail about somebody held there; and data without your name, for research."
        ),
        _(
            "Left out for a time: what was told to a health oversight agency or to law enforcement, while the law lets "
            "them ask that you are not told. Ask again later, and it is listed."
        ),
    ]


def _day(day: dt.date) -> str:
    return date_format(day, pgettext("date within a sentence", "F j, Y"))


def when(entry: DisclosureRow) -> str:
    """The day, or the days of a repeated disclosure and how often."""
    first = _day(entry.first_on)
    if not entry.repeated:
        return first
    last = _day(entry.last_on)
    days = _("%(first)s to %(last)s") % {"first": first, "last": last} if entry.first_on != entry.last_on else first
    often = entry.frequency
    if entry.times:
        counted = ngettext("%(count)s time", "%(count)s times", entry.times) % {"count": entry.times}
        often = ", ".join(filter(None, (counted, entry.frequency)))
    return f"{days} ({often})"


def accounting(*, name: str, days: Days, entries: Sequence[DisclosureRow], made: dt.date, plan: str) -> tuple[str, str]:
    values = {
        "name": name,
        "first": _day(days.first),
        "last": _day(days.last),
        "plan": plan,
        "made": _day(made),
    }
    parts = [_("These are the disclosures of %(name)s's health information from %(first)s to %(last)s.") % values]
    for number, each in enumerate(entries, 1):
        recipient = ", ".join(filter(None, (each.recipient, *each.address.splitlines())))
        parts.append(
            "\n".join(
                (
                    f"{number}. {when(each)}",
                    _("To: %(recipient)s") % {"recipient": recipient},
                    _("What: %(description)s") % {"description": each.description},
                    _("Why: %(purpose)s. %(statement)s") % {"purpose": each.purpose_label, "statement": each.statement},
                )
            )
        )
    if not entries:
        parts.append(_("No disclosures in this period."))
    parts += left_out()
    parts.append(_("Made on %(made)s by the privacy office of %(plan)s.") % values)
    return _("Disclosures of your information"), "\n\n".join(parts)


def extension(*, reason: str, to: dt.date, plan: str) -> tuple[str, str]:
    body = _(
        "You asked us for an accounting of the disclosures of your health information. We cannot give it within 60 "
        "days, for this reason: %(reason)s\n\nYou will have it by %(day)s.\n\nThe privacy office of %(plan)s."
    ) % {"reason": reason, "day": _day(to), "plan": plan}
    return _("Your request about disclosures takes longer"), body
