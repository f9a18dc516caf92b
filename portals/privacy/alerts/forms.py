"""Forms of alerts: what of the list is shown, what somebody writes and finds, how a rule is set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.validators import MinLengthValidator
from django.utils.translation import gettext_lazy as _

from portals.enums import AlertFinding, AlertState
from portals.forms import day_field
from portals.plan import hours
from portals.privacy.alerts.rules import Number, Rule

SHORTEST = 10
HARMLESS = [pair for pair in AlertFinding.choices if pair[0] != AlertFinding.NOT_JUSTIFIED]


def _sentence_field(label: Any, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        max_length=2000,
        validators=[
            MinLengthValidator(SHORTEST, _("Write a sentence: whoever reads it later knows only what you write."))
        ],
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AlertsFilter(forms.Form):
    sort = forms.CharField(required=False, widget=forms.HiddenInput)
    q = forms.CharField(label=_("Name or number"), required=False, max_length=80)
    rule = forms.ChoiceField(label=_("Rule"), required=False)
    state = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("Not closed")), *AlertState.choices, ("all", _("All"))]
    )
    owner = forms.ChoiceField(label=_("Owner"), required=False)
    first = day_field(_("Seen from"), hint="", required=False)
    last = day_field(_("Seen to"), hint="", required=False)

    def __init__(self, *args: Any, rules: Sequence[Rule], people: Sequence[tuple[int, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule, owner = self.fields["rule"], self.fields["owner"]
        assert isinstance(rule, forms.ChoiceField)
        assert isinstance(owner, forms.ChoiceField)
        rule.choices = [("", _("Any")), *((each.code, each.title) for each in rules)]
        names = [(str(pk), name) for pk, name in people]
        owner.choices = [("", _("Anybody")), ("me", _("Me")), ("none", _("Nobody yet")), *names]


class NoteForm(forms.Form):
    text = forms.CharField(
        label=_("Note"),
        help_text=_("What you asked, whom, and what they said. It stays as you write it."),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class CloseForm(forms.Form):
    finding = forms.ChoiceField(label=_("What you found"), choices=AlertFinding.choices, widget=forms.RadioSelect)
    text = _sentence_field(_("Why"), _("One sentence that somebody who reads it in five years understands."))


class CloseManyForm(forms.Form):
    """Several that raised no question, closed with one sentence."""

    finding = forms.ChoiceField(label=_("What you found"), choices=HARMLESS)
    text = _sentence_field(_("Why"))


class ReopenForm(forms.Form):
    text = _sentence_field(_("Why it is opened again"))


class RuleForm(forms.Form):
    """A rule's switch and limits; `read` is the setting that the person saw."""

    read = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    enabled = forms.BooleanField(label=_("This rule is on"), required=False)
    why = _sentence_field(_("Why it changes"), _("The change and its reason stay in the rule's history."))

    def __init__(self, *args: Any, rule: Rule, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rule = rule
        for each in rule.parameters:
            if isinstance(each, Number):
                self.fields[each.name] = forms.IntegerField(
                    label=each.label,
                    min_value=each.least,
                    max_value=each.most,
                    widget=forms.TextInput(
                        attrs={"inputmode": "numeric", "class": "ds-c-field--small", "autocomplete": "off"}
                    ),
                )
            else:
                self.fields[each.name] = forms.CharField(
                    label=each.label,
                    required=False,
                    max_length=60,
                    help_text=_("For example 7 am - 8 pm. Nothing: the plan is closed."),
                    widget=forms.TextInput(attrs={"class": "ds-c-field--medium", "autocomplete": "off"}),
                )
        self.order_fields(["read", "enabled", *(each.name for each in rule.parameters), "why"])

    def clean(self) -> None:
        super().clean()
        for each in self.rule.parameters:
            if not isinstance(each, Number) and each.name in self.cleaned_data:
                try:
                    hours.read_day(self.cleaned_data[each.name])
                except ValueError:
                    self.add_error(each.name, _("Write hours as 7 am - 8 pm."))

    def values(self) -> Mapping[str, Any]:
        return {each.name: self.cleaned_data[each.name] for each in self.rule.parameters}


class ConfirmedForm(RuleForm):
    """The same, carried hidden by the page that asks before it is set."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = forms.HiddenInput()
