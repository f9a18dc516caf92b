"""Forms of the help directory and the news, at the service desk."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from portals.enums import Reader, Topic
from portals.forms import day_field
from portals.help.actions import ContactFields, ContactProblem
from portals.models import HelpContact
from portals.plan import hours
from portals.plan.brand import region_name, regions
from portals.plan.hours_text import ZONES

PROBLEM_WORDS = {
    ContactProblem.PAST: _("Choose today or a later day: what people were told before stays as it was."),
    ContactProblem.BEFORE: _("This entry begins later. Choose its first day or a later one."),
    ContactProblem.AFTER: _("This entry has ended by that day; someone may have changed it meanwhile. Look again."),
    ContactProblem.TAKEN: _(
        "Another entry for these people, this region and this topic holds then. Change that one instead."
    ),
}


def reader_choices(blank: Any) -> list[tuple[str, Any]]:
    return [("", blank), *Reader.choices]


def region_choices(blank: Any) -> list[tuple[str, Any]]:
    return [("", blank), *((code, region_name(code)) for code in regions())]


class DayField(forms.CharField):
    """Hours of one weekday as typed; the clean value is its spans."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=80, **kwargs)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return hours.read_day(text)
        except ValueError:
            raise forms.ValidationError(_("Type hours such as 8 am - 6 pm, or nothing for a closed day.")) from None


class EntryForm(forms.Form):
    """What a contact says: whose it is, the number, the week."""

    owner = forms.CharField(label=_("Who answers"), max_length=100)
    owner_es = forms.CharField(
        label=_("Who answers, in Spanish"),
        help_text=_("Leave empty for a proper name."),
        max_length=100,
        required=False,
    )
    phone = forms.CharField(
        label=_("Telephone"), help_text=_("Ten digits, with or without a 1 before them."), max_length=40
    )
    round_the_clock = forms.BooleanField(label=_("24 hours a day, 7 days a week"), required=False)
    day_0 = DayField(
        label=capfirst(WEEKDAYS[0]), help_text=_("For example 8 am - 6 pm. Leave a day empty on which it is closed.")
    )
    day_1 = DayField(label=capfirst(WEEKDAYS[1]))
    day_2 = DayField(label=capfirst(WEEKDAYS[2]))
    day_3 = DayField(label=capfirst(WEEKDAYS[3]))
    day_4 = DayField(label=capfirst(WEEKDAYS[4]))
    day_5 = DayField(label=capfirst(WEEKDAYS[5]))
    day_6 = DayField(label=capfirst(WEEKDAYS[6]))
    zone = forms.ChoiceField(label=_("Time zone of these hours"), choices=list(ZONES.items()))
    holidays_off = forms.BooleanField(
        label=_("Closed on banking holidays and on the days on which our offices close"), required=False
    )
    note = forms.CharField(
        label=_("Note beside the hours"), help_text=_("For example: Press 3"), max_length=120, required=False
    )
    note_es = forms.CharField(label=_("Note, in Spanish"), max_length=120, required=False)
    first = day_field(_("From this day on"))

    def clean_phone(self) -> str:
        typed: str = self.cleaned_data["phone"]
        digits = "".join(filter(str.isdigit, typed))
        if len(digits) == 11 and digits[0] == "1":
            digits = digits[1:]
        if digits in ("711", "988", "911"):
            return digits
        if len(digits) != 10:
            raise forms.ValidationError(_("A telephone number has ten digits."))
        return f"1-{digits[:3]}-{digits[3:6]}-{digits[6:]}"

    def clean(self) -> None:
        super().clean()
        if bool(self.cleaned_data.get("note")) < bool(self.cleaned_data.get("note_es")):
            self.add_error("note", _("Write the note in English as well."))
        days = [self.cleaned_data.get(f"day_{day}") for day in range(7)]
        if self.cleaned_data.get("round_the_clock"):
            if any(days):
                self.add_error("round_the_clock", _("Choose this, or type hours for each day; not both."))
        elif not any(days) and not any(f"day_{day}" in self.errors for day in range(7)):
            self.add_error("day_0", _("Type the hours of at least one day."))

    def entry(self) -> ContactFields:
        data = self.cleaned_data
        week = (
            hours.ROUND_THE_CLOCK
            if data["round_the_clock"]
            else hours.write_week([data[f"day_{day}"] for day in range(7)])
        )
        return ContactFields(
            owner=data["owner"],
            owner_es=data["owner_es"],
            phone=data["phone"],
            week=week,
            zone=data["zone"],
            holidays_off=data["holidays_off"],
            note=data["note"],
            note_es=data["note_es"],
        )

    @staticmethod
    def typed(row: HelpContact) -> dict[str, Any]:
        """A row as the form shows it."""
        always = row.week == hours.ROUND_THE_CLOCK
        days = {} if always else {f"day_{n}": hours.write_day(day) for n, day in enumerate(hours.read_week(row.week))}
        same = ("owner", "owner_es", "phone", "zone", "holidays_off", "note", "note_es")
        return {name: getattr(row, name) for name in same} | days | {"round_the_clock": always}


class NewEntryForm(EntryForm):
    audience = forms.ChoiceField(label=_("For whom"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    topic = forms.ChoiceField(label=_("Topic"), choices=Topic.choices)
    field_order = ("audience", "region", "topic")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "audience", reader_choices(_("Everyone")))
        _choices(self, "region", region_choices(_("Every region")))


class EndForm(forms.Form):
    last = day_field(_("Last day"))


def _choices(form: forms.Form, name: str, choices: list[tuple[str, Any]]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


class DirectoryFilter(forms.Form):
    q = forms.CharField(label=_("Name, number or topic"), required=False, max_length=100)
    audience = forms.ChoiceField(label=_("For whom"), required=False)
    region = forms.ChoiceField(label=_("Region"), required=False)
    state = forms.ChoiceField(
        label=_("Which"),
        required=False,
        choices=[("", _("Now and coming")), ("ended", _("Ended")), ("all", _("All"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _choices(self, "audience", [*reader_choices(_("All")), ("-", _("Everyone"))])
        _choices(self, "region", [*region_choices(_("All")), ("-", _("Every region"))])
