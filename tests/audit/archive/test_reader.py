"""An archived month still answers who opened a record, and the question is a row of the ledger."""

import csv
import gzip
import io
import json

import pytest
from django.core.management import CommandError, call_command

from audit.archive import format as archive_format
from audit.models import Event
from audit.queries import opened, subjects_of
from tests.audit.archive.test_archiving import last_month, old, put_away
from tests.audit.conftest import Ledger, point_at

assert old


@pytest.fixture
def away(old: Ledger) -> Ledger:
    put_away(old)
    point_at(old.cluster, "plan_app", old.database)
    return old


def ask(ledger: Ledger, *question: str) -> list[dict[str, object]]:
    out = io.StringIO()
    call_command("read_archive", str(ledger.folder), *question, "--json", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_it_answers_what_the_table_would_have_answered(old: Ledger) -> None:
    rows = [event for event in opened("person", 7) if event.action == "members.page"][::-1]
    subjects = subjects_of(rows)
    put_away(old)
    told = ask(old, "--person", "7")
    assert [(each["id"], each["actor"], each["fields"], each["source"]) for each in told] == [
        (row.id, row.actor, list(row.fields), row.source) for row in rows
    ]
    assert [json.loads(str(each["detail"])) for each in told] == [row.detail for row in rows]
    assert len(told) == 6
    assert all(each["subjects"] == ["person:7"] for each in told), "nobody else of the same list is told"
    (one,) = ask(old, "--actor", "user:3")
    assert one["subjects"] == [f"{kind}:{pk}" for kind, pk in subjects[rows[2].id]]


def test_another_subject_and_nobody(away: Ledger) -> None:
    assert ask(away, "--subject", "client:7") == []
    (only,) = ask(away, "--subject", f"person:{100 + int(str(ask(away, '--actor', 'user:2')[0]['id']))}")
    assert only["actor"] == "user:2"


def test_the_question_is_in_the_ledger_before_the_answer(away: Ledger) -> None:
    ask(away, "--person", "7", "--ticket", "REQ-12")
    event = Event.objects.get(action="audit.read_archive")
    assert (event.kind, event.actor, event.detail) == (
        "export",
        "system:read_archive",
        {"months": [f"{last_month():%Y-%m}"], "ticket": "REQ-12"},
    )
    assert opened("person", 7)[0].id == event.id


def test_as_a_table(away: Ledger) -> None:
    out = io.StringIO()
    call_command("read_archive", str(away.folder), "--person", "7", stdout=out)
    rows = list(csv.DictReader(io.StringIO(out.getvalue(), newline="")))
    assert [row["actor"] for row in rows] == [f"user:{n}" for n in range(1, 7)]
    assert rows[0]["fields"] == "name a b"
    assert rows[0]["source"] == "line\nbreak"
    assert json.loads(rows[0]["detail"]) == {"q": "tab\tand \\ slash"}


def test_nothing_is_read_of_a_file_that_is_not_the_manifests(away: Ledger) -> None:
    path = away.folder / archive_format.file_of("audit_event", last_month())
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(b"user:3", b"user:4")))
    wrong = [
        ("is not the file of its manifest", [path]),
        ("is missing beside the others", list(away.folder.glob(archive_format.file_of("*", last_month())))),
        ("holds no file of an archived", []),
    ]
    for words, then_gone in wrong:
        with pytest.raises(CommandError, match=words) as error:
            ask(away, "--person", "7")
        assert error.value.returncode == 2
        for file in then_gone:
            file.unlink(missing_ok=True)
    assert not Event.objects.filter(action="audit.read_archive").exists()


@pytest.mark.parametrize("question", [[], ["--subject", "7"], ["--person", "7", "--actor", "user:1"]])
def test_a_question_that_is_none_is_refused(away: Ledger, question: list[str]) -> None:
    with pytest.raises(CommandError):
        ask(away, *question)
