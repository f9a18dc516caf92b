"""The demo plan's configuration of the door: state rules, help directory, news, closings, business date, its own
people. Facts of one plan, kept as data; another plan enters its own at the service desk.

Only in a demo: `require` refuses elsewhere. Everything is made once; what was changed since is left as it is.
"""

from __future__ import annotations

import datetime as dt
import functools
import io
import json
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils import timezone

from portals import clock
from portals.enums import Team, UserKind
from portals.models import Announcement, EmailCodes, HelpContact, PlanClock, PlanClosing, StaffRole, StateRule, User
from portals.scope import Scope

BUSINESS_DATE = dt.date(2026, 12, 14)
PHRASE = "four lanterns by the lake"  # every demo person's password, shown on the ready screen
ALWAYS = DateRange(dt.date(2020, 1, 1), None)
WEEKDAYS = "Monday to Friday, 8 am to 6 pm Eastern"


class DemoFailed(CommandError):
    """A part of the demo did not enter whole."""


def require() -> None:
    if not settings.DEMO:
        raise CommandError("The demo plan is for demos only: these settings are of a real plan.", returncode=2)


def run(command: str, *arguments: object, nothing: bool = False) -> dict[str, Any]:
    """The summary of an operators' command that must take everything (exit 0); `nothing`: or find it done (exit 2)."""
    out = io.StringIO()
    try:
        call_command(command, *map(str, arguments), "--json", stdout=out)
    except SystemExit as left:
        if left.code and not (left.code == 2 and nothing):
            raise DemoFailed(f"{command} ended with {left.code}: {out.getvalue()[:2000]}") from left
    summary: dict[str, Any] = json.loads(out.getvalue())
    return summary


@functools.cache
def _password() -> str:
    return make_password(PHRASE)


def user(username: str, name: str, email: str, kind: UserKind = UserKind.WORK, **fields: Any) -> User:
    """The demo person with that username, made with the demo's password if not there. `name` is given and family.
    People who work get their second step by mail (the demo mailbox), unless they have yet to sign in at all."""
    fields.setdefault("password", _password())
    found = User.objects.filter(username__iexact=username).first()
    if found is None:
        given, _, family = name.partition(" ")
        proven = None if fields.get("must_change_password") else timezone.now()
        found = User.objects.create(
            username=username, email=email, given_name=given, family_name=family, kind=kind, email_proven_at=proven,
            **fields,
        )  # fmt: skip
        if kind == UserKind.WORK and proven:
            EmailCodes.objects.create(user=found, name="")
    return found


def load(*, by: Scope) -> None:
    """State rules, contacts, news, closings, business date, plan staff; in the caller's transaction."""
    for state, name, value in STATE_RULES:
        if not StateRule.objects.filter(state=state, name=name).exists():
            StateRule.objects.create(state=state, name=name, value=value, effective=ALWAYS)
    for audience, region, topic, owner, phone, hours in CONTACTS:
        if not HelpContact.objects.filter(audience=audience, region=region, topic=topic).exists():
            HelpContact.objects.create(
                audience=audience, region=region, topic=topic, owner=owner, phone=phone, hours=hours, effective=ALWAYS
            )
    for audience, region, title, body, first, last in ANNOUNCEMENTS:
        if not Announcement.objects.filter(audience=audience, region=region, title=title).exists():
            shown = DateRange(dt.date.fromisoformat(first), dt.date.fromisoformat(last) + dt.timedelta(days=1))
            Announcement.objects.create(audience=audience, region=region, title=title, body=body, shown=shown)
    for day, reason in CLOSINGS:
        PlanClosing.objects.get_or_create(day=dt.date.fromisoformat(day), defaults={"reason": reason})
    if not PlanClock.objects.exists():
        clock.move_to(BUSINESS_DATE, by=by)
    for username, name, team in STAFF:
        person = user(username, name, f"{username}@northgate.example")
        if not StaffRole.objects.filter(user=person, team=team).exists():
            StaffRole.objects.create(user=person, team=team)


# F1 of the rulings. The demo rates every state by tiers; `rating` says so (docs/operators.md).
STATE_RULES: Sequence[tuple[str, str, Any]] = (
    ("NY", "invoice_rule", {"kind": "days_before_due", "day": 20}),
    ("PA", "invoice_rule", {"kind": "fixed_day", "day": 15}),
    ("WV", "invoice_rule", {"kind": "fixed_day", "day": 15}),
    ("DE", "invoice_rule", {"kind": "fixed_day", "day": 15}),
    ("**", "grace_days", 30),
    ("**", "proration", "fifteenth"),
    ("**", "rating", "tier"),
)

# Audience, region, topic, owner, telephone, hours. Empty audience or region: everyone, everywhere.
CONTACTS = (
    ("", "", "portal", "Website help", "1-877-298-3918", WEEKDAYS),
    ("", "", "privacy", "Privacy officer", "1-800-555-0155", WEEKDAYS),
    ("producer", "", "portal", "Web support", "1-877-298-3918", f"Press 3. {WEEKDAYS}"),
    ("provider", "", "portal", "Web Help Desk", "1-800-278-1247", WEEKDAYS),
    ("provider", "", "web-help-desk", "Web Help Desk", "1-800-278-1247", WEEKDAYS),
    ("provider", "", "customer-care", "Customer Care", "1-800-920-8889", f"Press 2 for eligibility. {WEEKDAYS}"),
    ("provider", "", "dental-claims", "Dental claims", "1-800-724-1675", WEEKDAYS),
    ("member", "", "member-services", "Member services", "1-800-555-0142", "Monday to Friday, 8 am to 8 pm Eastern"),
    ("member", "NENY", "member-services", "Member services, northeastern New York", "1-800-555-0143",
     "Monday to Friday, 8 am to 8 pm Eastern"),
    ("member", "", "mail-order-pharmacy", "Express Scripts (mail order)", "1-866-264-4685",
     "24 hours a day, 7 days a week"),
    ("member", "", "specialty-pharmacy", "Accredo (specialty pharmacy)", "1-800-803-2523",
     "Monday to Friday, 8 am to 11 pm, Saturday, 8 am to 5 pm Eastern; a pharmacist at any hour"),
    ("member", "", "wellness-card", "Alegeus (wellness card)", "1-844-946-6261", WEEKDAYS),
    ("employer", "", "billing-enrollment", "Billing and enrollment", "1-800-555-0151", WEEKDAYS),
    ("employer", "", "client-management", "Client management", "1-800-555-0152", WEEKDAYS),
    ("producer", "", "client-management", "Client management", "1-800-555-0152", WEEKDAYS),
    ("producer", "", "channel-compensation", "Channel compensation", "1-800-555-0153", WEEKDAYS),
)  # fmt: skip

# Audience, region, title, text, first and last day shown.
ANNOUNCEMENTS = (
    ("", "", "Our offices close for the holidays",
     "Our telephones are closed on Friday, December 25 and Friday, January 1. This website stays open.",
     "2026-12-18", "2027-01-01"),
    ("member", "", "Your ID card is new",
     "Use it from the day printed on it. Your Express Scripts and Accredo sign-in and history stay as they are.",
     "2026-11-01", "2027-03-31"),
    ("member", "", "Some drugs change tier on January 1",
     "The list of covered drugs changes on January 1, 2027. Ask your pharmacist or call member services if you are not "
     "sure what it means for yours.",
     "2026-12-01", "2027-01-31"),
    ("employer", "", "Autopay did not move with you",
     "Autopay from your previous account does not carry over. Pay online in eBilling, or mail a check with the number "
     "of your invoice on it.",
     "2026-11-01", "2027-03-31"),
    ("producer", "", "Your New York clients moved with you",
     "Clients that you held for New York were added to your book when they moved here. Call client management about a "
     "client that you miss.",
     "2026-11-01", "2027-03-31"),
    ("provider", "", "One person, one username",
     "Everyone in your office signs in with their own username. Your office manager adds people and removes those who "
     "left.",
     "2026-11-01", "2027-06-30"),
)  # fmt: skip

CLOSINGS = (("2026-11-27", "The day after Thanksgiving"), ("2027-11-26", "The day after Thanksgiving"))

STAFF = (
    ("lquillbrook", "Lena Quillbrook", Team.HELP_DESK),
    ("oflintdale", "Otto Flintdale", Team.CLIENT_MANAGEMENT),
    ("cmarlwick", "Cora Marlwick", Team.CHANNEL_COMPENSATION),
    ("ftarnford", "Felix Tarnford", Team.BILLING_OPERATIONS),
    ("abirchley", "Ada Birchley", Team.ENROLLMENT),
    ("sgalehurst", "Silas Galehurst", Team.PRIVACY),
)
