"""The printed name goes through fixed steps until it holds 26 letters."""

import pytest

from members.cards import rules as cards
from members.rules import names


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        (("Ann", "Marie", "Lee", ""), "ANN MARIE LEE"),
        (("Ann", "M.", "St. John", "Jr."), "ANN M ST JOHN JR"),
        (("Alexander", "Bartholomew", "Vandermeer", ""), "ALEXANDER B VANDERMEER"),
        (("Alexandria", "Marguerite", "Featherston", "Jr"), "ALEXANDRIA FEATHERSTON JR"),
        (("Alexandria", "Marguerite", "Featherstonehaugh", ""), "ALEXANDRIA FEATHERSTONEHAU"),
        (("Alexandria", "Marguerite", "Featherstonehaugh", "III"), "ALEXANDRIA FEATHERSTON III"),
    ],
)
def test_name_steps(name: tuple[str, str, str, str], printed: str) -> None:
    first, middle, last, suffix = name
    assert cards.printed_name(first=first, middle=middle, last=last, suffix=suffix) == printed
    assert len(printed) <= 26


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("CYD CEDARFICTION", "Cyd Cedarfiction"),
        ("ADA O'FICTION-LEE III", "Ada O'Fiction-Lee III"),
        ("Ada van der Fiction", "Ada van der Fiction"),
    ],
)
def test_a_shouted_name_is_shown_quietly(stored: str, shown: str) -> None:
    assert names.readable(stored) == shown
