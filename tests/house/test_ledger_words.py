"""Whatever a page discloses and whatever code writes into the ledger can be read in words, in both languages."""

from __future__ import annotations

import re

import pytest

from portals import ledger_words
from tests.house.test_templates import APPS, ROOT
from tests.house.test_urls import PAGES, declaration

DISCLOSING = [name for name in PAGES if declaration(name).discloses]
WRITTEN = re.compile(r'\baction="([a-z_0-9]+[.:][a-z_.:0-9]+)"')


@pytest.mark.parametrize("name", DISCLOSING)
def test_every_page_that_discloses_has_a_title_and_its_fields_have_words(name: str) -> None:
    fields, actions = ledger_words.known()
    assert name in actions, f"{name}: register words for it in its app's ledger_telling.py"
    missing = set(declaration(name).discloses) - fields
    assert not missing, f"{name} discloses {missing} without words"


def test_every_action_that_code_writes_has_words() -> None:
    _fields, actions = ledger_words.known()
    written = {
        action for app in APPS for path in (ROOT / app).rglob("*.py") for action in WRITTEN.findall(path.read_text())
    }
    assert len(written) > 50, "the pattern finds what it is made for"
    assert not written - actions
