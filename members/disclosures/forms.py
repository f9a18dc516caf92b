"""Forms of disclosures: what is entered, for one or many, corrected, voided and suspended."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.disclosures import rules
from members.disclosures.actions import MOST, LineFault, What
from members.enums import Purpose, Statement
from members.models import Disclosure
from portals.enums import FileType
from portals.files.forms import UploadField, UploadForm
from portals.forms import day_field

MOST_ERRORS = 20  # lines that are named; the others are counted
_PROSE = {"rows": 3}
_PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class WhatForm(UploadForm):
    """A disclosure: days, recipient, what, why. `what` is the clean value."""

    first_on = day_field(_("Disclosed on, or first on"))
    last_on = day_field(_("Last on"), hint=_("Only where the same was disclosed repeatedly."), required=False)
    times = forms.IntegerField(
        label=_("How many times"),
        help_text=_("Only where it was repeated, and if it is known."),
        min_value=1,
        max_value=100_000,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "ds-c-field--small", **_PLAIN}),
    )
    frequency = forms.CharField(
        label=_("How often"),
        help_text=_("Only where it was repeated, for example: every month."),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
    )
    recipient = forms.CharField(
        label=_("Who received it"), help_text=_("The person or the office, as the member will read it."), max_length=200
    )
    recipient_address = forms.CharField(
        label=_("Their address"),
        help_text=_("If it is known."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    description = forms.CharField(
        label=_("What was disclosed"),
        help_text=_("Briefly, for example: claims and diagnoses of March 2026."),
        max_length=1000,
        widget=forms.Textarea(attrs=_PROSE),
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=[("", _("Choose one")), *Purpose.choices])
    statement = forms.CharField(
        label=_("Why, in a sentence"),
        help_text=_("So that the member understands the reason, for example: a subpoena of Albany County Court."),
        max_length=1000,
        widget=forms.Textarea(attrs=_PROSE),
    )
    case_number = forms.CharField(
        label=_("Reference number"),
        help_text=_("Of the case or of the request. The member does not see it."),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        first, last = data.get("first_on"), data.get("last_on")
        if first and first > self.today:
            self.add_error("first_on", _("This day has not come yet."))
        if last and last > self.today:
            self.add_error("last_on", _("This day has not come yet."))
        elif first and last and last < first:
            self.add_error("last_on", _("The last day cannot be before the first."))
        times, often = data.get("times"), data.get("frequency")
        if first and last and last > first and not often and (times or 0) < 2:
            self.add_error("times", _("Between two days: say how many times, or how often."))

    @property
    def what(self) -> What:
        data = self.cleaned_data
        often = data["frequency"]
        times = data["times"] if data["times"] or often else 1
        if times == 1:
            often = ""
        return What(
            first_on=data["first_on"],
            last_on=data["last_on"] or data["first_on"],
            times=times,
            frequency=often,
            recipient=data["recipient"],
            recipient_address=data["recipient_address"].replace("\r", ""),
            description=data["description"],
            purpose=data["purpose"],
            statement=data["statement"],
            case_number=data["case_number"],
        )


class EntryForm(WhatForm):
    """One member's. What was checked comes back hidden with the confirmation; sent twice it is one."""

    once = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)
    field_order: tuple[str, ...] = ("once",)


class ManyForm(EntryForm):
    """The same of several members: their IDs, pasted or in a file. A good file is put into the box at once, so that
    nothing has to be chosen again, and its lines keep their numbers."""

    members = forms.CharField(
        label=_("Member IDs"),
        help_text=_("One a line."),
        required=False,
        max_length=MOST * 32,
        widget=forms.Textarea(attrs={"rows": 5, "class": "u-mono", **_PLAIN}),
    )
    members_file = UploadField(
        label=_("Or a file with member IDs in its first column"),
        kind="disclosure.members",
        allowed=(FileType.CSV,),
        limit=1024 * 1024,
        required=False,
    )
    field_order = ("once", "members", "members_file")

    def __init__(self, data: Any = None, *args: Any, **kwargs: Any) -> None:
        self.shown = data.copy() if data is not None else {}
        super().__init__(self.shown or None, *args, **kwargs)

    def clean_members_file(self) -> None:
        """After `members`, which stands before it."""
        chosen = self.cleaned_data.get("members_file")
        if chosen is None:
            return
        if self.cleaned_data.get("members"):
            raise forms.ValidationError(_("Paste the member IDs or choose a file, not both."))
        try:
            text = chosen.data.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise forms.ValidationError(_("The file is no text in UTF-8.")) from None
        self.cleaned_data["members"] = text
        self.shown["members"] = text

    def clean(self) -> None:
        super().clean()
        if not self.readable:
            return
        count = len(self.lines)
        if not count:
            self.add_error("members", _("Name at least one member."))
        elif count > MOST:
            self.add_error(
                "members", _("%(count)s lines; one entry takes %(most)s at most.") % {"count": count, "most": MOST}
            )

    @property
    def readable(self) -> bool:
        """The list of members has nothing wrong with it, whatever the other fields have."""
        return not (self.errors.get("members") or self.errors.get("members_file"))

    @property
    def lines(self) -> list[tuple[int, str]]:
        return list(_lines(self.cleaned_data.get("members", "")))

    def say(self, problems: list[LineFault]) -> None:
        """Each line that names nobody or somebody twice; nothing is recorded then."""
        words = {"unknown": _("no member has this ID"), "twice": _("this member stands here already")}
        for each in problems[:MOST_ERRORS]:
            values = {"line": each.line, "typed": each.typed[:40], "reason": words[each.reason]}
            self.add_error("members", _("Line %(line)s, %(typed)s: %(reason)s.") % values)
        if len(problems) > MOST_ERRORS:
            self.add_error("members", _("And %(count)s more lines.") % {"count": len(problems) - MOST_ERRORS})


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Number and first cell of each line that holds something; a heading is left out."""
    for number, line in enumerate(text.splitlines(), 1):
        cell = line.split(",")[0].split(";")[0].strip().strip('"').strip()
        if cell and not (number == 1 and not any(char.isdigit() for char in cell)):
            yield number, cell


class CopyForm(UploadForm):
    """At the confirmation."""

    request_file = UploadField(label=_("Copy of the request"), kind="disclosure.request", required=False)


class CorrectForm(WhatForm):
    request_file = UploadField(
        label=_("Copy of the request, if there is another"), kind="disclosure.request", required=False
    )
    reason = forms.CharField(label=_("What was wrong"), max_length=500, widget=forms.Textarea(attrs=_PROSE))

    @staticmethod
    def of(row: Disclosure) -> dict[str, object]:
        """What stands there now."""
        names = (
            "first_on", "frequency", "recipient", "recipient_address", "description", "purpose", "statement",
            "case_number",
        )  # fmt: skip
        repeated = row.times != 1
        return {name: getattr(row, name) for name in names} | {
            "last_on": row.last_on if repeated else None,
            "times": row.times if repeated else None,
        }


class VoidForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it does not stand"),
        help_text=_("For example: it was another member's, or it was part of a payment."),
        max_length=500,
        widget=forms.Textarea(attrs=_PROSE),
    )


class SuspendForm(UploadForm):
    form = forms.ChoiceField(label=_("How it was said"), choices=Statement.choices, widget=forms.RadioSelect)
    official = forms.CharField(label=_("Who said so"), help_text=_("The official and the agency."), max_length=200)
    statement = forms.CharField(label=_("What was said"), max_length=1000, widget=forms.Textarea(attrs=_PROSE))
    stated_on = day_field(_("Said on"))
    until = day_field(
        _("The member is not told until"),
        hint=_("The last day. An oral statement holds for 30 days at most; leave it empty for a withdrawal."),
        required=False,
    )
    document = UploadField(label=_("The written statement"), kind="disclosure.statement", required=False)

    def __init__(self, *args: Any, today: dt.date, spoken: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.spoken = today, spoken

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        form, stated_on, until = data.get("form"), data.get("stated_on"), data.get("until")
        if stated_on and stated_on > self.today:
            self.add_error("stated_on", _("This day has not come yet."))
        if form == Statement.ORAL and self.spoken:
            self.add_error("form", _("An oral statement was recorded before: only a written one lasts longer."))
        if not form or not stated_on or self.errors:
            return
        if not rules.fits(form=form, stated_on=stated_on, until=until):
            latest = rules.latest_suspension(form, stated_on)
            self.add_error(
                "until",
                _("A withdrawal has no last day.")
                if form == Statement.WITHDRAWN
                else _("From the day it was said to %(day)s at most.") % {"day": latest.strftime("%m/%d/%Y")}
                if latest
                else _("Enter the last day; it cannot be before the day it was said."),
            )


class DisclosuresFilter(forms.Form):
    q = forms.CharField(label=_("Recipient"), required=False, max_length=80)
    purpose = forms.ChoiceField(label=_("Purpose"), required=False)
    first_on = day_field(_("From"), hint="", required=False)
    last_on = day_field(_("To"), hint="", required=False)
    by = forms.TypedChoiceField(label=_("Recorded by"), required=False, coerce=int, empty_value=None)
    state = forms.ChoiceField(
        label=_("Which"),
        required=False,
        choices=[
            ("", _("Those that stand")),
            ("suspended", _("Suspended now")),
            ("ended", _("Corrected or void")),
            ("any", _("All")),
        ],
    )
    person = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, people: list[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        by, purpose = self.fields["by"], self.fields["purpose"]
        assert isinstance(by, forms.ChoiceField) and isinstance(purpose, forms.ChoiceField)
        by.choices = [("", _("Anyone")), *people]
        purpose.choices = [("", _("Any")), *Purpose.choices]
