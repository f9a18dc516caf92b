"""The decision whether a row and a person on file are one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.enums import LookalikeStatus


class DecisionForm(forms.Form):
    status = forms.ChoiceField(label=_("Your decision"), widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Who told you and how you know, in a sentence. It stays with the decision."),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, is_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = (
            [
                (LookalikeStatus.SAME, _("Take the change: the file is right about this person.")),
                (LookalikeStatus.KEPT, _("Keep what is on file: the file is wrong.")),
            ]
            if is_change
            else [
                (
                    LookalikeStatus.SAME,
                    _("Same person: member ID, coverage and account stay, and the file's facts are taken."),
                ),
                (LookalikeStatus.TWO, _("Two people: the one in the file gets a member ID of their own.")),
            ]
        )
        field = self.fields["status"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
