"""Forms of the door."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from portals.enums import RequestStatus
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


CHANGED_MEANWHILE = _("This request was changed by someone else meanwhile; look again.")


class RequestForm(forms.Form):
    """A remark, a change of status, or both."""

    status = forms.ChoiceField(
        label=_("Status"),
        required=False,
        error_messages={"invalid_choice": CHANGED_MEANWHILE},
    )
    text = forms.CharField(label=_("Remark"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(self, *args: Any, statuses: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["status"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Leave as it is")), *((s, RequestStatus(s).label) for s in statuses)]

    def clean(self) -> None:
        super().clean()
        if not self.cleaned_data.get("status") and not self.cleaned_data.get("text"):
            raise forms.ValidationError(_("Write a remark or choose a status."))


class BusinessDateForm(forms.Form):
    business_date = forms.DateField(
        label=_("New business date"), help_text=_("Month/day/year, for example 12/15/2026"), input_formats=["%m/%d/%Y"]
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_business_date(self) -> dt.date:
        day: dt.date = self.cleaned_data["business_date"]
        if day < self.today:
            raise forms.ValidationError(_("The business date only moves forward."))
        return day
