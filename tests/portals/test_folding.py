"""Names are folded alike in Python and in the database, and found however they are typed."""

import pytest
from django.db import connection

from portals import folding
from portals import scope as scopes
from portals.models import User
from portals.privacy.ledger import subjects
from tests.factories import people


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("O'Brien-Smith", "obriensmith"),
        ("O\u2019BRIEN\u2010SMITH", "obriensmith"),
        ("O\u02bcBrien\u2013Smith", "obriensmith"),
        ("St. John", "stjohn"),
        ("de la Cruz", "delacruz"),
        ("Mu\u00f1oz", "munoz"),
        ("Mun\u0303oz", "munoz"),
        ("\u00c9LODIE", "elodie"),
        ("\u0141ukasz S\u00f8rensen", "lukaszsorensen"),
        ("Stra\u00dfe \u00c6on", "strasseaeon"),
        ("\u0130pek", "ipek"),
        ("Smith 3rd", "smith3rd"),
        ("\u0418\u0432\u0430\u043d", "\u0438\u0432\u0430\u043d"),
        ("\u674e \u5c0f\u9f8d", "\u674e\u5c0f\u9f8d"),
        ("'-. ", ""),
        ("", ""),
    ],
)
def test_python_and_the_database_agree(text: str, folded: str) -> None:
    assert folding.fold(text) == folded
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {folding.SQL.format(name='%s::text')}", [text])
        assert cursor.fetchone()[0] == folded


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["O'Brien", "obrien", "O\u2019Brien", "o brien", "Zo\u00eb OBrien", "zoe", "O-Brien"])
def test_the_privacy_ledger_finds_a_user_however_the_name_is_typed(typed: str) -> None:
    with scopes.entered(scopes.system("test")):
        user = people.user(given_name="Zo\u00e9", family_name="O\u2019Brien")
        people.user(given_name="Bo", family_name="Rien")
        assert subjects.people(typed) == [user]
        assert User.objects.filter(folding.columns_have("\u2019", "family_name")).count() == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("obrien", True),
        ("sean o’brien", True),
        ("SMITH sean", True),
        ("O'Brien-Smith, Seán", True),
        ("", True),
        ("x", False),
    ],
)
def test_every_word_of_a_query_stands_somewhere(query: str, found: bool) -> None:
    assert folding.has_words("Sean O'Brien-Smith", query) is found
