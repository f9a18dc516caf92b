"""A plan's first people: work accounts that nobody else can make, and places in teams until two privacy officers can
decide about each other's proposals (`portals.staff.actions`)."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from portals import users
from portals.enums import Team, UserKind
from portals.forms import USERNAME
from portals.mail import outbox
from portals.models import StaffRole, User
from portals.plan.brand import brand
from portals.scope import Scope

DECIDERS = 2  # active people of the privacy officer's team; with them, four eyes hold
LONGEST = {"e-mail": 254, "name": 60}


class NotAdded(ValueError):
    """Why not, in a sentence for whoever typed the command. Nothing was made."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    username: str
    given_name: str
    family_name: str
    email: str
    team: Team | None = None  # None: an account that *Plan staff* can propose

    @classmethod
    def read(cls, *, username: str, name: str, email: str, team: str = "") -> NewPerson:
        """What was typed. Raises `NotAdded`."""
        given, _sep, family = " ".join(name.split()).partition(" ")
        if not family or max(len(given), len(family)) > LONGEST["name"]:
            raise NotAdded('The name is missing: --name "Given Family", each of 60 letters at most.')
        try:
            USERNAME(username)
        except ValidationError as error:
            raise NotAdded(f"{username} cannot be a username. {error.message}") from error
        try:
            validate_email(email)
        except ValidationError as error:
            raise NotAdded(f"{email or 'Nothing'} is no e-mail address.") from error
        if len(email) > LONGEST["e-mail"]:
            raise NotAdded("The e-mail address is longer than 254 letters.")
        if team and team not in Team.values:
            raise NotAdded(f"There is no team {team}. The teams are {', '.join(Team.values)}.")
        return cls(
            username=username, given_name=given, family_name=family, email=email, team=Team(team) if team else None
        )


@dataclass(frozen=True, slots=True)
class Added:
    """What was new; the same person again: nothing."""

    account: bool
    place: bool


def add(*, by: Scope, person: NewPerson) -> Added:
    """A work account without a password, and the place in the team. Its person is mailed where to choose a password:
    by a code to that address, which whoever runs the plan vouches for. Raises `NotAdded`."""
    with transaction.atomic():
        _one_at_a_time()
        user, team = _found(person), person.team
        if team and StaffRole.objects.filter(user=user, team=team, ended_at=None).exists():
            team = None
        if team and _deciders() >= DECIDERS:
            raise NotAdded(
                "The privacy officer's team has two people: from now on they propose and decide who joins a team, on "
                "the page Plan staff. Without --team this command makes the account that they propose."
            )
        account = user is None
        if user is None:
            user = _make(by, person)
        if team:
            StaffRole.objects.create(user=user, team=team)
            _record(by, user, Kind.CHANGE, "staff.add_first", team=team.value)
        return Added(account=account, place=team is not None)


def _one_at_a_time() -> None:
    """Of two commands at once, the second one counts the first one's person."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('staff_first'))")


def _deciders() -> int:
    active = StaffRole.objects.filter(team=Team.PRIVACY, ended_at=None, user__is_active=True)
    return active.values("user").distinct().count()


def _found(person: NewPerson) -> User | None:
    """This very person's open work account. Raises `NotAdded` where username or e-mail are another's."""
    user = User.objects.filter(username__iexact=person.username).first()
    if user is None:
        if User.objects.filter(email=person.email).exists():
            raise NotAdded(f"The e-mail {person.email} belongs to another account.")
        return None
    same = (user.email, user.given_name, user.family_name) == (person.email, person.given_name, person.family_name)
    if not same or user.kind != UserKind.WORK or not user.is_active:
        raise NotAdded(f"The username {person.username} is taken by another account.")
    return user


def _make(by: Scope, person: NewPerson) -> User:
    user = User(
        username=person.username,
        email=person.email,
        given_name=person.given_name,
        family_name=person.family_name,
        kind=UserKind.WORK,
        email_proven_at=timezone.now(),
    )
    user.set_unusable_password()
    try:
        users.save_new(user)
    except users.TakenError as taken:  # somebody registered at this moment
        raise NotAdded(f"Another account has this {' and '.join(taken.fields)}.") from taken
    plan = brand()["name"]
    outbox.post(
        key=f"staff-account:{user.pk}",
        to=user.email,
        subject=_("Your work account at %(plan)s") % {"plan": plan},
        body=_(
            "An account for your work at %(plan)s waits for you. Open %(address)s, type this e-mail address, and "
            "choose a password of your own with the code that we mail you then. After that you read your username, "
            "sign in, and set up your second step.\n\n"
            "If you did not expect this mail, there is nothing to do: without you nothing is opened."
        )
        % {"plan": plan, "address": f"{settings.SITE_URL}{reverse('door:forgotten')}"},
    )
    _record(by, user, Kind.CREATE, "staff.add_account")
    return user


def _record(by: Scope, user: User, kind: Kind, action: str, **detail: str) -> None:
    audit.record(kind=kind, action=action, object_kind="user", object_id=str(user.pk), detail=detail, **by.audit())
