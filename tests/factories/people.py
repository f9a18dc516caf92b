"""People of every portal for tests: two of each kind, so that leaks could show. Call inside a system scope."""

from __future__ import annotations

import base64
import datetime as dt
import itertools
import re
import time

from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client as Browser
from django.utils import timezone
from django_otp.oath import hotp

from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.models import Client, MemberAccount, Person
from portals import scope as scopes
from portals.enums import Team, UserKind
from portals.login import factors
from portals.models import AuthenticatorApp, OutboxMail, StaffRole, User
from producers.enums import Entitlement
from producers.models import Agency, BookEntry, CaseManagerGrant, ClientGrant, EntitlementGrant, ProducerUser
from providers.enums import Discipline, PracticeRole
from providers.models import Practice, StaffMembership

PASSWORD = "correct horse battery"
ALWAYS = (dt.date(2020, 1, 1), None)
_numbers = itertools.count(1)


def user(kind: UserKind = UserKind.WORK, *, username: str = "", **fields: object) -> User:
    """A work account holds the second factor that it must have; `code_of` says what its app shows."""
    number = next(_numbers)
    account = User.objects.create_user(
        username or f"person.{number}",
        PASSWORD,
        kind=kind,
        email=f"person.{number}@people.example",
        given_name=str(fields.pop("given_name", "Test")),
        family_name=str(fields.pop("family_name", f"Person{number}")),
        **{"email_proven_at": timezone.now(), **fields},
    )
    if kind == UserKind.WORK:
        factors.new_app(account)
        AuthenticatorApp.objects.filter(user=account).update(name="Phone", confirmed=True)
    return account


def code_of(account: User) -> str:
    """What the person's authenticator app shows now; the app forgets that it was ever used, as if time had passed."""
    device = AuthenticatorApp.objects.get(user=account, confirmed=True)
    with transaction.atomic():
        scopes.act(scopes.system("test"))
        AuthenticatorApp.objects.filter(pk=device.pk).update(last_step=-1)
    return f"{hotp(base64.b32decode(factors.app_key(device)), int(time.time()) // factors.STEP):06}"


def sign_in(browser: Browser, account: User, *, password: str = PASSWORD) -> HttpResponseBase:
    """Username and password, then the second step where the person holds a factor; the last answer."""
    answer: HttpResponseBase = browser.post("/sign-in/", {"login": account.username, "password": password})
    if answer.headers.get("Location") == "/sign-in/second-step/":
        answer = browser.post("/sign-in/second-step/", {"way": "app", "code": code_of(account)})
    return answer


def step_up(browser: Browser, account: User, *, to: str = "/home/") -> HttpResponseBase:
    """What the person shows once more before a sensitive page."""
    if AuthenticatorApp.objects.filter(user=account, confirmed=True).exists():
        return browser.post("/confirm/", {"way": "app", "code": code_of(account), "next": to})
    return browser.post("/confirm/", {"password": PASSWORD, "next": to})


def browser(account: User, *, stepped_up: bool = True) -> Browser:
    """A browser of its own in which they are signed in."""
    made = Browser()
    sign_in(made, account)
    if stepped_up:
        step_up(made, account)
    return made


def code_in_mail(to: str = "") -> str:
    """The code of the last mail (to that address)."""
    mails = OutboxMail.objects.filter(to=to) if to else OutboxMail.objects.all()
    found = re.search(r"\b([0-9A-Z]{4} [0-9A-Z]{4})\b", mails.latest("id").body)
    assert found, "no code in the last mail"
    return found.group(1)


def set_up(browser: Browser) -> None:
    """What a new work account does before any other page: proves its e-mail, chooses codes by mail."""
    browser.get("/email/")
    browser.post("/email/", {"code": code_in_mail()})
    browser.post("/security/email-codes/")


def client(name: str = "Some Client", **fields: object) -> Client:
    return Client.objects.create(
        client_id=str(fields.pop("client_id", f"9{next(_numbers):06}")),
        name=name,
        state=str(fields.pop("state", "NY")),
        **fields,
    )


def person(**fields: object) -> Person:
    number = next(_numbers)
    values: dict[str, object] = {
        "first_name": "Iris",
        "last_name": f"Invented{number}",
        "birth_date": dt.date(1985, 4, 28),
        "zip": "12207",
        "email": f"iris.{number}@mail.example",
        "address": "1 Made-up Street",
        "city": "Albany",
        "state": "NY",
    } | fields
    values.setdefault("sort_key", f"{values['last_name']} {values['first_name']}".lower())
    return Person.objects.create(**values)


def member_user(of: Person) -> User:
    account = user(UserKind.MEMBER, given_name=of.first_name, family_name=of.last_name)
    MemberAccount.objects.create(person=of, user=account)
    return account


def employer_user(at: Client, role: EmployerRole = EmployerRole.ADMINISTRATOR) -> User:
    account = user()
    EmployerUser.objects.create(client=at, user=account, role=role)
    return account


def agency(name: str = "Some Agency", **fields: object) -> Agency:
    return Agency.objects.create(agent_id=f"AG{next(_numbers):05}", name=name, state="NY", **fields)


def producer_user(of: Agency, *entitlements: Entitlement, contact: bool = False) -> User:
    account = user()
    place = ProducerUser.objects.create(agency=of, user=account, contact=contact)
    for entitlement in entitlements:
        EntitlementGrant.objects.create(
            place=place, entitlement=entitlement, effective=ALWAYS, granted_by="system:test"
        )
    return account


def place_of(account: User) -> ProducerUser:
    """The person's only place in an agency."""
    return ProducerUser.objects.select_related("agency").get(user=account, ended_at=None)


def grant(to: Agency, on: Client) -> ClientGrant:
    BookEntry.objects.get_or_create(agency=to, client=on)
    return ClientGrant.objects.create(agency=to, client=on, effective=ALWAYS, granted_by="system:test")


def case_manager(account: User, on: Client, *, named_by: Agency) -> CaseManagerGrant:
    return CaseManagerGrant.objects.create(
        agency=named_by, place=place_of(account), client=on, effective=ALWAYS, granted_by="system:test"
    )


def practice(name: str = "Some Practice") -> Practice:
    number = next(_numbers)
    return Practice.objects.create(
        provider_id=f"P{number:06}",
        name=name,
        tax_id=f"{990000000 + number}",
        discipline=Discipline.MEDICAL,
        address="2 Made-up Street",
        city="Albany",
        state="NY",
        zip="12207",
        phone="518-555-0100",
    )


def practice_user(at: Practice, role: PracticeRole = PracticeRole.MANAGER) -> User:
    account = user()
    StaffMembership.objects.create(practice=at, user=account, role=role, added_by="system:test")
    return account


def staff_user(*teams: Team) -> User:
    account = user()
    with transaction.atomic():
        for team in teams:
            StaffRole.objects.create(user=account, team=team)
    return account


def desk_browser(*teams: Team, stepped_up: bool = True) -> Browser:
    """A new person of these teams, signed in."""
    return browser(staff_user(*teams), stepped_up=stepped_up)
