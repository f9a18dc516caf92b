"""Forms of the provider portal."""

from __future__ import annotations

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from portals.forms import TAKEN_WORDS, username_field
from portals.models import User
from providers.enums import PracticeRole

# No browser fills in one's own name and address here; what is typed is kept over the end of a session all the same.
SOMEBODY_ELSES = {"autocomplete": "off", "data-keep": True}


class StaffForm(forms.Form):
    given_name = forms.CharField(label=_("First name"), max_length=60, widget=forms.TextInput(attrs=SOMEBODY_ELSES))
    family_name = forms.CharField(label=_("Last name"), max_length=60, widget=forms.TextInput(attrs=SOMEBODY_ELSES))
    email = forms.EmailField(
        max_length=254,  # as much as is kept
        label=_("E-mail"),
        help_text=_(
            "Each person needs an address of their own. Where an office shares one, add a plus and a tag, "
            "for example office+osei@practice.example."
        ),
        widget=forms.EmailInput(attrs=SOMEBODY_ELSES),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=[c for c in PracticeRole.choices if c[0] != PracticeRole.MANAGER],
        widget=forms.RadioSelect,
    )
    username = username_field(_("The person's own. It is never shared."), autocomplete="off")
    initial_password = forms.CharField(
        label=_("Initial password"),
        help_text=_("At least 15 characters. Tell it to the person yourself; it must be changed at the first sign-in."),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise forms.ValidationError(TAKEN_WORDS["username"])
        return username

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError(TAKEN_WORDS["email"])
        return email

    def clean_initial_password(self) -> str:
        password: str = self.cleaned_data["initial_password"]
        password_validation.validate_password(password)
        return password
