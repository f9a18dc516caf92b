"""A full enrollment file that waits because it would end too much: enrollment decides on the file's own page."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as desk_kinds
from portals.desk.kinds import RequestKind
from portals.enums import Team

KIND = "enrollment.full_file"


def register() -> None:
    desk_kinds.register(
        KIND,
        RequestKind(
            team=Team.ENROLLMENT,
            label=_("Full enrollment file waits"),
            url=lambda row: reverse("enrollment:file", args=[row.detail["file"]]),
            own_end=True,
        ),
    )
