"""Days as people and browsers type them."""

import datetime as dt

import pytest
from django import forms
from django.test import Client as Browser

from portals.forms import birth_field, day_field

DAY = dt.date(1985, 4, 8)


@pytest.mark.parametrize(
    "typed",
    [
        "04/08/1985", "4/8/1985", "4-8-1985", "04-08-1985", "4.8.1985", "1985-04-08", "1985/4/8", " 4 / 8 / 1985 ",
        "4\u20138\u20131985", "1985\u201104\u201108",
    ],
)  # fmt: skip
@pytest.mark.parametrize("field", [day_field("Day"), birth_field(autocomplete="bday")])
def test_read(typed: str, field: forms.DateField) -> None:
    assert field.clean(typed) == DAY


@pytest.mark.parametrize("typed", ["4/8/85", "4-8-85", "04.08.85", "85-04-08", "4/8/'85", "4/8/0085", "0085-04-08"])
def test_a_year_of_two_digits_is_told_as_such(typed: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        day_field("Day").clean(typed)
    assert refused.value.messages == ["Type the year with four digits, for example 1986."]


@pytest.mark.parametrize(
    "typed",
    ["28/4/1985", "1985-28-04", "2/30/1985", "4/8", "1985", "April 8", "4/8/19850", "4/8/1985/1", "4//1985"],
)
def test_anything_else_is_told_how_to_type_it(typed: str) -> None:
    with pytest.raises(forms.ValidationError) as refused:
        day_field("Day").clean(typed)
    assert refused.value.messages == ["Enter the day as month/day/year, for example 12/15/2026."]


@pytest.mark.django_db
@pytest.mark.parametrize(("typed", "status"), [("1985-04-28", 302), ("4-28-1985", 302), ("4/28/85", 200)])
def test_the_first_sign_in_takes_what_a_browser_fills_in(typed: str, status: int) -> None:
    answer = Browser().post(
        "/members/first-sign-in/", {"identifier": "NGH4002004201", "birth_date": typed, "zip_code": "12207"}
    )
    assert answer.status_code == status
    if status == 200:
        assert "Type the year with four digits" in answer.content.decode()
