"""Whatever a page discloses and whatever code writes into the ledger can be read in words, in both languages; and a
test expects each row that code writes."""

from __future__ import annotations

import pytest

from portals import jobs
from portals.enums import AlertStep, HelpStep
from portals.privacy.ledger import labels as ledger_labels
from tests.house import written_actions
from tests.house.test_urls import PAGES, declaration
from tests.house.written_actions import ROOT

DISCLOSING = [name for name in PAGES if declaration(name).discloses]
# What hands over an action that the source does not spell out there.
NOT_SPELLED_OUT = {
    "members/enrollment/apply/writing.py: stage.action": "as the stage was given it, by `action=` too",
    "members/enrollment/x834/reader.py: p[8]": "a field of an 834, no row of the ledger",
    "portals/pages.py: action": "a page's own name, by which every page writes what it disclosed or refused",
    "portals/jobs.py: job.kind": "a job's refusal is named after it, whichever it is: test_jobs sees one",
    "producers/demo.py: action": "the demo's past: two pages as they would have written it",
}
# Written, and no test can see it as its user would.
NOT_EXPECTED = {
    "producers:agency_contact": "the demo's past: refusals of a page, which test_gates sees refuse",
}


@pytest.mark.parametrize("name", DISCLOSING)
def test_every_page_that_discloses_has_a_title_and_its_fields_have_words(name: str) -> None:
    fields, actions = ledger_labels.known()
    assert name in actions, f"{name}: give its @page a label"
    missing = set(declaration(name).discloses) - fields
    assert not missing, f"{name} discloses {missing} without words"


def test_every_action_that_code_writes_is_found() -> None:
    written, unread = written_actions.written()
    assert unread == set(NOT_SPELLED_OUT), "spell the action out where it is handed over, or say here why not"
    assert len(written) > 140, "the patterns find what they are made for"
    for action in ("billing.pay", "billing.add_bank_account", "members.accountings.ask", "alerts.taken", "audit.check"):
        assert action in written, "by keyword, by place, put together, by an enum, by another module's name"


def test_every_action_that_code_writes_has_words() -> None:
    _fields, actions = ledger_labels.known()
    written, _unread = written_actions.written()
    assert sorted(set(written) - actions) == [], "register their words in the app's ledger_labels.py"


def test_every_action_that_code_writes_is_expected_by_a_test() -> None:
    """`ledger.expect(action, by=..., about=..., on=...)` at the end of the test that does the deed: a row that nobody
    expects can be lost, or name somebody else, and everything stays green."""
    written, _unread = written_actions.written()
    this = {"test_ledger_words.py"}
    tests = (path.read_text() for path in (ROOT / "tests").rglob("test_*.py") if path.name not in this)
    expected = written_actions.expected(tests)
    missing = {name: where for name, where in written.items() if name not in expected | set(NOT_EXPECTED)}
    assert missing == {}, "expect them where a test does the deed"
    assert set(NOT_EXPECTED) <= set(written) - expected, "an exception that is none any more"


def test_every_action_that_is_put_together_has_words() -> None:
    """Of a job, the refusal is named after it where whoever asked for it may no longer."""
    _fields, actions = ledger_labels.known()
    steps = {f"alerts.{step}" for step in AlertStep} | {f"sign_in_help.{step}" for step in HelpStep}
    assert not (steps | {kind for kind in jobs.kinds() if not kind.startswith("canary.")}) - actions
