"""Forms of the second step, the forgotten password and one's own sign-in methods."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.crypto import codes
from portals.enums import Factor
from portals.forms import NewPasswordForm
from portals.models import User


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
