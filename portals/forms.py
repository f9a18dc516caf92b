"""Forms of the door."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from typing import Any, NoReturn

from django import forms
from django.contrib.auth import password_validation
from django.core.validators import MaxValueValidator, RegexValidator
from django.utils.translation import gettext_lazy as _

from portals.models import User
from portals.plan import periods

# Whatever agent ID somebody has from elsewhere may be the username, digits alone too (P3).
USERNAME = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9./_@+#-]{1,63}$",
    _("Use 2 or more letters or digits; between them . / - _ @ + and # may stand, but no spaces."),
)
TAKEN_WORDS = {
    "username": _("This username is taken. Choose another one."),
    "email": _("This address belongs to another account. Add a plus and a tag: name+tag@mail.example."),
}


DAY_FORMAT = "%m/%d/%Y"
DAY_HINT = _("Month/day/year, for example 12/15/2026")
_BEFORE_NO_END = MaxValueValidator(
    periods.NO_END - dt.timedelta(days=1), _("This day is too far away. Check the year.")
)
_READ = (DAY_FORMAT, "%Y/%m/%d")
_SEPARATORS = re.compile(r"\s*[./\u2010-\u2015-]\s*")
_SHORT_YEAR = re.compile(r"[0-9]{1,2}/[0-9]{1,2}/'?[0-9]{2}")
_FIRST_YEAR = 1800  # before it a year is a short one with zeros in front


class DayField(forms.DateField):
    """Month, day, year with slashes, hyphens or periods; or year, month, day, as browsers fill in a birthday. A year of
    two digits is told as such."""

    def to_python(self, value: Any) -> dt.date | None:
        if not isinstance(value, str):
            return super().to_python(value)
        typed = _SEPARATORS.sub("/", value.strip())
        for form in _READ:
            try:
                day = dt.datetime.strptime(typed, form).date()
            except ValueError:
                continue
            if day.year >= _FIRST_YEAR:
                return day
            self._refuse_year()
        if _SHORT_YEAR.fullmatch(typed):
            self._refuse_year()
        return super().to_python(value)

    def _refuse_year(self) -> NoReturn:
        raise forms.ValidationError(_("Type the year with four digits, for example 1986."), code="year")


def day_field(label: Any, *, hint: Any = DAY_HINT, required: bool = True, may_be_open: bool = False) -> forms.DateField:
    """`may_be_open`: a last day that never comes (12/31/9999) is taken, since `periods.from_last_day` knows it."""
    return DayField(
        label=label,
        help_text=hint,
        required=required,
        validators=[] if may_be_open else [_BEFORE_NO_END],
        input_formats=[DAY_FORMAT],
        error_messages={"invalid": _("Enter the day as month/day/year, for example 12/15/2026.")},
        widget=forms.DateInput(format=DAY_FORMAT, attrs={"class": "ds-c-field--medium", "autocomplete": "off"}),
    )


def birth_field(*, autocomplete: str) -> forms.DateField:
    return DayField(
        label=_("Date of birth"),
        help_text=_("Month/day/year, for example 4/28/1986"),
        input_formats=[DAY_FORMAT],
        widget=forms.DateInput(attrs={"autocomplete": autocomplete, "inputmode": "text"}),
        error_messages={"invalid": _("Enter the date as month/day/year, for example 4/28/1986.")},
    )


def username_field(help_text: Any, *, autocomplete: str = "username") -> forms.CharField:
    return forms.CharField(
        label=_("Username"),
        help_text=help_text,
        validators=[USERNAME],
        max_length=64,
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, "autocapitalize": "none", "spellcheck": "false"}),
    )


class OnceForm(forms.Form):
    """Sent twice, it is one: `once` was drawn with the page."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class NewPasswordForm(forms.Form):
    """Two equal passwords that the validators accept. The field name `password` is the clean value."""

    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 15 characters. A few words you remember work well."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=256,
    )
    again = forms.CharField(
        label=_("New password, again"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        strip=False,
        max_length=256,
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if self.user is not None and self.user.password and self.user.check_password(password):
            raise forms.ValidationError(_("Choose a password that is not the present one."))
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> None:
        super().clean()
        if self.cleaned_data.get("password") and self.cleaned_data.get("again") != self.cleaned_data["password"]:
            self.add_error("again", _("The two passwords differ. Type the same one twice."))


class AccountForm(NewPasswordForm):
    """The account step wherever a person makes an own account. Whether username and e-mail are free is asked on
    writing (`users.TakenError`), when the person is proven."""

    username = username_field(_("You choose it: 2 or more letters or digits. An agent ID you have may be it."))
    email = forms.EmailField(
        max_length=254,  # as much as is kept
        label=_("E-mail for this account"),
        help_text=_(
            "Each account needs its own. Where several people share one, add a plus and a tag: name+tag@mail.example."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order: tuple[str, ...] = ("username", "email", "password", "again")

    def say_taken(self, fields: list[str]) -> None:
        for field in fields:
            self.add_error(field, TAKEN_WORDS[field])
