"""Forms of the door."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from portals.models import User


class NewPasswordForm(forms.Form):
    """Two equal passwords that the validators accept. The field name `password` is the clean value."""

    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters. A few words you remember work well."),
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
