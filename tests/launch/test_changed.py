"""Which tests a change touches: never too few."""

import pytest

from launch import changed, checks
from launch.common import ROOT

APPS = checks.apps()


@pytest.mark.parametrize(
    ("name", "among"),
    [
        ("members/cards/queries.py", {"tests/members/cards", "tests/members/records"}),  # records show the card
        ("producers/views/home.py", {"tests/producers/test_grants.py"}),
        ("billing/money.py", {"tests/billing/test_money.py", "tests/employers/test_ebilling.py"}),
        ("portals/announcements/actions.py", {"tests/portals/announcements"}),
        ("launch/site.py", {"tests/launch"}),
        ("tests/members/cards/test_rules.py", {"tests/members/cards/test_rules.py"}),
        ("templates/employers/home.html", {"tests/employers"}),
    ],
)
def test_a_module_is_tested_by_its_room_and_by_those_that_import_it(name: str, among: set[str]) -> None:
    chosen = set(changed.tests([name], APPS))
    assert among <= chosen
    assert "tests/house" in chosen
    assert all((ROOT / each).exists() for each in chosen)


@pytest.mark.parametrize("name", ["tests/conftest.py", "portals/settings/base.py", "members/migrations/0099_new.py"])
def test_what_may_change_anything_is_tested_by_everything(name: str) -> None:
    assert changed.tests([name], APPS) == ["tests"]


def test_a_change_of_words_alone_is_tested_by_the_house() -> None:
    assert changed.tests(["docs/running.md"], APPS) == ["tests/house"]
