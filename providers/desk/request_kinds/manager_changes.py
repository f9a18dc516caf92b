"""A planned hand-over of the office manager's work: the help desk calls whoever authorizes the successor, invites them,
and ends the access of whoever leaves on the last day."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as desk_kinds
from portals.desk import own_requests
from portals.desk.kinds import RequestKind
from portals.desk.own_requests import RequestForm, RequestFormPage
from portals.enums import Team
from portals.forms import day_field
from portals.plan import clock
from providers.desk.forms import MANAGER, SuccessorForm, not_to_come
from providers.desk.request_kinds import practice_forms, texts
from providers.enums import MANAGER_CHANGES


class ManagerChangesForm(SuccessorForm, RequestForm):
    """Who hands over to whom, from when."""

    person = forms.ChoiceField(label=_("Who leaves?"), widget=forms.RadioSelect)
    last_day = day_field(_("Last day"))
    field_order = ("once", "person", "last_day", *MANAGER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        practice_forms.offer_people(self, "person", managers=True)

    def clean(self) -> None:
        super().clean()
        not_to_come(self, "authorized_on")
        day = self.cleaned_data.get("last_day")
        if day and day < clock.today():
            self.add_error("last_day", _("This day is over: call the Web Help Desk, which ends the access at once."))
        if "person" in self.cleaned_data:
            self.cleaned_data["person"] = practice_forms.chosen_name(self, "person")


def register() -> None:
    desk_kinds.register(
        MANAGER_CHANGES,
        RequestKind(
            team=Team.HELP_DESK,
            label=_("Office manager changes"),
            url=texts.practice_page,
            business_days=2,
            facts=texts.facts,
        ),
    )
    own_requests.register(
        "office-manager",
        RequestFormPage(
            portals=practice_forms.MANAGERS,
            title=_("Our office manager changes"),
            lead=_(
                "A planned hand-over. The help desk calls the provider who authorizes the successor, invites them, "
                "and ends the access of whoever leaves on the last day."
            ),
            form=ManagerChangesForm,
            open=lambda scope, data: practice_forms.open_request(MANAGER_CHANGES, scope, data),
        ),
    )
