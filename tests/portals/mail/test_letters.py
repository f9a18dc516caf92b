"""Letters: printed once, a page each, kept, and told to the ledger without what they say."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation
from pypdf import PdfReader
from pytest_django import Settings

from portals.enums import MailStatus
from portals.files import pdf
from portals.mail import outbox
from portals.models import OutboxMail, StoredFile
from tests.factories import ledger

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def pango() -> None:
    if not pdf.available():
        pytest.skip(f"Pango is not here: {pdf.INSTALL}")


@pytest.fixture
def two_letters() -> None:
    for n in (1, 2):
        outbox.post_letter(
            key=f"letter:{n}",
            postal_address=f"Test Person\n{n} Made-up Street\nAlbany, NY 12207",
            subject="Your activation code",
            body=f"Your activation code is CODE{n}.",
        )
    outbox.post(key="mail", to="ben@mail.example", subject="You have a message", body="Sign in to see it.")


def print_letters(out: Path, *more: str) -> dict[str, Any]:
    told = io.StringIO()
    call_command("print_letters", "--out", str(out), "--as-of", "2026-12-14", "--json", *more, stdout=told)
    return json.loads(told.getvalue())


def test_waiting_letters_are_printed_once_with_a_page_each(two_letters: None, tmp_path: Path) -> None:
    out = tmp_path / "letters.pdf"
    with translation.override("es"):
        told = print_letters(out)
    assert (told["letters"], told["waiting"]) == (2, 0)
    pages = [" ".join(page.extract_text().split()) for page in PdfReader(out).pages]
    assert len(pages) == 2
    for n, text in enumerate(pages, 1):
        assert f"{n} Made-up Street" in text
        assert f"CODE{n}" in text
        assert "Dec 14, 2026" in text
    assert set(OutboxMail.objects.filter(letter=True).values_list("status", flat=True)) == {MailStatus.SENT}
    assert OutboxMail.objects.get(letter=False).status == MailStatus.WAITING
    row = ledger.expect("letters.print", by="system", on="stored_file")
    assert (row.actor, row.object_id, row.detail["letters"]) == ("system:print_letters", told["reference"], 2)
    assert "CODE" not in json.dumps(row.detail)
    with pytest.raises(SystemExit) as nothing:
        print_letters(tmp_path / "more.pdf")
    assert nothing.value.code == 2
    assert not (tmp_path / "more.pdf").exists()


def test_what_a_printed_letter_says_stands_in_its_file_only(
    two_letters: None, tmp_path: Path, settings: Settings
) -> None:
    settings.DEMO = False
    print_letters(tmp_path / "letters.pdf")
    letters = OutboxMail.objects.filter(letter=True)
    assert list(letters.values_list("body", "postal_address")) == [("", ""), ("", "")]
    assert "CODE2" in PdfReader(tmp_path / "letters.pdf").pages[1].extract_text()
    assert OutboxMail.objects.get(letter=False).body == "Sign in to see it."


def test_a_lost_copy_is_written_again_from_the_kept_file(two_letters: None, tmp_path: Path) -> None:
    told = print_letters(tmp_path / "first.pdf")
    print_letters(tmp_path / "again.pdf", "--again", told["reference"])
    assert (tmp_path / "again.pdf").read_bytes() == (tmp_path / "first.pdf").read_bytes()
    assert StoredFile.objects.filter(kind="letters").count() == 1
    assert ledger.expect("letters.again", by="system", on="stored_file").object_id == told["reference"]


def test_a_folder_that_is_not_there_marks_nothing_as_sent(two_letters: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError):
        print_letters(tmp_path / "nowhere" / "letters.pdf")
    assert not OutboxMail.objects.filter(status=MailStatus.SENT).exists()
