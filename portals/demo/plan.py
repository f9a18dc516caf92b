"""The demo plan's configuration of the door: state rules, help directory, news, closings, business date, its own
people. Facts of one plan, kept as data; another plan has its own (docs/running.md, "What is set where").

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

from portals.enums import Team, UserKind
from portals.models import Announcement, EmailCodes, HelpContact, PlanClock, PlanClosing, StaffRole, StateRule, User
from portals.plan import clock, hours
from portals.scope import Scope

BUSINESS_DATE = dt.date(2026, 12, 14)
PHRASE = "four lanterns by the lake"  # every demo person's password, shown on the ready screen
ALWAYS = DateRange(dt.date(2020, 1, 1), None)


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
            username=username,
            email=email,
            given_name=given,
            family_name=family,
            kind=kind,
            email_proven_at=proven,
            **fields,
        )
        if kind == UserKind.WORK and proven:
            EmailCodes.objects.create(user=found, name="")
    return found


def load(*, by: Scope) -> None:
    """State rules, contacts, news, closings, business date, plan staff; in the caller's transaction."""
    for state, name, value in STATE_RULES:
        if not StateRule.objects.filter(state=state, name=name).exists():
            StateRule.objects.create(state=state, name=name, value=value, effective=ALWAYS)
    for entry in CONTACTS:
        key = {name: entry.get(name, "") for name in ("audience", "region", "topic")}
        if not HelpContact.objects.filter(**key).exists():
            HelpContact.objects.create(**{**entry, **key}, effective=ALWAYS)
    for audience, region, first, last, *texts in ANNOUNCEMENTS:
        title, body, title_es, body_es = texts
        if not Announcement.objects.filter(audience=audience, region=region, title=title).exists():
            Announcement.objects.create(
                audience=audience,
                region=region,
                title=title,
                body=body,
                title_es=title_es,
                body_es=body_es,
                shown=DateRange(dt.date.fromisoformat(first), dt.date.fromisoformat(last) + dt.timedelta(days=1)),
            )
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
    ("**", "entitlements", ["client_administration", "renewals", "quotes"]),
    ("NY", "entitlements", ["client_administration", "ga_administrator", "renewals", "quotes"]),
)


def _week(weekdays: str, saturday: str = "", sunday: str = "") -> list[list[list[str]]]:
    return hours.write_week([*[hours.read_day(weekdays)] * 5, hours.read_day(saturday), hours.read_day(sunday)])


OFFICE = _week("8 am - 6 pm")
LONG = _week("8 am - 8 pm")
# No audience or region: everyone, everywhere. Words for readers of Spanish where the name is not a proper one.
CONTACTS: Sequence[dict[str, Any]] = (
    {"topic": "portal", "owner": "Website help", "owner_es": "Ayuda con el sitio web", "phone": "1-877-298-3918",
     "week": OFFICE},
    {"topic": "privacy", "owner": "Privacy officer", "owner_es": "Oficial de privacidad", "phone": "1-800-555-0155",
     "week": OFFICE},
    {"audience": "producer", "topic": "portal", "owner": "Web support", "owner_es": "Soporte web",
     "phone": "1-877-298-3918", "week": OFFICE, "note": "Press 3", "note_es": "Oprima 3"},
    {"audience": "provider", "topic": "portal", "owner": "Web Help Desk", "owner_es": "Mesa de ayuda web",
     "phone": "1-800-278-1247", "week": OFFICE},
    {"audience": "provider", "topic": "web-help-desk", "owner": "Web Help Desk", "owner_es": "Mesa de ayuda web",
     "phone": "1-800-278-1247", "week": OFFICE},
    {"audience": "provider", "topic": "customer-care", "owner": "Customer Care", "owner_es": "Atención al proveedor",
     "phone": "1-800-920-8889", "week": OFFICE, "note": "Press 2 for eligibility and benefits",
     "note_es": "Oprima 2 para elegibilidad y beneficios"},
    {"audience": "provider", "topic": "dental-claims", "owner": "Dental claims", "owner_es": "Reclamaciones dentales",
     "phone": "1-800-724-1675", "week": OFFICE},
    {"audience": "member", "topic": "member-services", "owner": "Member services",
     "owner_es": "Servicios para miembros", "phone": "1-800-555-0142", "week": LONG},
    {"audience": "member", "region": "NENY", "topic": "member-services",
     "owner": "Member services, northeastern New York", "owner_es": "Servicios para miembros, noreste de Nueva York",
     "phone": "1-800-555-0143", "week": LONG},
    {"audience": "member", "topic": "mail-order-pharmacy", "owner": "Express Scripts (mail order)",
     "owner_es": "Express Scripts (farmacia por correo)", "phone": "1-866-264-4685", "week": hours.ROUND_THE_CLOCK,
     "holidays_off": False},
    {"audience": "member", "topic": "specialty-pharmacy", "owner": "Accredo (specialty pharmacy)",
     "owner_es": "Accredo (farmacia especializada)", "phone": "1-800-803-2523",
     "week": _week("8 am - 11 pm", "8 am - 5 pm"), "note": "A pharmacist answers at any hour",
     "note_es": "Un farmacéutico contesta a toda hora"},
    {"audience": "member", "topic": "wellness-card", "owner": "Alegeus (wellness card)",
     "owner_es": "Alegeus (tarjeta de bienestar)", "phone": "1-844-946-6261", "week": OFFICE},
    {"audience": "employer", "topic": "billing-enrollment", "owner": "Billing and enrollment",
     "owner_es": "Facturación e inscripción", "phone": "1-800-555-0151", "week": OFFICE},
    {"audience": "employer", "topic": "client-management", "owner": "Client management",
     "owner_es": "Gestión de clientes", "phone": "1-800-555-0152", "week": OFFICE},
    {"audience": "producer", "topic": "client-management", "owner": "Client management",
     "owner_es": "Gestión de clientes", "phone": "1-800-555-0152", "week": OFFICE},
    {"audience": "producer", "topic": "channel-compensation", "owner": "Channel compensation",
     "owner_es": "Compensación de canales", "phone": "1-800-555-0153", "week": OFFICE},
)  # fmt: skip

# Audience, region, first and last day shown, title and text, the same in Spanish.
ANNOUNCEMENTS = (
    ("", "", "2026-12-18", "2027-01-01", "Our offices close for the holidays",
     "Our telephones are closed on Friday, December 25 and Friday, January 1. This website stays open.",
     "Nuestras oficinas cierran por las fiestas",
     "No contestamos el teléfono el viernes 25 de diciembre ni el viernes 1 de enero. Este sitio web sigue abierto."),
    ("member", "", "2026-11-01", "2027-03-31", "Your ID card is new",
     "Use it from the day printed on it. Your Express Scripts and Accredo sign-in and history stay as they are.",
     "Su tarjeta de identificación es nueva",
     "Úsela desde el día impreso en ella. Su acceso y su historial en Express Scripts y Accredo siguen igual."),
    ("member", "", "2026-12-01", "2027-01-31", "Some drugs change tier on January 1",
     "The list of covered drugs changes on January 1, 2027. Ask your pharmacist or call member services if you are not "
     "sure what it means for yours.",
     "Algunos medicamentos cambian de nivel el 1 de enero",
     "La lista de medicamentos cubiertos cambia el 1 de enero de 2027. Pregunte a su farmacéutico o llame a servicios "
     "para miembros si no sabe qué significa para los suyos."),
    ("producer", "", "2026-11-01", "2027-03-31", "Your New York clients moved with you",
     "Clients that you held for New York were added to your book when they moved here. Call client management about a "
     "client that you miss.",
     "Sus clientes de Nueva York se mudaron con usted",
     "Los clientes que usted tenía en Nueva York se agregaron a su cartera cuando se mudaron aquí. Si le falta alguno, "
     "llame a gestión de clientes."),
    ("provider", "", "2026-11-01", "2027-06-30", "One person, one username",
     "Everyone in your office signs in with their own username. Your office manager adds people and removes those who "
     "left.",
     "Una persona, un nombre de usuario",
     "Cada persona de su consultorio entra con su propio nombre de usuario. El administrador del consultorio agrega a "
     "las personas y quita a las que se fueron."),
)  # fmt: skip

CLOSINGS = (("2026-11-27", "The day after Thanksgiving"), ("2027-11-26", "The day after Thanksgiving"))

STAFF = (
    ("lquillbrook", "Lena Quillbrook", Team.HELP_DESK),
    ("oflintdale", "Otto Flintdale", Team.CLIENT_MANAGEMENT),
    ("wbrackenby", "Willa Brackenby", Team.CLIENT_MANAGEMENT),
    ("cmarlwick", "Cora Marlwick", Team.CHANNEL_COMPENSATION),
    ("dhalloway", "Dario Halloway", Team.CHANNEL_COMPENSATION),
    ("ftarnford", "Felix Tarnford", Team.BILLING_OPERATIONS),
    ("abirchley", "Ada Birchley", Team.ENROLLMENT),
    ("mwetherow", "Mara Wetherow", Team.MEMBER_SERVICES),
    ("nperriwell", "Nell Perriwell", Team.CUSTOMER_CARE),
    ("gharrowick", "Gus Harrowick", Team.CUSTOMER_CARE),
    ("sgalehurst", "Silas Galehurst", Team.PRIVACY),
    ("torrendale", "Tilda Orrendale", Team.PRIVACY),
)
