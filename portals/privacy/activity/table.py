"""The figures of several weeks side by side, in words: for the page of a review and for its report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import enums
from portals.models import ActivityReview
from portals.plan.brand import brand
from portals.privacy.activity.figures import BEFORE, Figures
from portals.privacy.alerts import rule_settings
from portals.privacy.ledger import subjects as ledger_subjects

Count = Callable[[Figures], int]


@dataclass(frozen=True, slots=True)
class Row:
    """A figure in the weeks shown, this one first; `most` is the greatest of them."""

    label: Any
    values: Sequence[int]
    url: str = ""
    weeks: Sequence[dt.date] = ()

    @property
    def beside(self) -> list[tuple[dt.date, int]]:
        """The weeks before, each by its Monday."""
        return list(zip(self.weeks, self.before, strict=True))

    @property
    def now(self) -> int:
        return self.values[0]

    @property
    def before(self) -> Sequence[int]:
        return self.values[1:]

    @property
    def most(self) -> int:
        return max(self.values)


@dataclass(frozen=True, slots=True)
class Section:
    title: Any
    rows: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Actor:
    """One of those who opened the records of most people, with the weeks before, the latest first."""

    user_id: int
    name: str
    people: int
    before: Sequence[int]

    @property
    def most(self) -> int:
        return max(self.people, *self.before)


@dataclass(frozen=True, slots=True)
class Side:
    """A review beside the weeks before it, the latest first. `last` is its Sunday."""

    row: ActivityReview
    last: dt.date
    before: Sequence[ActivityReview]
    sections: Sequence[Section]
    actors: Sequence[Actor]


def side_by_side(row: ActivityReview) -> Side:
    """Two queries: the weeks before, and names."""
    earlier = ActivityReview.objects.filter(week__lt=row.week).order_by("-week")
    before = list(earlier[:BEFORE])
    weeks = [each.week for each in before]
    told = [
        Section(section.title, [replace(each, weeks=weeks) for each in section.rows])
        for section in sections(row.week, [each.figures for each in (row, *before)])
    ]
    return Side(row, row.week + dt.timedelta(days=6), before, told, actors(row.figures))


def actors(figures: Figures) -> list[Actor]:
    """One query for their names."""
    names = ledger_subjects.user_names([each["user"] for each in figures["actors"]])
    return [
        Actor(each["user"], names.get(each["user"], str(each["user"])), each["people"], each["before"])
        for each in figures["actors"]
    ]


def sections(week: dt.date, figures: Sequence[Figures]) -> list[Section]:
    """In the order of reading. Kinds and outcomes of events, and doors without a change, are left out where no week had
    any."""
    return [
        Section(gettext_lazy("What happened"), _events(figures)),
        Section(
            gettext_lazy("At which door"),
            [_row(figures, door(name), _count(portal=name)) for name in _doors(figures)],
        ),
        Section(
            gettext_lazy("People whose records were opened"),
            [_row(figures, door(side), _of("opened", side)) for side in _names(figures, "opened")],
        ),
        Section(
            gettext_lazy("Signing in"),
            [
                _row(figures, _("Failed sign-ins and checks"), _count(kind=enums.Kind.FAILURE)),
                _row(figures, _("Accounts with 10 failures or more"), _of("failures", "accounts")),
                _row(figures, _("Accounts shut for wrong passwords when this was made"), _of("failures", "shut")),
            ],
        ),
        Section(
            gettext_lazy("Files with people's data"),
            [
                _row(figures, _("Files"), _of("exports", "files")),
                _row(figures, _("People in them"), _of("exports", "people")),
            ],
        ),
        Section(gettext_lazy("Looks beyond the role"), _exceptional_access(figures)),
        Section(gettext_lazy("Alerts"), _alerts(week, figures)),
        Section(gettext_lazy("Access that began and ended"), _access(figures)),
    ]


def _row(figures: Sequence[Figures], label: Any, of: Count, url: str = "") -> Row:
    return Row(label, [of(each) for each in figures], url)


def _of(section: str, name: str) -> Count:
    return lambda each: int(each[section].get(name, 0))


def _count(*, kind: str = "", portal: str | None = None, outcome: str = "") -> Count:
    """How many events: each line is kind, portal, outcome and their number."""
    return lambda each: sum(
        count
        for of_kind, at, came, count in each["events"]
        if (not kind or of_kind == kind) and (portal is None or at == portal) and (not outcome or came == outcome)
    )


def _names(figures: Sequence[Figures], section: str) -> list[str]:
    return list(dict.fromkeys(name for each in figures for name in each[section]))


def _doors(figures: Sequence[Figures]) -> list[str]:
    return sorted({line[1] for each in figures for line in each["events"]})


def _events(figures: Sequence[Figures]) -> list[Row]:
    kinds = [_row(figures, kind.label, _count(kind=kind)) for kind in enums.Kind]
    outcomes = [
        _row(figures, _("Outcome: %(outcome)s") % {"outcome": each.label}, _count(outcome=each))
        for each in enums.Outcome
    ]
    return [_row(figures, _("All events"), _count()), *(row for row in (*kinds, *outcomes) if row.most)]


def _exceptional_access(figures: Sequence[Figures]) -> list[Row]:
    url = reverse("desk:looks")
    return [
        _row(figures, _("Opened"), _of("looks", "opened"), url),
        _row(figures, _("Reviewed"), _of("looks", "reviewed"), url),
        _row(figures, _("Not reviewed when this was made"), _of("looks", "waiting"), url),
        _row(figures, _("Of these late"), _of("looks", "late"), url),
    ]


def _alerts(week: dt.date, figures: Sequence[Figures]) -> list[Row]:
    """Three rows a rule that had any; each leads to the alerts of that week."""
    last = week + dt.timedelta(days=6)
    base = f"{reverse('desk:alerts')}?state=all&first={week:%m/%d/%Y}&last={last:%m/%d/%Y}"
    words = (_("%(rule)s: made"), _("%(rule)s: closed"), _("%(rule)s: not closed"))
    rows = []
    for code in _names(figures, "alerts"):
        rule = rule_settings.rule(code)
        for place, said in enumerate(words):
            values = [each["alerts"].get(code, (0, 0, 0))[place] for each in figures]
            rows.append(Row(said % {"rule": rule.title if rule else code}, values, f"{base}&rule={code}"))
    return rows or [Row(_("Alerts"), [0 for _each in figures], base)]


def _access(figures: Sequence[Figures]) -> list[Row]:
    """Places that began and ended, by door; the desk's are the changes of the plan's own people."""
    words = (_("New: %(door)s"), _("Ended: %(door)s"))
    rows = [
        Row(
            said % {"door": door(side)},
            [each["access"].get(side, (0, 0))[place] for each in figures],
            reverse("desk:staff") if side == "desk" else "",
        )
        for side in _names(figures, "access")
        for place, said in enumerate(words)
    ]
    return [row for row in rows if row.most or row.url]


def door(name: str) -> str:
    """A portal by its name; what comes from no portal is the plan's own commands and jobs."""
    if name == "door":
        return _("The sign-in pages")
    if name in ("system", ""):
        return _("Commands and jobs")
    return str(brand()["portal_names"].get(name, name))
