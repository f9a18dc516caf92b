"""Mail at each step of a request, to whoever asked: that there is news, and where to read it. Never what it says."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from portals import parties
from portals.crypto import codes
from portals.crypto import values as crypto
from portals.enums import RequestStatus
from portals.mail import outbox
from portals.models import DeskRemark, DeskRequest
from portals.scope import PartyRef

LENGTH = 24


def received(row: DeskRequest, remark: DeskRemark) -> None:
    """Also to whoever sent it a moment ago: the mail is their receipt."""
    _tell(row, remark, _("We received your request %(number)s"), _("Your request %(number)s has arrived."))


def moved(row: DeskRequest, remark: DeskRemark) -> None:
    if remark.by != f"user:{row.asked_by_id}":
        status = str(RequestStatus(row.status).label)
        _tell(row, remark, _("News of your request %(number)s"), _("Your request %(number)s: %(status)s."), status)


def answered(row: DeskRequest, remark: DeskRemark) -> None:
    _tell(row, remark, _("An answer to your request %(number)s"), _("We wrote to you about your request %(number)s."))


def _tell(row: DeskRequest, remark: DeskRemark, subject: str, body: str, status: str = "") -> None:
    to, where = address_of(row), _page(row)
    if not to or not where:
        return
    words = {"number": row.number, "status": status}
    outbox.post(
        key=f"desk:{row.uuid}:{remark.pk}",
        to=to,
        subject=subject % words,
        body=body % words + " " + _("Read it here: %(address)s") % {"address": where},
    )


def address_of(row: DeskRequest) -> str:
    """Where whoever asked reads mail; blank for an account whose address nobody proved."""
    if row.asked_by is not None:
        return row.asked_by.email if row.asked_by.email_proven_at and row.asked_by.is_active else ""
    return row.reply_to


def _page(row: DeskRequest) -> str:
    if row.asked_by_id is None:
        return f"{settings.SITE_URL}{stranger_page(row)}"
    party = parties.find(PartyRef.parse(row.asked_party).kind) if row.asked_party else None
    name = party.request_page if party else ""
    return f"{settings.SITE_URL}{reverse(name, kwargs={'request_uuid': row.uuid})}" if name else ""


# --- The page of somebody without an account: its address is the key --------------------------------------------------


def stranger_page(row: DeskRequest) -> str:
    return reverse(
        "door:request_status",
        kwargs={"request_uuid": row.uuid, "key": codes.hyphenated(_short(crypto.keyed_hash(_text(row))))},
    )


def opens(row: DeskRequest, key: str) -> bool:
    """Is this the key of that request's page? Keys made with a former pepper open it as long as the pepper lives."""
    typed = "".join(c for c in key.lower() if c.isalnum())
    return any(hmac.compare_digest(typed, _short(each)) for each in crypto.keyed_hashes(_text(row)))


def _text(row: DeskRequest) -> str:
    return f"desk-request|{row.uuid}"


def _short(digest: str) -> str:
    return digest[:LENGTH]
