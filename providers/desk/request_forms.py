"""What office managers ask the desk for: a planned hand-over, and an account that they cannot delete."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from portals.desk import actions as desk
from portals.desk import asking
from portals.desk.actions import Asker
from portals.desk.asking import AskForm, Asking
from portals.forms import day_field
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import Portal, Scope
from providers import queries
from providers.access import Provider
from providers.desk.forms import MANAGER, SuccessorForm, not_to_come
from providers.enums import CANNOT_DELETE, MANAGER_CHANGES, PracticeRole


def _people(form: AskForm, field: str, *, managers: bool) -> None:
    """Offer the people of the asker's own practice."""
    rows = queries.staff(form.scope, at=timezone.now())
    choice = form.fields[field]
    assert isinstance(choice, forms.ChoiceField)
    choice.choices = [(str(row.id), row.name) for row in rows if not managers or row.role == PracticeRole.MANAGER]


def _name(form: AskForm, field: str) -> str:
    choice = form.fields[field]
    assert isinstance(choice, forms.ChoiceField)
    return str(dict(choice.choices)[form.cleaned_data[field]])  # type: ignore[arg-type]  # set by _people


class ManagerChangesForm(SuccessorForm, AskForm):
    """Who hands over to whom, from when."""

    person = forms.ChoiceField(label=_("Who leaves?"), widget=forms.RadioSelect)
    last_day = day_field(_("Last day"))
    field_order = ("once", "person", "last_day", *MANAGER)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _people(self, "person", managers=True)

    def clean(self) -> None:
        super().clean()
        not_to_come(self, "authorized_on")
        day = self.cleaned_data.get("last_day")
        if day and day < clock.today():
            self.add_error("last_day", _("This day is over: call the Web Help Desk, which ends the access at once."))
        if "person" in self.cleaned_data:
            self.cleaned_data["person"] = _name(self, "person")


class CannotDeleteForm(AskForm):
    person = forms.ChoiceField(label=_("Whose account?"), widget=forms.RadioSelect)
    why = forms.CharField(
        label=_("What happens when you try?"),
        help_text=_("No health facts and no numbers of members, please: the help desk needs neither."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _people(self, "person", managers=False)

    def clean(self) -> None:
        super().clean()
        if "person" in self.cleaned_data:
            self.cleaned_data["person"] = _name(self, "person")


def _open(kind: str, scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    practice = queries.practice(scope)
    days = {name: data[name] for name in ("last_day", "authorized_on") if name in data}
    detail = {name: value for name, value in data.items() if name != "once"}
    detail |= {name: day.isoformat() for name, day in days.items()}
    row = desk.open_request(
        kind=kind,
        key=asking.key(kind, scope, data),
        title=practice.name,
        detail={"practice": practice.name, "provider_id": practice.provider_id, **detail},
        due_date=days.get("last_day"),
        party=scope.party,
        by=scope,
        asker=Asker.of(scope),
    )
    return [row]


def register() -> None:
    managers = {Portal.PROVIDER: Provider.MANAGE_STAFF}
    asking.register(
        "office-manager",
        Asking(
            portals=managers,
            title=_("Our office manager changes"),
            lead=_(
                "A planned hand-over. The help desk calls the provider who authorizes the successor, invites them, "
                "and ends the access of whoever leaves on the last day."
            ),
            form=ManagerChangesForm,
            open=lambda scope, data: _open(MANAGER_CHANGES, scope, data),
        ),
    )
    asking.register(
        "cannot-delete",
        Asking(
            portals=managers,
            title=_("An account that I cannot delete"),
            lead=_("The help desk ends it for you. If it cannot wait, call."),
            form=CannotDeleteForm,
            open=lambda scope, data: _open(CANNOT_DELETE, scope, data),
        ),
    )
