"""How money, days, telephone numbers, names and fields are written for people."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.utils import translation

from portals.templatetags import ui

TODAY = dt.date(2026, 12, 26)


class Invitation(forms.Form):
    username = forms.CharField(help_text="Yours at every door.")
    role = forms.ChoiceField(choices=[("manager", "Office manager"), ("billing", "Billing")], widget=forms.RadioSelect)
    note = forms.CharField(required=False)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (4418022, "$44,180.22"),
        (5, "$0.05"),
        (0, "$0.00"),
        (-1250, "-$12.50"),
        (100_000_000, "$1,000,000.00"),
        (None, ""),
    ],
)
def test_cents_are_written_as_dollars(amount: int | None, words: str) -> None:
    assert ui.cents(amount) == words


@pytest.mark.parametrize("amount", [12.5, True, "1250"])
def test_an_amount_that_is_not_whole_cents_is_refused(amount: object) -> None:
    with pytest.raises(TypeError, match="whole number of cents"):
        ui.cents(amount)  # type: ignore[arg-type]  # what a template could pass


def test_limits_are_written_without_empty_cents() -> None:
    assert [ui.dollars(30000), ui.dollars(30050)] == ["$300", "$300.50"]


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (TODAY, "today"),
        (dt.date(2026, 1, 5), "Jan 5"),
        (dt.date(2027, 1, 5), "Jan 5"),  # the coming New Year needs no year
        (dt.date(2027, 7, 5), "Jul 5, 2027"),
        (dt.date(2025, 12, 26), "Dec 26, 2025"),
    ],
)
def test_a_day_names_its_year_only_where_it_could_be_mistaken(day: dt.date, words: str) -> None:
    assert ui.plan_date(day, TODAY) == words


def test_an_instant_falls_on_the_day_of_the_plans_time_zone() -> None:
    late = dt.datetime(2026, 12, 27, 3, 30, tzinfo=dt.UTC)  # 10:30 in the evening of the 26th in New York
    assert ui.plan_time(late, TODAY) == "today, 10:30 pm"
    morning = dt.datetime(2026, 12, 1, 0, 5, tzinfo=ZoneInfo("America/New_York"))
    assert ui.plan_time(morning, TODAY) == "Dec 1, 12:05 am"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (dt.date(2027, 1, 11), dt.date(2027, 1, 17), "Jan 11–17"),
        (dt.date(2027, 1, 30), dt.date(2027, 2, 3), "Jan 30 – Feb 3"),
        (TODAY, dt.date(2026, 12, 28), "Dec 26–28"),
        (dt.date(2028, 1, 11), dt.date(2028, 1, 17), "Jan 11–17, 2028"),
        (dt.date(2027, 1, 11), dt.date(2027, 1, 11), "Jan 11"),
    ],
)
def test_a_span_of_days_is_written_once_where_month_and_year_are_shared(
    first: dt.date, last: dt.date, words: str
) -> None:
    assert ui.plan_days(first, last, TODAY) == words


@pytest.mark.parametrize(
    ("days", "due", "until"),
    [
        (6, "Due in 6 days", "in 6 days"),
        (1, "Due tomorrow", "tomorrow"),
        (0, "Due today", "today"),
        (-1, "1 day late", "yesterday"),
        (-9, "9 days late", "9 days ago"),
    ],
)
def test_a_due_day_is_told_from_today(days: int, due: str, until: str) -> None:
    day = TODAY + dt.timedelta(days=days)
    assert (ui.due(day, TODAY), ui.days_until(day, TODAY)) == (due, until)


@pytest.mark.parametrize(
    ("stored", "shown", "dialed"),
    [
        ("18005550142", "1-800-555-0142", "tel:+18005550142"),
        ("(518) 555-0100", "518-555-0100", "tel:+15185550100"),
        ("711", "711", "tel:711"),
    ],
)
def test_a_telephone_number_is_readable_and_dials(stored: str, shown: str, dialed: str) -> None:
    assert ui.phone(stored) == shown
    assert f'href="{dialed}"' in ui.phone_link(stored)


@pytest.mark.parametrize(("size", "words"), [(0, "1 KB"), (332, "1 KB"), (311_600, "312 KB"), (2_400_000, "2.4 MB")])
def test_the_size_of_a_file_is_said_without_bytes(size: int, words: str) -> None:
    assert ui.file_size(size) == words


def test_a_name_falls_back_as_a_whole_and_stays_escaped() -> None:
    assert ui.person("José O’Brien-Peña") == "José O’Brien-Peña"
    assert ui.person("Zoë <Król>") == '<span class="u-any-letter">Zoë &lt;Król&gt;</span>'


def test_a_refused_field_is_tied_to_its_hint_and_its_error() -> None:
    form = Invitation({"username": "", "role": "nobody"})
    html = render_to_string("components/field.html", {"field": form["username"], "autocomplete": "username"})
    assert 'for="id_username"' in html
    assert 'autocomplete="username"' in html
    assert 'aria-describedby="id_username-hint id_username-error"' in html
    assert 'id="id_username-error"' in html
    assert "ds-c-field--error" in html


def test_every_choice_has_its_own_label_and_keeps_what_was_chosen() -> None:
    html = render_to_string("components/field.html", {"field": Invitation({"role": "billing"})["role"]})
    assert html.count("<label for=") == 2
    assert html.count("checked") == 1
    assert "<legend" in html


def test_the_summary_of_errors_links_to_each_refused_field() -> None:
    html = render_to_string("components/form_errors.html", {"form": Invitation({"username": "", "role": "nobody"})})
    assert 'href="#id_username"' in html
    assert 'href="#id_role_0"' in html
    assert "#id_note" not in html


def test_an_optional_field_says_so_in_the_persons_language() -> None:
    html = render_to_string("components/field.html", {"field": Invitation()["note"]})
    assert "(optional)" in html
    with translation.override("es"):
        assert ui.plan_date(dt.date(2026, 1, 5), TODAY).lower().startswith(("ene", "5 ene"))


def test_a_pager_leaves_out_the_middle_of_many_pages() -> None:
    assert ui.page_numbers(Paginator(range(300), 25).page(6)) == [1, 0, 5, 6, 7, 0, 12]
