"""Forms of the service desk's frame."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portals.enums import RequestStatus, Team
from portals.files.forms import UploadForm, UploadsField
from portals.forms import day_field

ATTACHMENT = "desk.attachment"
CHANGED_MEANWHILE = _("This request was changed by someone else meanwhile; look again.")
SHOWN = [("todo", _("To do")), ("late", _("Late")), *RequestStatus.choices, ("all", _("All"))]


def _text(label: Any, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=2000, widget=forms.Textarea(attrs={"rows": 4}), **options)


class QueueFilter(forms.Form):
    """What of a team's queue is shown; anything not understood filters nothing."""

    team = forms.CharField(required=False, widget=forms.HiddenInput)
    sort = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label=_("Title or number"), required=False, max_length=80)
    status = forms.ChoiceField(label=_("Status"), required=False, choices=SHOWN)
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], kinds: Mapping[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        owner, kind = self.fields["owner"], self.fields["kind"]
        assert isinstance(owner, forms.ChoiceField)
        assert isinstance(kind, forms.ChoiceField)
        names = [(str(pk), name) for pk, name in people]
        owner.choices = [("", _("Anybody")), ("me", _("Me")), ("none", _("Nobody yet")), *names]
        kind.choices = [("", _("Any")), *kinds.items()]


class RemarkForm(forms.Form):
    """A remark of the desk's own, a change of status, or both."""

    status = forms.ChoiceField(label=_("Status"), required=False, error_messages={"invalid_choice": CHANGED_MEANWHILE})
    text = _text(_("Remark"), required=False, help_text=_("For the desk's own people."))

    def __init__(self, *args: Any, statuses: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["status"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Leave as it is")), *((s, RequestStatus(s).label) for s in statuses)]

    def clean(self) -> None:
        super().clean()
        if not self.cleaned_data.get("status") and not self.cleaned_data.get("text"):
            raise forms.ValidationError(_("Write a remark or choose a status."))


class ReplyForm(UploadForm):
    """Words to whoever asked, with what happens next."""

    text = _text(_("Answer"))
    attached = UploadsField(label=_("Files"), kind=ATTACHMENT, required=False)
    status = forms.ChoiceField(label=_("And then"), required=False)

    def __init__(self, *args: Any, statuses: Sequence[str], stranger: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        status = self.fields["status"]
        assert isinstance(status, forms.ChoiceField)
        status.choices = [("", _("Leave as it is")), *((s, RequestStatus(s).label) for s in statuses)]
        if stranger:
            del self.fields["attached"]  # nobody without an account is handed a file
        self.fields["text"].help_text = (
            _("Whoever asked reads it without signing in: write nothing about members.")
            if stranger
            else _("Whoever asked reads it on their own page and gets a mail that says so.")
        )


class AssignForm(forms.Form):
    owner = forms.ChoiceField(label=_("To"), required=False)

    def __init__(self, *args: Any, people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Nobody yet")), *((str(pk), name) for pk, name in people)]


class HandOverForm(forms.Form):
    team = forms.ChoiceField(label=_("To the team"))
    text = _text(_("Why"))

    def __init__(self, *args: Any, team: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["team"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [choice for choice in Team.choices if choice[0] != team]


class ProposalForm(forms.Form):
    """Which proposal: the one that was read, and no other one that took its place since."""

    proposal = forms.IntegerField(widget=forms.HiddenInput)


class SendBackForm(ProposalForm):
    """Why a proposal is sent back."""

    text = _text(_("Why"))


class NoteForm(forms.Form):
    """What whoever asked adds to a request; without an account, words alone."""

    text = _text(_("Message"))


class LetterForm(NoteForm, UploadForm):
    """The same with files."""

    attached = UploadsField(label=_("Files"), kind=ATTACHMENT, required=False)


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
