"""An account that an office manager cannot delete: the help desk ends it for them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.desk import kinds as desk_kinds
from portals.desk import own_requests
from portals.desk.kinds import RequestKind
from portals.desk.own_requests import RequestForm, RequestFormPage
from portals.enums import Team
from providers.desk.request_kinds import practice_forms, texts
from providers.enums import CANNOT_DELETE


class CannotDeleteForm(RequestForm):
    person = forms.ChoiceField(label=_("Whose account?"), widget=forms.RadioSelect)
    why = forms.CharField(
        label=_("What happens when you try?"),
        help_text=_("No health facts and no numbers of members, please: the help desk needs neither."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        practice_forms.offer_people(self, "person", managers=False)

    def clean(self) -> None:
        super().clean()
        if "person" in self.cleaned_data:
            self.cleaned_data["person"] = practice_forms.chosen_name(self, "person")


def register() -> None:
    desk_kinds.register(
        CANNOT_DELETE,
        RequestKind(
            team=Team.HELP_DESK,
            label=_("Account that cannot be deleted"),
            url=texts.practice_page,
            business_days=1,
            facts=texts.facts,
        ),
    )
    own_requests.register(
        "cannot-delete",
        RequestFormPage(
            portals=practice_forms.MANAGERS,
            title=_("An account that I cannot delete"),
            lead=_("The help desk ends it for you. If it cannot wait, call."),
            form=CannotDeleteForm,
            open=lambda scope, data: practice_forms.open_request(CANNOT_DELETE, scope, data),
        ),
    )
