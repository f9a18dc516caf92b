"""Forms of the member portal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from members.who_opened.queries import Whose
from portals.forms import AccountForm, OnceForm, username_field


class LocateForm(forms.Form):
    identifier = forms.CharField(
        label=_("Member ID or Social Security number"),
        help_text=_("The member ID is on the front of your new ID card, for example NGH 0000 0000 01."),
        max_length=30,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    birth_date = forms.DateField(
        label=_("Date of birth"),
        help_text=_("Month/day/year, for example 4/28/1986"),
        input_formats=["%m/%d/%Y"],
        widget=forms.DateInput(attrs={"autocomplete": "bday", "inputmode": "text"}),
        error_messages={"invalid": _("Enter the date as month/day/year, for example 4/28/1986.")},
    )
    zip_code = forms.CharField(
        label=_("ZIP code"),
        help_text=_("Of the address that your plan has on file."),
        max_length=10,
        validators=[RegexValidator(r"^\d{5}(-?\d{4})?$", _("A ZIP code has 5 digits."))],
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "inputmode": "numeric"}),
    )


class Unechoed(forms.TextInput):
    """What was typed is not sent back, whatever was wrong with it."""

    def format_value(self, value: object) -> None:
        return None


class NumberForm(forms.Form):
    """A member for the plan's own people, by one number."""

    number = forms.CharField(
        label=_("Member ID, contract number or whole Social Security number"),
        help_text=_("It is not shown again, and a part of it finds nobody."),
        max_length=30,
        widget=Unechoed(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class NameForm(forms.Form):
    """A member by the whole name with the birth date."""

    first_name = forms.CharField(
        label=_("First name"), max_length=35, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    last_name = forms.CharField(
        label=_("Last name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    birth_date = forms.DateField(
        label=_("Date of birth"),
        help_text=_("Month/day/year, for example 4/28/1986"),
        input_formats=["%m/%d/%Y"],
        widget=forms.DateInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": _("Enter the date as month/day/year, for example 4/28/1986.")},
    )


class RegisterForm(AccountForm):
    code = forms.CharField(
        label=_("Activation code"),
        help_text=_("8 letters and digits, from the mail or letter we sent."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
    username = username_field(_("You choose it: 2 or more letters or digits."))
    field_order = ("code", "username", "email", "password", "again")


DAYS = {"30": 30, "365": 365}


class OpenedFilter(forms.Form):
    """Whose list, and how far back; `person` is there where one may choose."""

    person = forms.ChoiceField(label=_("Whose record"), required=False)
    period = forms.ChoiceField(
        label=_("Since"), required=False, choices=[("", _("Ever")), ("30", _("30 days")), ("365", _("A year"))]
    )
    mine = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, whose: Sequence[Whose], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["person"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(each.uuid, each.name or _("Mine")) for each in whose]
        if len(whose) == 1:
            del self.fields["person"]

    def days(self) -> int:
        """0 for ever, and for what is not understood."""
        return DAYS.get(self.cleaned_data.get("period", ""), 0)


class QuestionForm(OnceForm):
    text = forms.CharField(
        label=_("Your question"),
        help_text=_("What seems wrong, or what you want to know. No health facts are needed."),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
