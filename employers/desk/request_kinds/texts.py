"""How requests of employers name what they are about."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from members.queries import clients
from portals.models import DeskRequest
from portals.scope import PartyRef


def client(request: DeskRequest) -> tuple[Any, str]:
    number = PartyRef.parse(request.party).id
    row = clients.named([number])[number]
    return _("Client"), f"{row.name} ({row.client_id})"


def day(text: str) -> str:
    return date_format(dt.date.fromisoformat(text), "DATE_FORMAT")
