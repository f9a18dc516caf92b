"""How money, days, telephone numbers, names and form fields are written on every page.

Built into the template engine (no `{% load %}`). The clock is never read here: `business_date` is passed in.
"""

import datetime as dt
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

register = template.Library()

NEAR = dt.timedelta(days=92)  # a day this close needs no year, even over New Year
TONES = {"info": "info", "success": "success", "warn": "warn", "error": "alert"}
# Letters the three font files carry, apart from ASCII; a name with any other is set in one other font as a whole.
LETTERS = frozenset("ÁÉÍÑÓÚÜáéíñóúü’‘´-‐ ")


@register.filter
def cents(value: int | None) -> str:
    """Whole cents as dollars: 4418022 -> $44,180.22, -500 -> -$5.00; nothing for None."""
    if value is None:
        return ""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"money is a whole number of cents, not {type(value).__name__}")
    whole, part = divmod(abs(value), 100)
    return f"{'-' if value < 0 else ''}${whole:,}.{part:02}"


@register.filter
def dollars(value: int | None) -> str:
    """As `cents`, without the cents where there are none: 30000 -> $300. For limits and allowances, never for bills."""
    return cents(value).removesuffix(".00")


@register.filter
def copay(value: int | str) -> str:
    """What a visit or a drug costs as cards print it: 2500 -> $25; words ("20% after deductible") stay as they are."""
    return dollars(value) if isinstance(value, int) else value


@register.filter
def dollar_pair(value: tuple[int, int]) -> str:
    """Two limits as cards print them, single and family: $500 / $1,000."""
    return " / ".join(dollars(cents_) for cents_ in value)


def _day(value: dt.date) -> dt.date:
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def _without_year(day: dt.date, as_of: dt.date | None) -> bool:
    return as_of is not None and (day.year == as_of.year or abs(day - as_of) < NEAR)


def _written(day: dt.date, *, year: bool) -> str:
    if year:
        return formats.date_format(day, pgettext("date format with year", "M j, Y"))
    return formats.date_format(day, pgettext("date format without year", "M j"))


@register.filter
def plan_date(value: dt.date | None, as_of: dt.date | None = None) -> str:
    """A day for people: today, Jan 5, or Jan 5, 2027 when neither the year nor the season of `as_of` is the same.

    Without `as_of` the year is always written. An instant counts as the day it falls on in the plan's time zone.
    """
    if value is None:
        return ""
    day = _day(value)
    return _("today") if day == as_of else _written(day, year=not _without_year(day, as_of))


@register.filter
def plan_time(value: dt.datetime | None, as_of: dt.date | None = None) -> str:
    """An instant for people, in the plan's time zone: "today, 8:12 am", "Jan 5, 8:12 am"."""
    if value is None:
        return ""
    at = timezone.localtime(value)
    clock = formats.time_format(at.time(), pgettext("time format", "g:i"))
    half = pgettext("before noon", "am") if at.hour < 12 else pgettext("after noon", "pm")
    return f"{plan_date(value, as_of)}, {clock} {half}"


@register.simple_tag
def plan_days(first: dt.date, last: dt.date, as_of: dt.date | None = None) -> str:
    """Days from first to last, both included: Jan 11–17, Jan 30 – Feb 3, Jan 11–17, 2028."""
    if first == last:
        return plan_date(first, as_of)
    year = not (_without_year(first, as_of) and _without_year(last, as_of))
    if (first.year, first.month) != (last.year, last.month):
        return f"{_written(first, year=year)} – {_written(last, year=year)}"
    days = pgettext("days of one month", "%(month)s %(first)s–%(last)s") % {
        "month": formats.date_format(first, pgettext("month of days", "M")),
        "first": first.day,
        "last": last.day,
    }
    return pgettext("days and year", "%(days)s, %(year)s") % {"days": days, "year": first.year} if year else days


@register.filter
def card_date(value: dt.date | None) -> str:
    """Month, day and year in figures as on a card: 01/05/2027 (in every language, like the plastic card)."""
    return "" if value is None else f"{value:%m/%d/%Y}"


@register.filter
def days_until(value: dt.date, as_of: dt.date) -> str:
    """today, tomorrow, in 6 days, yesterday, 6 days ago."""
    days = (_day(value) - as_of).days
    near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}
    if days in near:
        return near[days]
    if days > 0:
        return ngettext("in %(days)s day", "in %(days)s days", days) % {"days": days}
    return ngettext("%(days)s day ago", "%(days)s days ago", -days) % {"days": -days}


@register.filter
def due(value: dt.date, as_of: dt.date) -> str:
    """What a badge says of a due day: Due in 6 days, Due tomorrow, Due today, 2 days late."""
    days = (_day(value) - as_of).days
    near = {0: _("Due today"), 1: _("Due tomorrow")}
    if days in near:
        return near[days]
    if days > 0:
        return ngettext("Due in %(days)s day", "Due in %(days)s days", days) % {"days": days}
    return ngettext("%(days)s day late", "%(days)s days late", -days) % {"days": -days}


@register.filter
def file_size(value: int) -> str:
    """Bytes as people say the size of a file, in every language: 1 KB at least, 312 KB, 2.4 MB."""
    if value < 1_000_000:
        return f"{max(1, round(value / 1000))} KB"
    return f"{value / 1_000_000:.1f} MB"


@register.filter
def phone(value: str) -> str:
    """A North American number as it is spoken: 1-800-555-0142, 518-555-0100. Anything else stays as it is (711)."""
    digits = "".join(c for c in value if c.isascii() and c.isdigit())
    if len(digits) == 11 and digits[0] == "1":
        return f"1-{digits[1:4]}-{digits[4:7]}-{digits[7:]}"
    if len(digits) == 10:
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
    return value


@register.filter
def phone_link(value: str) -> SafeString:
    """The number as a link that a telephone dials."""
    digits = "".join(c for c in value if c.isascii() and c.isdigit())
    dialed = f"+1{digits[-10:]}" if len(digits) in (10, 11) else digits
    return format_html('<a class="u-nowrap" href="tel:{}">{}</a>', dialed, phone(value))


@register.filter
def person(name: str) -> SafeString | str:
    """A person's name; set in one other font as a whole when the page font lacks a letter of it."""
    if all(c.isascii() or c in LETTERS for c in name):
        return name
    return format_html('<span class="u-any-letter">{}</span>', name)


@register.filter
def badge_class(tone: str) -> str:
    """The design system's badge for a tone: info, success, warn, error; any other word is neutral."""
    return f"ds-c-badge ds-c-badge--{TONES[tone]}" if tone in TONES else "ds-c-badge"


@register.filter
def alert_class(tone: str) -> str:
    """The design system's alert for a tone: success, warn, error; any other word is information."""
    return f"ds-c-alert ds-c-alert--{tone}" if tone in ("success", "warn", "error") else "ds-c-alert"


@register.filter
def field_kind(field: BoundField) -> str:
    """How `components/field.html` lays a field out: hidden, choices, checkbox, file or input."""
    widget = field.field.widget
    if field.is_hidden:
        return "hidden"
    if isinstance(widget, (forms.RadioSelect, forms.CheckboxSelectMultiple)):
        return "choices"
    if isinstance(widget, forms.FileInput):
        return "file"
    return "checkbox" if isinstance(widget, forms.CheckboxInput) else "input"


def _described_by(field: BoundField) -> dict[str, str]:
    ids = [f"{field.auto_id}-hint"] if field.help_text else []
    if field.errors:
        ids.append(f"{field.auto_id}-error")
    return {"aria-describedby": " ".join(ids)} if ids else {}


@register.simple_tag
def control(field: BoundField, autocomplete: str = "", size: str = "", inputmode: str = "") -> SafeString:
    """The input, select or checkbox of a field in the design system's classes, tied to its hint and its error.

    `size`: small, medium or nothing. `autocomplete` and `inputmode` win over the widget's own attributes.
    """
    own = field.field.widget.attrs
    base = {"checkbox": "ds-c-choice", "file": "c-file"}.get(field_kind(field), "ds-c-field")
    classes = [own.get("class", ""), base, f"{base}--{size}" if size else "", f"{base}--error" if field.errors else ""]
    attributes: dict[str, Any] = {"class": " ".join(c for c in classes if c), **_described_by(field)}
    attributes["placeholder"] = False  # a label stands above; Django leaves an attribute that is False out
    if autocomplete:
        attributes["autocomplete"] = autocomplete
    if inputmode:
        attributes["inputmode"] = inputmode
    return field.as_widget(attrs=attributes)


@register.simple_tag
def choice_controls(field: BoundField) -> list[dict[str, Any]]:
    """The radio buttons or checkboxes of a field, each as `tag`, `id` and `label`."""
    widget = field.field.widget
    error = " ds-c-choice--error" if field.errors else ""
    attributes = {"id": field.auto_id, "class": f"ds-c-choice{error}"}
    if field.field.disabled:
        attributes["disabled"] = "disabled"
    if isinstance(widget, forms.RadioSelect) and field.field.required and field.form.use_required_attribute:
        attributes["required"] = "required"
    renderer = field.form.renderer
    return [
        {
            "tag": renderer_tag(option, renderer),
            "id": option["attrs"].get("id", ""),
            "label": option["label"],
        }
        for option in widget.subwidgets(field.html_name, field.value(), attrs=attributes)
    ]


def renderer_tag(option: dict[str, Any], renderer: Any) -> SafeString:
    """One option without the label that Django would wrap around it."""
    return SafeString(renderer.render(option["template_name"], {"widget": {**option, "wrap_label": False}}).strip())


@register.filter
def first_id(field: BoundField) -> str:
    """Where a link of the error summary jumps: the input itself, or the first of its choices."""
    if field_kind(field) == "choices":
        options = choice_controls(field)
        return str(options[0]["id"]) if options else field.auto_id
    return str(field.id_for_label or field.auto_id)


@register.filter
def page_numbers(page: Page[Any]) -> list[int]:
    """The page numbers a pager shows, 0 where some are left out."""
    shown = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return [number if isinstance(number, int) else 0 for number in shown]
