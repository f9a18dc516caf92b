"""The ledger checks itself every night, keeps checkpoints, and somebody hears of what was found or waits."""

import datetime as dt
import json
import logging
from pathlib import Path

import pytest
import time_machine
from pytest_django.fixtures import Settings

from audit import actions, queries
from audit.models import Block, Event
from audit.seal import checkpoints, sealer
from portals import scope as scopes
from portals.desk import kinds as desk_kinds
from portals.enums import Team
from portals.models import DeskRequest, OutboxMail
from portals.privacy.ledger import nightly_check, tasks
from tests.audit.conftest import Ledger
from tests.factories import ledger, people

BY = scopes.system("check_ledger")


@pytest.fixture
def kept(settings: Settings, tmp_path: Path) -> Path:
    settings.CHECKPOINT_DIR = str(tmp_path / "checkpoints")
    return tmp_path / "checkpoints"


@pytest.fixture
def sealed(site_ledger: Ledger, kept: Path) -> Ledger:
    with scopes.entered(scopes.system("test")):
        people.staff_user(Team.PRIVACY)
    for n in range(5):
        actions.record(kind="view", action="members.card", actor=f"user:{n}", subjects=[("person", n)])
    sealer.seal()
    return site_ledger


def test_a_clean_night_leaves_its_row_and_a_checkpoint_to_carry_away(sealed: Ledger, kept: Path) -> None:
    tail = Block.objects.order_by("-number")[0]
    tasks.check_ledger()
    made = queries.last_check()
    assert made is not None and made.clean and made.whole
    ledger.expect("audit.check", by="system")
    rows = sum(Block.objects.values_list("row_count", flat=True))
    assert (made.rows, made.checkpoint, made.checkpoint_hash) == (rows, tail.number, bytes(tail.hash).hex())
    (file,) = kept.iterdir()
    assert made.file == file.name == f"ledger-{tail.sealed_at:%Y-%m-%d}-{tail.number:012}.json"
    assert json.loads(file.read_text())["hash"] == bytes(tail.hash).hex()
    assert not DeskRequest.objects.exists()
    sealer.seal()
    assert sealed.verify("--checkpoint", str(kept))[0] == 0


def test_the_same_night_is_checked_once(sealed: Ledger, kept: Path) -> None:
    tasks.check_ledger()
    tasks.check_ledger()
    assert Event.objects.filter(action=queries.CHECK_ACTION).count() == 1


def test_the_whole_ledger_is_read_once_a_week(sealed: Ledger) -> None:
    """On other nights this month and the last."""
    now = dt.datetime.now(dt.UTC)
    assert nightly_check.check(by=BY).whole
    for days in (1, 6):
        with time_machine.travel(now + dt.timedelta(days=days)):
            made = nightly_check.check(by=BY)
        last_month = ((now + dt.timedelta(days=days)).replace(day=1) - dt.timedelta(days=1)).replace(day=1)
        assert (made.whole, made.since) == (False, f"{last_month:%Y-%m-%d}")
    with time_machine.travel(now + dt.timedelta(days=7)):
        assert nightly_check.check(by=BY).whole
    assert [event.outcome for event in Event.objects.filter(action=queries.CHECK_ACTION)] == ["done"] * 4


def test_a_finding_becomes_a_request_and_a_mail_that_says_nothing(
    sealed: Ledger, kept: Path, caplog: pytest.LogCaptureFixture
) -> None:
    changed = Event.objects.filter(action="members.card").order_by("id")[2]
    sealed.tamper("UPDATE audit_event SET actor = 'user:99' WHERE id = %s", changed.id)
    with caplog.at_level(logging.ERROR):
        tasks.check_ledger()
    made = queries.last_check()
    assert made is not None and not made.clean
    assert (made.findings, made.file, kept.exists()) == (1, "", False)
    assert Event.objects.get(action=queries.CHECK_ACTION).outcome == "failed"
    request = DeskRequest.objects.get()
    assert (request.team, request.kind) == (Team.PRIVACY, nightly_check.FOUND)
    said = [str(words) for _label, words in desk_kinds.facts(request)]
    assert any(f"row {changed.id}" in words and "was changed" in words for words in said)
    mail = OutboxMail.objects.get()
    assert f"/desk/requests/{request.pk}/" in mail.body
    assert "row" not in mail.body and "changed" not in mail.body + mail.subject
    assert "the ledger's check found 1" in caplog.text


def test_a_copy_from_before_the_last_checkpoint_is_found(sealed: Ledger, kept: Path) -> None:
    """An older copy was restored: every block and row is right, and only the file knows more."""
    kept.mkdir()
    tail = sealed.verify()[1].tail
    assert tail is not None
    checkpoints.write(kept / "ledger-one.json", tail)
    sealed.tamper("DELETE FROM audit_block WHERE number > 1")
    sealed.tamper("DELETE FROM audit_subject")
    sealed.tamper("DELETE FROM audit_change")
    assert sealed.verify()[0] == 0
    made = nightly_check.check(by=BY)
    assert made.findings == 1
    assert "older copy was restored" in desk_kinds.facts(DeskRequest.objects.get())[1][1]


def test_a_folder_that_cannot_be_written_is_told(sealed: Ledger, kept: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept.write_text("a file in its place")
    with caplog.at_level(logging.ERROR):
        made = nightly_check.check(by=BY)
    assert made.clean and made.file == ""
    assert "checkpoint" in DeskRequest.objects.get().title
    assert "no checkpoint of the ledger could be written" in caplog.text


def test_a_broken_checkpoint_file_is_told_and_none_is_written_beside_it(sealed: Ledger, kept: Path) -> None:
    kept.mkdir()
    (kept / "ledger-0.json").write_text("{")
    assert nightly_check.check(by=BY).findings == 1
    assert "cannot be read" in desk_kinds.facts(DeskRequest.objects.get())[1][1]
    assert len(list(kept.iterdir())) == 1


def test_without_a_folder_nothing_is_written_or_told(sealed: Ledger, kept: Path, settings: Settings) -> None:
    settings.CHECKPOINT_DIR = ""
    made = nightly_check.check(by=BY)
    assert made.clean and made.file == ""
    assert not DeskRequest.objects.exists()


def test_rows_that_wait_too_long_are_told_once_an_hour(sealed: Ledger) -> None:
    tasks.watch_seal()
    assert not DeskRequest.objects.exists()
    sealed.tamper(
        "INSERT INTO audit_event (recorded_at, kind, action, actor)"
        " VALUES (clock_timestamp() - interval '20 minutes', 'job', 'slow', 'system:x')"
    )
    sealed.tamper("UPDATE audit_block SET sealed_at = sealed_at - interval '1 hour'")
    tasks.watch_seal()
    tasks.watch_seal()
    request = DeskRequest.objects.get()
    assert request.kind == nightly_check.LATE
    assert [str(words) for _label, words in desk_kinds.facts(request)][:2] == ["20 minutes", "1"]
    assert OutboxMail.objects.count() == 1
