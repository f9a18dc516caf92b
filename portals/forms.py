"""Forms of the door."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from portals.crypto import codes
from portals.enums import Factor
from portals.models import User

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


def day_field(label: Any, *, hint: Any = DAY_HINT, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        help_text=hint,
        required=required,
        input_formats=[DAY_FORMAT],
        error_messages={"invalid": _("Enter the day as month/day/year, for example 12/15/2026.")},
        widget=forms.DateInput(format=DAY_FORMAT, attrs={"class": "ds-c-field--medium", "autocomplete": "off"}),
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


class SecondStepForm(forms.Form):
    """One factor's proof. `ways` are the person's, the strongest first; `asked` is the one they chose instead."""

    code = forms.CharField(max_length=8000)  # a passkey's answer is JSON

    LABELS = {
        Factor.PASSKEY: _("Answer of the passkey"),
        Factor.APP: _("Code of your authenticator app"),
        Factor.EMAIL: _("Code from the mail"),
        Factor.RECOVERY: _("Recovery code"),
    }
    HINTS = {
        Factor.PASSKEY: "",
        Factor.APP: _("6 digits. Each code is good once; the app shows a new one every half minute."),
        Factor.EMAIL: _("8 letters and digits, from the mail that we just sent to %(address)s."),
        Factor.RECOVERY: _("10 letters and digits from your sheet. Each works once."),
    }
    WRONG = {
        Factor.PASSKEY: _("The passkey did not answer as expected. Try once more, or use another way."),
        Factor.APP: _("This code does not fit or was used before. Wait for the next one."),
        Factor.EMAIL: _("This code does not fit. Check it, or ask for a new one."),
        Factor.RECOVERY: _("This recovery code does not fit or was used before."),
    }

    def __init__(self, data: Any = None, *, ways: list[Factor], asked: str = "", address: str = "") -> None:
        super().__init__(data)
        chosen = (data or {}).get("way") or asked
        self.way = next((way for way in ways if way.value == chosen), ways[0])
        self.others = [way for way in ways if way is not self.way]
        code = self.fields["code"]
        code.label, code.help_text = str(self.LABELS[self.way]), str(self.HINTS[self.way])
        if self.way is Factor.EMAIL:
            code.help_text = str(self.HINTS[self.way]) % {"address": _masked(address)}
        numeric = {"inputmode": "numeric"} if self.way is Factor.APP else {}
        code.widget = (
            forms.HiddenInput()
            if self.way is Factor.PASSKEY
            else forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false", **numeric})
        )

    def refuse(self) -> None:
        self.add_error(None if self.way is Factor.PASSKEY else "code", self.WRONG[self.way])


class NoticeForm(forms.Form):
    token = forms.CharField(
        label=_("The 12 letters and digits of the letter"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_token(self) -> str:
        return codes.hyphenated(codes.normalize(self.cleaned_data["token"])) or "-"


def _masked(address: str) -> str:
    """Enough for its owner to know which mailbox: ma***@practice.example."""
    name, _at, domain = address.rpartition("@")
    return f"{name[:2]}***@{domain}"


class ForgottenForm(forms.Form):
    account = forms.CharField(
        label=_("Username or e-mail of the account"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )


class ResetForm(NewPasswordForm):
    code = forms.CharField(
        label=_("Code from the mail"),
        help_text=_("8 letters and digits."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )
    field_order = ("code", "password", "again")


class AppForm(forms.Form):
    """The first code of a new authenticator app."""

    name = forms.CharField(
        label=_("Name of the device"), help_text=_("So that you know it again, for example: my phone."), max_length=40
    )
    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("Name of the passkey"),
        help_text=_("So that you know it again, for example: my laptop."),
        max_length=40,
    )
    answer = forms.CharField(max_length=20000, widget=forms.HiddenInput, required=False)


class EmailForm(forms.Form):
    email = forms.EmailField(
        max_length=254,  # as much as is kept
        label=_("E-mail"),
        help_text=_(
            "Each account needs its own. Where several people share one, add a plus and a tag: name+tag@mail.example."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class TestMailForm(forms.Form):
    email = forms.EmailField(
        max_length=254,  # as much as is kept
        label=_("E-mail"),
        help_text=_("For example office+osei@practice.example."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class EmailProofForm(forms.Form):
    code = forms.CharField(
        label=_("Code from the mail"),
        help_text=_("8 letters and digits."),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "spellcheck": "false"}),
    )


class ConfirmForm(forms.Form):
    password = forms.CharField(
        label=_("Password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        max_length=256,
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("That is not your password."))
        return password


class BusinessDateForm(forms.Form):
    business_date = day_field(_("New business date"))

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_business_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["business_date"]
        if day < self.today:
            raise forms.ValidationError(_("The business date only moves forward."))
        return day
