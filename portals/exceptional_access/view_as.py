"""Seeing a portal as one of its users sees it, to help on the telephone, begins and ends only here.

Nothing can be changed: only looking is let through, in a transaction that the database itself keeps from writing, and
no step-up, file or export. Every answer is a row of the ledger with the person who looks and `grant` view-as:<id>.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from django.conf import settings
from django.db import InternalError, connection, transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg2.errors import ReadOnlySqlTransaction

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import acting, doors, permissions, users
from portals.access import Desk
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import LookKind, Team
from portals.exceptional_access import openings
from portals.memberships import Membership
from portals.models import User, ViewAs
from portals.page_cache import once_per_page
from portals.permissions import Answer, Refused
from portals.plan import clock
from portals.plan.brand import brand
from portals.scope import Portal, Scope, entered

SESSION_KEY = "viewing"
REQUEST_KIND = "privacy.views"

# Gates
ONLY_LOOKING = "viewing.only_looking"
STEP_UP = "viewing.step_up"
NO_FILES = "viewing.no_files"
ONESELF = "viewing.oneself"
WHILE_ACTING = "viewing.while_acting"
EXPIRED = "viewing.expired"
PLACE_ENDED = "viewing.place_ended"
TEAM_ENDED = "viewing.team_ended"


class Ended(Refused):
    """It is over: its time, the place that was looked at, or the right to look. `scope` is the person's own."""

    def __init__(self, gate: str, row: ViewAs, scope: Scope) -> None:
        super().__init__(Answer(False, gate=gate, owner="portal"))
        self.row = row
        self.scope = scope


def minutes() -> int:
    return int(settings.VIEW_AS_MINUTES)


def home(portal: Portal) -> str:
    return reverse(doors.of(portal).home)


def look_up(*, by: Scope, typed: str) -> User | None:
    """The open account whose username or e-mail this is exactly; who was looked for without one is recorded too.
    Raises `Refused` for one's own."""
    permissions.require(by, Desk.VIEW_AS)
    user = users.named(typed, among=User.objects.filter(is_active=True))
    audit.record(
        kind=Kind.SEARCH,
        action="viewing.look_up",
        outcome=Outcome.DONE if user else Outcome.FAILED,
        subjects=[("user", user.pk)] if user else [],
        object_kind="user",
        object_id=str(user.pk if user else ""),
        **by.audit(),
    )
    if user is not None:
        _not_oneself(by, user)
    return user


def _not_oneself(by: Scope, user: User) -> None:
    if user.pk == by.user_id:
        raise Refused(Answer(False, gate=ONESELF, owner="portal"))


def memberships(by: Scope, viewed: User) -> list[Membership]:
    """Where this person may be looked at: the places behind the doors that one's team looks after. Raises `Refused`
    for oneself."""
    permissions.require(by, Desk.VIEW_AS)
    _not_oneself(by, viewed)
    return [each for each in doors.memberships(viewed.pk) if doors.of(each.portal).view_as in by.permissions]


def begin(request: HttpRequest, *, by: Scope, viewed: User, membership: Membership, reason: str, ticket: str) -> ViewAs:
    """One at a time: an earlier one ends. Raises `Refused` for oneself, a door of other teams, and while acting."""
    assert by.user_id is not None
    if membership not in memberships(by, viewed):
        raise Refused(permissions.allows(by, doors.of(membership.portal).view_as or Desk.VIEW_AS_MEMBER))
    if acting.SESSION_KEY in request.session:
        raise Refused(Answer(False, gate=WHILE_ACTING, owner="portal"))
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.user_id)
        end_all(by=by)
        now = timezone.now()
        row = ViewAs.objects.create(
            user_id=by.user_id,
            viewed=viewed,
            portal=membership.portal.value,
            party=str(membership.party or ""),
            place=membership.label,
            reason=reason,
            ticket=ticket,
            opened_at=now,
            expires_at=now + dt.timedelta(minutes=settings.VIEW_AS_MINUTES),
        )
        _record("viewing.begin", row, by)
        _ask_review(by)
    request.session[SESSION_KEY] = row.pk
    return row


def end(request: HttpRequest, *, by: Scope) -> None:
    """By the button and by signing out."""
    if request.session.pop(SESSION_KEY, None) is not None:
        end_all(by=by)


def end_all(*, by: Scope) -> None:
    """Whatever this person still has open, in any browser."""
    for row in ViewAs.objects.filter(user_id=by.user_id or 0, ended_at=None):
        _close(row, by=by, action="viewing.end")


def end_by_gate(ended: Ended) -> None:
    """What `applied` found, written once its page is rolled back."""
    with entered(ended.scope):
        detail: dict[str, object] = {"gate": ended.answer.gate}
        _close(ended.row, by=ended.scope, action="viewing.ended_by_gate", outcome=Outcome.REFUSED, detail=detail)


def _close(
    row: ViewAs, *, by: Scope, action: str, outcome: str = Outcome.DONE, detail: dict[str, object] | None = None
) -> None:
    over = row.expires_at <= timezone.now()
    open_still = ViewAs.objects.filter(pk=row.pk, ended_at=None)
    if open_still.update(ended_at=F("expires_at") if over else timezone.now()):
        _record(action, row, by, outcome=outcome, detail=detail)


def _record(
    action: str, row: ViewAs, by: Scope, *, outcome: str = Outcome.DONE, detail: dict[str, object] | None = None
) -> None:
    audit.record(
        kind=Kind.ACTING,
        action=action,
        subjects=[("user", row.viewed_id)],
        object_kind=LookKind.VIEW_AS.value,
        object_id=str(row.pk),
        outcome=outcome,
        detail=detail,
        **replace(by, grant=openings.grant(row)).audit(),
    )


def _ask_review(by: Scope) -> None:
    """One request a week for all that were begun in it, due once the week is over."""
    today = clock.today()
    monday = today - dt.timedelta(days=today.weekday())
    desk.open_request(
        kind=REQUEST_KIND,
        key=f"views:{monday:%Y-%m-%d}",
        title=_("Portals seen as a user: review this week's"),
        detail={"week_from": f"{monday:%Y-%m-%d}"},
        due_date=openings.review_by(monday + dt.timedelta(days=6)),
        by=by,
    )


# --- On each request ----------------------------------------------------------------------------------------------


def applied(request: HttpRequest, scope: Scope, door: Portal) -> Scope | None:
    """The scope at `door` while this session looks as somebody: theirs at their own door, nothing at any other;
    None where it does not look. Raises `Ended` when a gate closed."""
    row = _row(request.session.get(SESSION_KEY), scope.user_id)
    if row is None:
        request.session.pop(SESSION_KEY, None)
        return None
    if row.expires_at <= timezone.now():
        gate = EXPIRED
    elif not _team_stands(scope, row):
        gate = TEAM_ENDED
    elif (membership := _membership(row)) is None:
        gate = PLACE_ENDED
    elif row.portal != door.value:
        return scope
    else:
        return replace(
            scope,
            portal=membership.portal,
            user_id=row.viewed_id,
            viewing_as=row.viewed_id,
            party=membership.party,
            home=membership.party,
            grant=openings.grant(row),
            permissions=membership.permissions,
        )
    request.session.pop(SESSION_KEY, None)
    raise Ended(gate, row, scope)


@once_per_page
def _row(row_id: int | None, user_id: int | None) -> ViewAs | None:
    if row_id is None:
        return None
    return ViewAs.objects.filter(pk=row_id, user_id=user_id or 0, ended_at=None).select_related("viewed").first()


def _team_stands(scope: Scope, row: ViewAs) -> bool:
    own = doors.memberships(scope.user_id or 0, Portal.DESK)
    return any({Desk.VIEW_AS, doors.of(Portal(row.portal)).view_as} <= each.permissions for each in own)


def _membership(row: ViewAs) -> Membership | None:
    if not row.viewed.is_active:
        return None
    there = doors.memberships(row.viewed_id, Portal(row.portal))
    return next((each for each in there if str(each.party or "") == row.party), None)


def check(scope: Scope, *, method: str, step_up: int, kind: str) -> None:
    """Before the page: raises `Refused` for all that is not plain looking."""
    if scope.viewing_as is None:
        return
    gate = ""
    if method not in ("GET", "HEAD"):
        gate = ONLY_LOOKING
    elif step_up:
        gate = STEP_UP
    elif kind in (Kind.EXPORT, Kind.PRINT):
        gate = NO_FILES
    if gate:
        raise Refused(Answer(False, gate=gate, owner="portal"))


@contextmanager
def only_looking(scope: Scope) -> Iterator[None]:
    """While the page is made, PostgreSQL itself refuses every write; the row that says so is written afterwards."""
    if scope.viewing_as is None:
        yield
        return
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL transaction_read_only = on")  # ends with this savepoint
            yield
    except InternalError as error:
        if not isinstance(error.__cause__, ReadOnlySqlTransaction):
            raise
        raise Refused(Answer(False, gate=ONLY_LOOKING, owner="portal")) from error


def check_answer(scope: Scope, response: HttpResponseBase) -> None:
    """After the page: only pages leave. Raises `Refused` for a file, however it is made."""
    if scope.viewing_as is None:
        return
    page = response.headers.get("Content-Type", "text/html").startswith("text/html")
    if response.streaming or not page or response.has_header("Content-Disposition"):
        raise Refused(Answer(False, gate=NO_FILES, owner="portal"))


@dataclass(frozen=True, slots=True)
class ViewAsBanner:
    """What stands on top of every page meanwhile."""

    name: str
    username: str
    portal: str
    place: str
    reason: str
    ticket: str
    minutes: int
    portal_url: str
    leave_url: str


def banner(request: HttpRequest, user_id: int | None) -> ViewAsBanner | None:
    """`user_id` is the signed-in person's own."""
    row_id = request.session.get(SESSION_KEY) if hasattr(request, "session") else None
    row = _row(row_id, user_id) if row_id is not None else None
    if row is None or not openings.is_open(row):
        return None
    return ViewAsBanner(
        name=row.viewed.display_name,
        username=row.viewed.username,
        portal=brand()["portal_names"].get(row.portal, ""),
        place=row.place,
        reason=row.reason,
        ticket=row.ticket,
        minutes=openings.minutes_left(row),
        portal_url=home(Portal(row.portal)),
        leave_url=reverse("desk:view_as_end"),
    )


def register() -> None:
    desk_kinds.register(
        REQUEST_KIND,
        RequestKind(
            team=Team.PRIVACY,
            label=gettext_lazy("Portals seen as a user"),
            facts=lambda row: [(_("Week from"), desk_kinds.day_text(row.detail["week_from"]))],
            url=lambda row: f"{reverse('desk:looks')}?kind={LookKind.VIEW_AS.value}",
        ),
    )
    again = gettext_lazy("If the caller still needs you, begin again at the service desk, with a reason.")
    leave = gettext_lazy("Stop working for the client first, with the button on top of the page.")
    for gate, reason, opener in (
        (
            ONLY_LOOKING,
            gettext_lazy("You see this portal as its user, and looking changes nothing. This would change something."),
            gettext_lazy("The user does it themselves while you tell them how."),
        ),
        (
            STEP_UP,
            gettext_lazy("This page asks its user for a proof that it is them. Nobody else sees it."),
            gettext_lazy("The user opens it themselves and tells you what stands there."),
        ),
        (
            NO_FILES,
            gettext_lazy("Files and documents are not taken along while you see a portal as its user."),
            gettext_lazy("The user downloads it themselves."),
        ),
        (
            ONESELF,
            gettext_lazy("This is your own account: sign in to see it."),
            gettext_lazy("Nobody needs to open it for you."),
        ),
        (WHILE_ACTING, gettext_lazy("You are working for a client. Nobody looks as somebody else meanwhile."), leave),
        (EXPIRED, gettext_lazy("The time to see this portal as its user is over."), again),
        (PLACE_ENDED, gettext_lazy("The user no longer has this place, so it cannot be seen as theirs."), again),
        (
            TEAM_ENDED,
            gettext_lazy("Your team does not look into this portal, or you are no longer in it."),
            gettext_lazy("The privacy officer decides who is in which team."),
        ),
    ):
        permissions.describe_gate(gate, reason=reason, opener=opener)
