"""Forms of invitations: sending them, and the account step of who was invited."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.enums import InvitationState
from portals.forms import AccountForm
from portals.models import Invitation


def _name(label: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=60, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class InviteForm(forms.Form):
    """Whom to invite. `number_label` asks for the organization too, where it is not one's own."""

    number = forms.CharField(
        max_length=20, widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
    )
    given_name = _name(_("First name"))
    family_name = _name(_("Last name"))
    email = forms.EmailField(
        max_length=254,  # as much as is kept
        label=_("E-mail"),
        help_text=_("The person's own. The link goes there; it works once and for 14 days."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("What the person does"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, roles: Sequence[tuple[str, Any]], number_label: Any = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if number_label:
            self.fields["number"].label = number_label
        else:
            del self.fields["number"]
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = list(roles)
        if number_label:  # at the desk the first is chosen; an organization's own people choose each time
            role.initial = roles[0][0]
        if len(roles) == 1:
            role.widget = forms.HiddenInput()


class InvitedForm(AccountForm):
    """The account step of who opened the link. The address is the invited one, unless another account has it."""

    given_name = forms.CharField(
        label=_("First name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    family_name = forms.CharField(
        label=_("Last name"), max_length=60, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    field_order = ("given_name", "family_name", "username", "email", "password", "again")

    def __init__(self, *args: Any, invitation: Invitation, taken: bool, **kwargs: Any) -> None:
        initial = {"given_name": invitation.given_name, "family_name": invitation.family_name}
        super().__init__(*args, initial=initial, **kwargs)
        if not taken:
            del self.fields["email"]


class InvitationFilter(forms.Form):
    q = forms.CharField(label=_("Name, e-mail or number"), required=False, max_length=80)
    state = forms.ChoiceField(label=_("Status"), required=False, choices=[("", _("Any")), *InvitationState.choices])
