"""Forms of the producer portal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from portals.forms import OnceForm, day_field
from producers.actions.intervals import GrantProblem
from producers.enums import EndReason, Entitlement
from producers.rules import grantable

PROBLEM_WORDS = {
    GrantProblem.PAST: _("Choose today or a later day: nothing is granted or ended backwards."),
    GrantProblem.ORDER: _("The last day lies before the first."),
    GrantProblem.TAKEN: _(
        "The same grant holds on one of these days already. End that one first, or choose other days."
    ),
    GrantProblem.OVER: _("This has ended already, perhaps by a colleague a moment ago."),
    GrantProblem.EARLIER: _("It ends before that day already."),
    GrantProblem.NOT_OURS: _("This is no client whose case your agency holds, or the person works for another agency."),
    GrantProblem.ENDED_PLACE: _("This person no longer works for the agency."),
}
# The field beside which a problem stands; of the rest the summary tells.
PROBLEM_FIELD = {
    GrantProblem.PAST: "first",
    GrantProblem.ORDER: "last",
    GrantProblem.EARLIER: "last",
    GrantProblem.NOT_OURS: "client_id",
}


def say(form: forms.Form, problem: GrantProblem) -> None:
    field = PROBLEM_FIELD.get(problem)
    if problem is GrantProblem.PAST and "first" not in form.fields:
        field = "last"
    form.add_error(field if field in form.fields else None, PROBLEM_WORDS[problem])


def _search(label: Any) -> forms.CharField:
    return forms.CharField(label=label, required=False, max_length=100)


class BookFilter(forms.Form):
    q = _search(_("Name or Client ID"))
    access = forms.ChoiceField(
        label=_("Access"),
        required=False,
        choices=[
            ("", pgettext_lazy("access to clients", "All")),
            ("open", _("Open to me")),
            ("closed", _("Closed to me")),
            ("case", _("I am case manager")),
        ],
    )
    state = forms.ChoiceField(label=_("State"), required=False)

    def __init__(self, *args: Any, states: Iterable[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        state = self.fields["state"]
        assert isinstance(state, forms.ChoiceField)
        state.choices = [("", pgettext_lazy("states", "All")), *((each, each) for each in states)]


class PeopleFilter(forms.Form):
    q = _search(_("Name, username or agency"))


class CaseFilter(forms.Form):
    q = _search(_("Client, Client ID or person"))


class GrantForm(forms.Form):
    """From which day to which."""

    first = day_field(_("First day"))
    last = day_field(
        _("Last day"),
        required=False,
        may_be_open=True,
        hint=_("The last day is included. Leave empty where no end is known yet."),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["first"].initial = today


class CaseForm(GrantForm):
    """Who is named for which client."""

    client_id = forms.CharField(
        label=_("Client ID"), max_length=12, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    place = forms.TypedChoiceField(label=_("Case manager"), coerce=int)
    field_order = ("client_id", "place", "first", "last")

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = self.fields["place"]
        assert isinstance(place, forms.ChoiceField)
        place.choices = [("", _("Choose a person")), *people]


class ManagerFilter(forms.Form):
    q = _search(_("Name or Client ID"))
    manager = forms.ChoiceField(label=_("Manager"), required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manager = self.fields["manager"]
        assert isinstance(manager, forms.ChoiceField)
        manager.choices = [("", _("Anybody")), ("none", _("Nobody yet")), *((str(pk), name) for pk, name in people)]


class ManagerForm(forms.Form):
    manager = forms.ChoiceField(label=_("Manager"), required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        manager = self.fields["manager"]
        assert isinstance(manager, forms.ChoiceField)
        manager.choices = [("", _("Nobody yet")), *((str(pk), name) for pk, name in people)]


class AgencyFilter(forms.Form):
    q = _search(_("Name or agent ID"))


class ProposeForm(OnceForm):
    """What channel compensation proposes of itself, after a call or a letter."""

    entitlements = forms.MultipleChoiceField(
        label=_("Entitlements"), choices=Entitlement.choices, widget=forms.CheckboxSelectMultiple
    )
    reason = forms.CharField(
        label=_("Why"), help_text=_("Who asked, and how."), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, direct_writer: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["entitlements"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.value, each.label) for each in grantable(direct_writer=direct_writer)]


class OpenClientForm(OnceForm):
    """Which agency is to work for a client."""

    agent_id = forms.CharField(
        label=_("Agent ID of the agency"), max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    reason = forms.CharField(
        label=_("Why"), help_text=_("Who asked, and how."), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class EndForm(forms.Form):
    """At once, or after a last day; and why."""

    last = day_field(
        _("Last day"),
        required=False,
        hint=_("Leave empty to end it at once. A last day is still included; access stops at midnight."),
    )
    why = forms.ChoiceField(
        label=_("Why does it end?"),
        widget=forms.RadioSelect,
        choices=[each for each in EndReason.choices if each[0] != EndReason.DECIDED],
    )
