"""Forms of the ledger: what is looked for, and from when to when."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from audit import enums
from audit.enums import Kind, Outcome
from audit.search import Criteria
from portals.forms import day_field
from portals.models import User
from portals.plan.brand import brand
from portals.privacy.ledger import labels as ledger_labels
from portals.privacy.ledger import queries as ledger
from portals.privacy.ledger import subjects as ledger_subjects
from portals.scope import Portal

OPENING = "opening"
PLAIN = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


def _text(label: Any, hint: Any = "", *, length: int = 80) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=hint, required=False, max_length=length, widget=forms.TextInput(attrs=PLAIN)
    )


def portal_names() -> dict[str, Any]:
    """The doors, the sign-in pages and the machinery, in words."""
    return {**brand()["portal_names"], Portal.DOOR.value: _("Sign-in pages"), Portal.SYSTEM.value: _("Systems")}


class PeriodFilter(forms.Form):
    """From a day to a day of the plan's time zone, both included."""

    first = day_field(_("From"), hint="", required=False)
    last = day_field(_("To"), hint="", required=False)

    def clean(self) -> None:
        super().clean()
        first, last = self.cleaned_data.get("first"), self.cleaned_data.get("last")
        if first and last and last < first:
            self.add_error("last", _("The last day is before the first."))

    def period(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The instants; only of a valid form."""
        return ledger.between(self.cleaned_data["first"], self.cleaned_data["last"])


class LedgerFilter(PeriodFilter):
    """`actor` and `subject` were chosen, `who` and `about` are typed. `people` are those whom `who` may mean, where it
    is more than one: nothing is searched then."""

    who = _text(_("Who"), _("Username, name, “systems” or “nobody”"))
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    about_kind = forms.ChoiceField(label=_("About a"), required=False)
    about = _text(_("Username or number"), _("Exactly. A member is found under Members, and the ledger from there."))
    action = _text(_("Page or action"), _("A part of its words or of its name"))
    portal = forms.ChoiceField(label=_("Portal"), required=False)
    outcome = forms.ChoiceField(label=_("Outcome"), required=False, choices=[("", _("Any")), *Outcome.choices])
    grant = _text(_("Grant"), _("For example break-glass:12"))
    request = _text(_("Request ID"))
    source = _text(_("Source address"))
    actor = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    subject = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    field_order = ("who", "first", "last", "kind", "about_kind", "about")

    MAIN = ("who", "first", "last", "kind")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people: list[User] = []
        self._choose("kind", [(OPENING, _("Openings of records")), *Kind.choices])
        self._choose("about_kind", ledger_subjects.findable())
        self._choose("portal", list(portal_names().items()))

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("Any")), *choices]

    def main(self) -> list[forms.BoundField]:
        return [self[name] for name in self.MAIN]

    def further(self) -> list[forms.BoundField]:
        """The fields that stand folded."""
        return [field for field in self.visible_fields() if field.name not in self.MAIN]

    def clean_actor(self) -> str:
        """`user:12`, `system:run_billing`; anything else counts as nothing."""
        found: str = self.cleaned_data["actor"]
        return found if re.fullmatch(r"user:[0-9]{1,18}|system:.+|nobody", found) else ""

    def clean(self) -> None:
        super().clean()
        data = self.cleaned_data
        self.actors, self.systems = ((data["actor"],) if data.get("actor") else ()), False
        self.found = ledger_subjects.parse(data.get("subject") or "")
        if data.get("who"):
            self._read_who(data["who"])
        if data.get("about"):
            self._read_about(data.get("about_kind") or "", data["about"])

    def _read_who(self, typed: str) -> None:
        word = typed.casefold()
        if word in ("nobody", str(_("nobody")).casefold()):
            self.actors = ("nobody",)
        elif word in ("systems", str(_("systems")).casefold()):
            self.actors, self.systems = (), True
        elif word.startswith("system:"):
            self.actors = (typed,)
        else:
            people = ledger_subjects.people(typed)
            if len(people) > 1:
                self.people = people
            elif people:
                self.actors = (f"user:{people[0].pk}",)
            else:
                self.add_error("who", _("No user has this username or name. Try a part of the name."))

    def _read_about(self, kind: str, typed: str) -> None:
        found = ledger_subjects.kind_of(kind)
        if found is None or found.find is None:
            self.add_error("about_kind", _("Choose what the number is of."))
            return
        number = found.find(typed.strip())
        if number is None:
            self.add_error("about", _("Nothing of this kind has this username or number."))
        else:
            self.found = (kind, number)

    def criteria(self) -> Criteria:
        """Only of a valid form."""
        data = self.cleaned_data
        since, until = self.period()
        kind = data["kind"]
        return Criteria(
            actors=self.actors,
            systems=self.systems,
            about=self.found,
            kinds=tuple(each.value for each in enums.OPENING) if kind == OPENING else (kind,) if kind else (),
            portal=data["portal"],
            outcome=data["outcome"],
            actions=tuple(ledger_labels.actions_like(data["action"])) if data["action"] else (),
            action_like=data["action"],
            grant=data["grant"],
            request_id=data["request"],
            source=data["source"],
            since=since,
            until=until,
        )

    def asked(self) -> list[str]:
        """By what is searched; never what for."""
        return [name for name, value in self.cleaned_data.items() if value]
