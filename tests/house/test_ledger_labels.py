"""Whatever a page discloses and whatever code writes into the ledger can be read in words, in both languages."""

from __future__ import annotations

import re

import pytest

from portals import jobs
from portals.enums import AlertStep, HelpStep
from portals.privacy.ledger import labels as ledger_labels
from tests.house.test_templates import APPS, ROOT
from tests.house.test_urls import PAGES, declaration

DISCLOSING = [name for name in PAGES if declaration(name).discloses]
WRITTEN = re.compile(r'\baction="([a-z_0-9]+[.:][a-z_.:0-9]+)"')
BY_NAME = re.compile(r"\baction=([A-Z_]+)\b")  # a constant of the same file


@pytest.mark.parametrize("name", DISCLOSING)
def test_every_page_that_discloses_has_a_title_and_its_fields_have_words(name: str) -> None:
    fields, actions = ledger_labels.known()
    assert name in actions, f"{name}: give its @page a label"
    missing = set(declaration(name).discloses) - fields
    assert not missing, f"{name} discloses {missing} without words"


def test_every_action_that_code_writes_has_words() -> None:
    _fields, actions = ledger_labels.known()
    texts = [path.read_text() for app in APPS for path in (ROOT / app).rglob("*.py")]
    written = {action for text in texts for action in WRITTEN.findall(text)}
    by_name = {
        action
        for text in texts
        for name in BY_NAME.findall(text)
        for action in re.findall(rf'^{name} = "(.+)"', text, re.MULTILINE)
    }
    assert len(written) > 50 and len(by_name) > 3, "the patterns find what they are made for"
    assert not (written | by_name) - actions


def test_every_action_that_is_put_together_has_words() -> None:
    """Of a job, the refusal is named after it where whoever asked for it may no longer."""
    _fields, actions = ledger_labels.known()
    steps = {f"alerts.{step}" for step in AlertStep} | {f"sign_in_help.{step}" for step in HelpStep}
    of_tests = ("test.", "canary.")
    assert not (steps | {kind for kind in jobs.kinds() if not kind.startswith(of_tests)}) - actions
