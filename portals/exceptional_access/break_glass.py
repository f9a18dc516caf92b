"""One member's record in an emergency (45 CFR 164.312(a)(2)(ii)): reason and ticket, an hour, an alarm at once, a
review by name. Which records there are is the business of the floor above, which asks `standing` and `open_record`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit.enums import Kind
from portals import permissions
from portals.access import Desk
from portals.desk import actions as desk
from portals.desk import kinds as desk_kinds
from portals.desk.kinds import Facts, RequestKind
from portals.enums import LookKind, Team
from portals.exceptional_access import openings
from portals.mail import outbox
from portals.models import BreakGlass, DeskRequest, StaffRole, User
from portals.scope import PartyRef, Scope

REQUEST_KIND = "privacy.break_glass"


def minutes() -> int:
    return int(settings.BREAK_GLASS_MINUTES)


def standing(by: Scope, subject: PartyRef) -> BreakGlass | None:
    """This person's open way into that record, if there is one and their role still allows it."""
    if Desk.BREAK_GLASS not in by.permissions:
        return None
    return BreakGlass.objects.filter(
        openings.open_now(), user_id=by.user_id or 0, subject_kind=subject.kind, subject_id=subject.id
    ).first()


def under(by: Scope, row: BreakGlass) -> Scope:
    """The scope whose audit rows stand under this opening."""
    return replace(by, grant=openings.grant(row))


def open_record(*, by: Scope, subject: PartyRef, reason: str, ticket: str) -> BreakGlass:
    """Open one record for `settings.BREAK_GLASS_MINUTES`; asked again while it is open, the same opening. The privacy
    officer's people have a request and a mail in the same transaction."""
    permissions.require(by, Desk.BREAK_GLASS)
    assert by.user_id is not None
    with transaction.atomic():
        User.objects.select_for_update().get(pk=by.user_id)  # two clicks are one opening
        found = standing(by, subject)
        if found is not None:
            return found
        now = timezone.now()
        mine = BreakGlass.objects.filter(user_id=by.user_id, subject_kind=subject.kind, subject_id=subject.id)
        mine.filter(ended_at=None).update(ended_at=F("expires_at"))
        row = BreakGlass.objects.create(
            user_id=by.user_id,
            subject_kind=subject.kind,
            subject_id=subject.id,
            reason=reason,
            ticket=ticket,
            opened_at=now,
            expires_at=now + dt.timedelta(minutes=settings.BREAK_GLASS_MINUTES),
        )
        _record("break_glass.open", row, under(by, row))
        desk.open_request(
            kind=REQUEST_KIND,
            key=openings.request_key(row),
            title=_("A record was opened in an emergency: review it"),
            detail={"break_glass": row.pk},
            due_date=openings.review_due(),
            by=under(by, row),
        )
        _tell(row)
        return row


def end(*, by: Scope, row: BreakGlass) -> None:
    """Now, by the person who opened it. Twice is once."""
    with transaction.atomic():
        if BreakGlass.objects.filter(openings.open_now(), pk=row.pk, user_id=by.user_id or 0).update(
            ended_at=timezone.now()
        ):
            _record("break_glass.end", row, under(by, row))


def _record(action: str, row: BreakGlass, by: Scope) -> None:
    audit.record(
        kind=Kind.ACTING,
        action=action,
        subjects=[(row.subject_kind, row.subject_id)],
        object_kind=LookKind.BREAK_GLASS.value,
        object_id=str(row.pk),
        **by.audit(),
    )


def _tell(row: BreakGlass) -> None:
    """To each of the privacy officer's people, naming nobody."""
    places = StaffRole.objects.filter(team=Team.PRIVACY, ended_at=None).select_related("user")
    address = f"{settings.SITE_URL}{reverse('desk:look', args=[LookKind.BREAK_GLASS.value, row.pk])}"
    outbox.post_all(
        outbox.Mail(
            key=f"{openings.request_key(row)}:{place.user_id}",
            to=place.user.email,
            subject=_("A record was opened in an emergency"),
            body=_(
                "Somebody of the plan just opened a record that their role does not open. Who, why and what was looked "
                "at stands in the service desk, where you review it: %(address)s"
            )
            % {"address": address},
        )
        for place in places
        if place.user.email
    )


def _facts(request: DeskRequest) -> Facts:
    row = BreakGlass.objects.select_related("user").get(pk=request.detail["break_glass"])
    return [(_("Opened by"), row.user.display_name), (_("Ticket number"), row.ticket)]


def register() -> None:
    desk_kinds.register(
        REQUEST_KIND,
        RequestKind(
            team=Team.PRIVACY,
            label=gettext_lazy("Emergency opening to review"),
            own_end=True,
            facts=_facts,
            url=lambda row: reverse("desk:look", args=[LookKind.BREAK_GLASS.value, row.detail["break_glass"]]),
        ),
    )
