"""Forms of the service desk for callers of practices."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.enums import CallerCheck
from portals.files import csv_import
from portals.forms import OnceForm, day_field
from portals.plan import clock
from providers import rules
from providers.actions.offices import OFFICE
from providers.enums import About, Discipline, PracticeRole, Successor
from providers.models import Practice, StaffMembership

NUMBER_WRONG = {
    "tax_id": _("A tax ID has nine digits, for example 14-0000410. Check it with the caller."),
    "npi": _("This is no NPI: it has ten digits, of which the last one checks the others. Check it with the caller."),
    "state": _("Enter the state as two letters, for example NY."),
    "zip": _("Enter the ZIP code as five digits, for example 12207."),
}


def text_field(label: Any, limit: int, *, required: bool = True, help_text: Any = "") -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=limit, required=required, help_text=help_text, widget=widget)


def not_to_come(form: forms.Form, name: str) -> None:
    day = form.cleaned_data.get(name)
    if day and day > clock.today():
        form.add_error(name, _("This day is yet to come."))


def _read(reader: Callable[[str], str], name: str, typed: str) -> str:
    try:
        return reader(typed)
    except csv_import.BadValue as error:
        raise forms.ValidationError(NUMBER_WRONG[name]) from error


class NumbersForm(forms.Form):
    """What kind of office calls, and the numbers by which we would know it."""

    discipline = forms.ChoiceField(
        label=_("What kind of office?"), choices=Discipline.choices, widget=forms.RadioSelect
    )
    tax_id = text_field(_("Tax ID"), 11)
    npi = text_field(_("NPI"), 10, help_text=_("Ten digits. It is public and proves nobody."))

    def clean_tax_id(self) -> str:
        return _read(csv_import.tax_id, "tax_id", self.cleaned_data["tax_id"])

    def clean_npi(self) -> str:
        npi: str = self.cleaned_data["npi"]
        if not rules.is_npi(npi):
            raise forms.ValidationError(NUMBER_WRONG["npi"])
        return npi


class CheckedForm(forms.Form):
    """Who calls, and how they were checked."""

    caller_name = text_field(_("Who is calling?"), 100)
    caller_role = text_field(_("What they are at the office"), 60, help_text=_("For example: owner, physician."))
    check = forms.ChoiceField(
        label=_("How did you check who is calling?"), choices=CallerCheck.choices, widget=forms.RadioSelect
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("What the caller asked for and what you saw. Nothing about anyone's health."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ManagerForm(forms.Form):
    """The office manager to invite, and the provider who authorizes them."""

    given_name = text_field(_("Office manager: first name"), 60)
    family_name = text_field(_("Office manager: last name"), 60)
    email = forms.EmailField(
        max_length=254,  # as much as is kept
        label=_("Office manager: e-mail"),
        help_text=_("The person's own. The link goes there; it works once and for 14 days."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    authorized_by = text_field(
        _("Which provider authorizes them?"), 120, help_text=_("The name, as the provider's signature would have it.")
    )
    authorized_on = day_field(_("On which day did they?"))


MANAGER = tuple(ManagerForm.base_fields)


class SuccessorForm(ManagerForm):
    """The same, where somebody leaves."""

    given_name = text_field(_("Successor: first name"), 60)
    family_name = text_field(_("Successor: last name"), 60)
    email = forms.EmailField(
        max_length=254,  # as much as is kept
        label=_("Successor: e-mail"),
        help_text=ManagerForm.base_fields["email"].help_text,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class OfficeForm(ManagerForm, CheckedForm):
    """A non-participating office's call. `known`: on file already, then only the person is asked for."""

    name = text_field(_("Name of the office"), 100)
    tax_id = text_field(_("Tax ID"), 11)
    npi = text_field(_("NPI"), 10)
    address = text_field(_("Address"), 100)
    city = text_field(_("City"), 60)
    state = text_field(_("State"), 2)
    zip = text_field(_("ZIP code"), 10)
    phone = text_field(_("Telephone of the office"), 40, help_text=_("Where we can call back."))
    practice = forms.TypedChoiceField(label=_("Which office?"), coerce=int, widget=forms.RadioSelect)
    field_order = ("once", "practice", *OFFICE, *CheckedForm.base_fields, *MANAGER)

    clean_tax_id = NumbersForm.clean_tax_id
    clean_npi = NumbersForm.clean_npi

    def __init__(self, *args: Any, known: Sequence[tuple[int, str]] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if known:
            for name in OFFICE:
                del self.fields[name]
            practice = self.fields["practice"]
            assert isinstance(practice, forms.TypedChoiceField)
            practice.choices = list(known)
            if len(known) == 1:
                practice.initial = known[0][0]
        else:
            del self.fields["practice"]

    def clean_state(self) -> str:
        return _read(csv_import.state, "state", self.cleaned_data["state"].upper())

    def clean_zip(self) -> str:
        return _read(csv_import.zip_code, "zip", self.cleaned_data["zip"])

    def clean(self) -> None:
        super().clean()
        not_to_come(self, "authorized_on")

    def call(self) -> dict[str, Any]:
        """What the desk keeps of it, as JSON."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "once"}
        return {"practice": None, **data, "authorized_on": data["authorized_on"].isoformat()}


class OfficeCallForm(OnceForm, OfficeForm):
    """On the page of the call; the numbers were asked for on the page before."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("tax_id", "npi"):
            self.fields.pop(name, None)


class FindPracticeForm(forms.Form):
    """The practice whose people call: by its Provider ID, else by its tax ID and name."""

    provider_id = text_field(_("Provider ID"), 20, required=False)
    tax_id = text_field(_("Tax ID"), 11, required=False, help_text=_("Where the caller does not know the Provider ID."))
    name = text_field(_("Part of the practice's name"), 100, required=False, help_text=_("With the tax ID."))

    def clean_tax_id(self) -> str:
        typed = self.cleaned_data["tax_id"]
        return _read(csv_import.tax_id, "tax_id", typed) if typed else ""

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        if self.errors or data["provider_id"]:
            return
        if not data["tax_id"]:
            self.add_error("provider_id", _("Type the Provider ID, or the tax ID and a part of the name."))
        elif not data["name"]:
            self.add_error("name", _("Type a part of the name: several practices may share a tax ID."))


class LeftForm(OnceForm, SuccessorForm, CheckedForm):
    """Whose access ends, on whose word, and who manages access from now on."""

    practice = forms.IntegerField(widget=forms.HiddenInput)
    places = forms.TypedMultipleChoiceField(
        label=_("Whose access ends now?"), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    last_day = day_field(_("Their last day"))
    successor = forms.ChoiceField(
        label=_("Who manages access from now on?"),
        help_text=_("The questions after this one are only for somebody new."),
        choices=Successor.choices,
        widget=forms.RadioSelect,
    )
    field_order = ("once", "practice", *CheckedForm.base_fields, "places", "last_day", "successor", *MANAGER)

    def __init__(self, *args: Any, office: Practice, people: Sequence[StaffMembership], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["practice"].initial = office.pk
        places = self.fields["places"]
        assert isinstance(places, forms.TypedMultipleChoiceField)
        places.choices = [
            (place.pk, f"{place.user.display_name} · {PracticeRole(place.role).label}") for place in people
        ]
        for name in MANAGER:
            self.fields[name].required = False

    def clean(self) -> None:
        super().clean()
        not_to_come(self, "last_day")
        not_to_come(self, "authorized_on")
        if self.cleaned_data.get("successor") != Successor.INVITE:
            return
        for name in MANAGER:
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, _("Needed to invite the successor."))

    def call(self) -> dict[str, Any]:
        """What the desk keeps of it, as JSON."""
        data = self.cleaned_data
        kept = ("caller_name", "caller_role", "check", "note", "successor")
        invited = MANAGER if data["successor"] == Successor.INVITE else ()
        days = {name: data[name].isoformat() for name in ("last_day", "authorized_on") if data.get(name)}
        return {name: data[name] for name in (*kept, *invited)} | {
            name: day for name, day in days.items() if name == "last_day" or invited
        }


class CallForm(OnceForm):
    """A call about registering."""

    about = forms.ChoiceField(label=_("On whose behalf?"), choices=About.choices, widget=forms.RadioSelect)
    username = text_field(
        _("Username that the caller names"),
        254,
        required=False,
        help_text=_("Their own; or the shared one. Without an own one nobody is helped with an account."),
    )
    check = forms.ChoiceField(
        label=_("How did you check who is calling?"),
        help_text=_("Leave it open where you told nothing but these answers."),
        choices=CallerCheck.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note"),
        help_text=_("What the caller asked for and what you said. Nothing about anyone's health."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    still_to_do = forms.BooleanField(label=_("Something is still to do: leave the request open"), required=False)
