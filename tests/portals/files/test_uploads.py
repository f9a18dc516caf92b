"""Files that people send: what is taken and how it is kept, served and counted."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import weasyprint
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.handlers.wsgi import WSGIRequest
from django.db import connections
from django.test import Client, RequestFactory
from PIL import Image
from pypdf import PdfReader, PdfWriter
from pypdf.annotations import Link
from pytest_django import Settings

from audit.models import Event
from portals import scope
from portals.enums import FileRefusal, FileType, Team
from portals.files import stored as files
from portals.files import uploads
from portals.files.uploads import UploadRefused, clean_name
from portals.models import Draft, StoredChunk, StoredFile, User
from portals.scope import Portal, Scope
from tests.factories import documents, people, uploading
from tests.factories.documents import packed_pdf, pdf, picture

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.factories.uploading")]
MB = 1024 * 1024


@pytest.fixture
def clerk() -> User:
    return people.staff_user(Team.HELP_DESK)


@pytest.fixture
def browser(clerk: User) -> Client:
    client = Client()
    people.sign_in(client, clerk)
    return client


@pytest.fixture
def by(clerk: User) -> Scope:
    return Scope(actor=f"user:{clerk.pk}", portal=Portal.DESK, user_id=clerk.pk)


def file(data: bytes, name: str = "document.pdf") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="application/octet-stream")


def take(data: bytes, by: Scope, name: str = "document.pdf", **options: object) -> StoredFile:
    checked = uploads.check(file(data, name), kind="test.licence", by=by, **options)
    return uploads.take(checked, owner=uploading.OWNER, by=by)


def refused(data: bytes, by: Scope, **options: object) -> UploadRefused:
    with pytest.raises(UploadRefused) as caught:
        uploads.check(file(data), kind="test.licence", by=by, **options)
    return caught.value


def opened(row: StoredFile) -> Image.Image:
    image = Image.open(io.BytesIO(files.read(row)))
    image.load()
    return image


# --- What is taken ------------------------------------------------------------------------------------------------


def printed() -> bytes:
    words = "".join(
        f"<h2>Part {n}</h2><p>Words, and <a href='https://plan.example/{n}'>a link</a>.</p>" for n in range(99)
    )
    return weasyprint.HTML(string=f"<html lang=en><title>Agreement</title>{words}").write_pdf(pdf_variant="pdf/ua-1")


def scanned() -> bytes:
    """Pages that are pictures, as a scanner makes them."""
    out = io.BytesIO()
    pages = [Image.frombytes("L", (1240, 1754), os.urandom(1240 * 1754)) for _ in range(2)]
    pages[0].save(out, "PDF", save_all=True, append_images=pages[1:], resolution=150)
    return out.getvalue()


def filled_form() -> bytes:
    """A form without a program, filled in, with a link to another page."""
    writer, out = PdfWriter(), io.BytesIO()
    writer.append(PdfReader(io.BytesIO(printed())))
    writer.add_annotation(0, Link(rect=(9, 9, 99, 99), target_page_index=1))
    writer.write(out)
    return out.getvalue()


def saved_twice() -> bytes:
    """Changed and saved in place: the second table leads back to the first."""
    writer, out = PdfWriter(io.BytesIO(pdf()), incremental=True), io.BytesIO()
    writer.add_blank_page(100, 100)
    writer.write(out)
    return out.getvalue()


GOOD_PDFS = {
    "smallest": pdf,
    "of our own printing": printed,
    "scanned": scanned,
    "with fields and links": filled_form,
    "with object streams": lambda: packed_pdf({}),
    "saved twice": saved_twice,
    "opening at a page": lambda: pdf(catalog=b"/OpenAction [3 0 R /Fit]"),
    "with form fields": lambda: pdf(
        {4: b"<< /FT /Tx /T (Name) /V (Ana) >>"}, catalog=b"/AcroForm << /Fields [4 0 R] >>"
    ),
    "with empty lines at its end": lambda: pdf() + b"\r\n\r\n",
}


@pytest.mark.parametrize("which", GOOD_PDFS)
def test_a_good_pdf_is_kept_byte_by_byte(which: str, by: Scope) -> None:
    data = GOOD_PDFS[which]()
    row = take(data, by)
    assert (row.content_type, row.size) == ("application/pdf", len(data))
    assert files.read(row) == data


PICTURES = {
    "photo": (lambda: picture("JPEG", size=(4000, 3000), quality=95), "RGB", (4000, 3000)),
    "grey photo": (lambda: picture("JPEG", "L"), "L", (64, 48)),
    "CMYK photo": (lambda: picture("JPEG", "CMYK"), "RGB", (64, 48)),
    "progressive photo": (lambda: picture("JPEG", progressive=True), "RGB", (64, 48)),
    "color PNG": (picture, "RGB", (64, 48)),
    "PNG with transparency": (lambda: picture(mode="RGBA"), "RGBA", (64, 48)),
    "PNG of 16 bits": (lambda: picture(mode="I;16"), "L", (64, 48)),
    "PNG with a palette": (lambda: picture(mode="P"), "RGB", (64, 48)),
    "PNG with a transparent palette": (lambda: picture(mode="P", transparency=0), "RGBA", (64, 48)),
    "fax": (lambda: picture(mode="1"), "1", (64, 48)),
}


@pytest.mark.parametrize("which", PICTURES)
def test_a_picture_looks_as_it_did(which: str, by: Scope) -> None:
    make, mode, size = PICTURES[which]
    data = make()
    image = opened(take(data, by, "photo.heic"))
    assert (image.mode, image.size) == (mode, size)
    if which != "fax":  # the gradient: dark above, light below
        grey = image.convert("RGB").convert("L")
        top, bottom = grey.getpixel((size[0] // 2, 2)), grey.getpixel((size[0] // 2, size[1] - 3))
        assert top < 40 < 215 < bottom, (top, bottom)


def test_what_a_telephone_writes_about_place_and_time_is_gone_and_the_picture_stands_upright(by: Scope) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0132] = 6, "Telephone", "2027:01:05 10:00:00"
    exif[0x8825] = {1: "N", 2: (42.0, 39.0, 9.0), 3: "W", 4: (73.0, 45.0, 22.0)}
    data = picture("JPEG", size=(80, 40), exif=exif)
    assert b"Telephone" in data
    image = opened(take(data, by))
    assert image.size == (40, 80)
    assert dict(image.getexif()) == {}
    assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_table_is_taken_only_where_the_page_asks_for_one(by: Scope) -> None:
    data = "\ufeffname,amount,phone\nAña,-12.50,+1 518 555 0100\n".encode()
    assert refused(data, by).reason is FileRefusal.TYPE
    row = take(data, by, "list.txt", allowed=(FileType.CSV,))
    assert (row.content_type, row.name) == ("text/csv; charset=utf-8", "list.csv")
    assert refused(pdf(), by, allowed=(FileType.CSV,)).reason is FileRefusal.TYPE


def test_the_type_is_told_by_content_alone(by: Scope) -> None:
    assert take(picture("JPEG"), by, "agreement.pdf").name == "agreement.jpg"
    assert refused(b"not a PDF", by).reason is FileRefusal.TYPE


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Agreement with the Müller agency, 2027.pdf", "Agreement with the Müller agency, 2027.pdf"),
        ("../../x.php", "x.pdf"),
        ("C:\\fakepath\\scan.PDF", "scan.pdf"),
        ("license.pdf.exe", "license.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.pdf"),
        ("a\0b\r\nc.pdf", "abc.pdf"),
        ("v1.2 of 2027.01.05.pdf", "v1.2 of 2027.01.05.pdf"),
        ("", "document.pdf"),
        ("....", "document.pdf"),
        ("CON.txt", "document.pdf"),
        ('a"b<c>.pdf', "a b c.pdf"),
        ("n" * 300 + ".pdf", "n" * 96 + ".pdf"),
        ("contrato ñandú 契約.pdf", "contrato ñandú 契約.pdf"),
    ],
)
def test_names_are_safe_and_honest(given: str, kept: str) -> None:
    assert clean_name(given, FileType.PDF) == kept


# --- Kept, served -------------------------------------------------------------------------------------------------


def test_it_is_kept_encrypted_under_its_uploader_with_a_row_that_names_no_file(by: Scope, clerk: User) -> None:
    data = pdf({4: documents.stream(b"CONFIDENTIAL WORDS")})
    row = take(data, by, "Divorce of Ana.pdf")
    stored = b"".join(bytes(chunk.cipher) for chunk in StoredChunk.objects.filter(file=row))
    assert b"CONFIDENTIAL" in data
    assert b"CONFIDENTIAL" not in stored
    assert b"%PDF" not in stored
    assert (row.uploader, row.owner, row.kind) == (clerk, str(uploading.OWNER), "test.licence")
    event = Event.objects.get(action="uploads.take")
    assert (event.kind, event.object_kind, event.object_id) == ("create", "stored_file", str(row.uuid))
    assert event.detail == {"kind": "test.licence", "type": "pdf", "size": len(data), "owner": str(uploading.OWNER)}


def test_it_is_served_whole_as_an_attachment_that_no_browser_runs_or_keeps(browser: Client, by: Scope) -> None:
    row = take(pdf(), by, "Señal 契約.pdf")
    answer = browser.get(f"/uploaded/{row.uuid}/")
    assert answer.content == pdf()
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == "attachment; filename*=utf-8''Se%C3%B1al%20%E5%A5%91%E7%B4%84.pdf"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "no-store"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    with pytest.raises(ValueError, match="attachment"):
        files.serve(row, inline=True)


def test_a_file_of_another_owner_is_not_found(browser: Client, by: Scope) -> None:
    checked = uploads.check(file(pdf()), kind="test.licence", by=by)
    row = uploads.take(checked, owner="agency:8", by=by)
    assert browser.get(f"/uploaded/{row.uuid}/").status_code == 404


# --- Bounds -------------------------------------------------------------------------------------------------------


def test_a_person_sends_so_many_files_and_bytes_in_a_day(by: Scope, settings: Settings) -> None:
    other = Scope(actor="user:0", portal=Portal.DESK, user_id=people.staff_user(Team.HELP_DESK).pk)
    settings.UPLOAD_DAILY_FILES = 2
    take(pdf(), by)
    row = take(pdf(), by)
    assert refused(pdf(), by).reason is FileRefusal.QUOTA
    take(pdf(), other)
    take(pdf(), scope.system("test"))
    StoredFile.objects.filter(pk=row.pk).update(created_at="2020-01-01T00:00Z")
    take(pdf(), by)
    settings.UPLOAD_DAILY_FILES, settings.UPLOAD_DAILY_BYTES = 100, 2 * len(pdf())
    assert refused(pdf(), by).reason is FileRefusal.QUOTA


def test_quota_and_turn_are_two_questions_however_many_files_there_are(
    by: Scope, django_assert_num_queries: object
) -> None:
    for _count in range(2):
        with django_assert_num_queries(2):  # type: ignore[operator]
            uploads.check(file(pdf()), kind="test.licence", by=by)
        take(pdf(), by)
        take(pdf(), by)


def test_one_request_of_a_person_at_a_time_is_read(by: Scope) -> None:
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [uploads._LOCK, by.user_id])
        assert refused(pdf(), by).reason is FileRefusal.BUSY
    finally:
        other.close()
    deadline = time.monotonic() + 10  # the server lets go when it has seen the connection end
    while not uploads._alone(by.user_id or 0) and time.monotonic() < deadline:
        time.sleep(0.05)
    take(pdf(), by)


def test_a_reading_that_takes_too_long_is_ended(by: Scope, settings: Settings) -> None:
    many = pdf(dict.fromkeys(range(4, 60000), b"<< /A [ 1 2 3 ] /B (x) >>"))
    settings.UPLOAD_READING_SECONDS = 1
    assert refused(many, by).reason is FileRefusal.COMPLEX


def test_the_process_that_reads_holds_no_key_no_setting_and_nothing_of_ours_but_the_reading(by: Scope) -> None:
    reading = threading.Thread(target=uploads._inspected, args=("png", picture(size=(5000, 5000))))
    reading.start()
    loaded, environ = b"", b"?"
    while reading.is_alive() and not (environ == b"" and b"PIL" in loaded):  # before that it is still our own image
        for child in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
            for pid in child.read_text().split():
                environ = (Path("/proc") / pid / "environ").read_bytes()  # first: empty, it is no longer our image
                loaded = (Path("/proc") / pid / "maps").read_bytes()
    reading.join()
    assert b"PIL" in loaded
    assert b"psycopg2" not in loaded
    assert environ == b""


# --- The form -----------------------------------------------------------------------------------------------------


def test_the_field_says_what_may_be_sent_and_is_tied_to_its_words(browser: Client) -> None:
    page = browser.get("/uploading/one/").content.decode()
    assert 'enctype="multipart/form-data"' in page
    assert '<p class="ds-c-hint" id="id_document-hint">PDF, JPEG or PNG, up to 10\N{NO-BREAK SPACE}MB.</p>' in page
    assert 'type="file"' in page
    assert 'aria-describedby="id_document-hint"' in page
    assert 'accept=".pdf,application/pdf,.jpg,.jpeg,image/jpeg,.png,image/png"' in page
    assert (
        "If you have one. PDF, JPEG or PNG, up to 10\N{NO-BREAK SPACE}MB."
        in browser.get("/uploading/optional/").content.decode()
    )
    many = browser.get("/uploading/many/").content.decode()
    assert "Up to 5 files: PDF, JPEG or PNG, each up to 10\N{NO-BREAK SPACE}MB." in many
    assert " multiple" in many
    assert "CSV (UTF-8), up to 1\N{NO-BREAK SPACE}MB." in browser.get("/uploading/table/").content.decode()


def test_no_file_is_an_error_only_where_one_is_required(browser: Client) -> None:
    assert "Choose a file." in browser.post("/uploading/one/", {"note": "x"}).content.decode()
    assert browser.post("/uploading/optional/", {}).status_code in (200, 204)
    assert browser.post("/uploading/optional/", {"x": "1"}).status_code == 204
    assert not StoredFile.objects.exists()


def test_a_refusal_stands_beside_the_field_and_in_the_ledger_without_the_name(browser: Client, clerk: User) -> None:
    answer = browser.post("/uploading/one/", {"document": file(b"<html>", "Ana Diaz.pdf")}).content.decode()
    words = "We can take PDF, JPEG or PNG only."
    assert answer.count(words) == 2  # the summary and the field
    assert "Ana Diaz" not in answer
    event = Event.objects.get(action="uploads.refuse")
    assert (event.kind, event.outcome, event.actor) == ("failure", "refused", f"user:{clerk.pk}")
    assert event.detail == {"kind": "test.licence", "size": 6, "reason": "type"}


def test_a_good_file_beside_another_mistake_is_asked_for_again_in_words(browser: Client) -> None:
    answer = browser.post("/uploading/one/", {"note": "x" * 99, "document": file(pdf())}).content.decode()
    assert "Choose again what you had chosen here" in answer
    assert not StoredFile.objects.exists()


def test_several_files_are_taken_together_or_not_at_all(browser: Client) -> None:
    bad = browser.post("/uploading/many/", {"document": [file(pdf()), file(b"?"), file(b"")]}).content.decode()
    assert "File 2: We can take" in bad
    assert "File 3: This file is empty." in bad
    assert "None was kept: choose all of them again." in bad
    assert not StoredFile.objects.exists()
    six = browser.post("/uploading/many/", {"document": [file(pdf()) for _ in range(6)]}).content.decode()
    assert "Choose at most 5 files at once." in six
    assert browser.post("/uploading/many/", {"document": [file(pdf()), file(picture())]}).status_code == 204
    assert sorted(row.content_type for row in StoredFile.objects.all()) == ["application/pdf", "image/png"]


def test_refusals_are_in_spanish_for_who_reads_spanish(browser: Client) -> None:
    answer = browser.post("/uploading/one/", {"document": file(b"<html>")}, headers={"Accept-Language": "es"})
    assert "PDF, JPEG o PNG" in answer.content.decode()


# --- The body of the request --------------------------------------------------------------------------------------


def test_a_body_beyond_the_bounds_is_read_to_its_end_and_answered_in_words(browser: Client, settings: Settings) -> None:
    answer = browser.post("/uploading/one/", {"document": file(b"%PDF-1.7\n" + b"x" * (26 * MB))}).content.decode()
    assert "This file is larger than 10\N{NO-BREAK SPACE}MB." in answer
    settings.UPLOAD_REQUEST_LIMIT = MB
    both = {"document": [file(pdf()), file(picture("BMP", size=(1000, 600)))]}
    assert "File 2: This file is larger than" in browser.post("/uploading/many/", both).content.decode()
    assert Event.objects.filter(action="uploads.refuse").values_list("detail__size", flat=True)[0] > 25 * MB


def test_nothing_is_written_to_a_disk(browser: Client, tmp_path: object, settings: Settings) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    browser.post("/uploading/one/", {"document": file(scanned())})
    assert StoredFile.objects.count() == 1
    assert os.listdir(str(tmp_path)) == []


def test_a_body_without_end_is_not_read(settings: Settings) -> None:
    settings.UPLOAD_MOST_READ = MB
    made = RequestFactory().post("/uploading/one/", {"document": file(b"%PDF-1.7\n" + b"x" * (20 * MB))})
    body = io.BytesIO(made.environ["wsgi.input"].read())
    request = WSGIRequest({**made.environ, "wsgi.input": body})
    assert not request.FILES
    assert body.tell() < MB


def test_pages_for_anyone_keep_no_file_in_memory() -> None:
    request = RequestFactory().post("/sign-in/", {"login": "x", "document": file(pdf())})
    assert request.FILES["document"].size == len(pdf())
    assert request.FILES["document"].read() == b""


def test_a_session_that_ended_meanwhile_asks_for_the_file_again_and_keeps_the_words(
    browser: Client, clerk: User, settings: Settings
) -> None:
    session = browser.session
    session["seen_at"] -= settings.SESSION_IDLE_SECONDS + 1
    session.save()
    late = browser.post("/uploading/one/", {"note": "half a line", "document": file(pdf(), "Divorce.pdf")})
    assert late.url == "/sign-in/?next=%2Fsession%2Fresume%2F"
    people.sign_in(browser, clerk)
    page = browser.get("/session/resume/").content.decode()
    assert "A file cannot be kept: please choose it once more." in page
    assert 'href="/uploading/one/"' in page
    assert "Divorce" not in page
    assert not StoredFile.objects.exists()
    browser.get("/uploading/one/")
    assert browser.post("/uploading/one/", {"document": file(pdf())}).status_code == 204
    assert not Draft.objects.exists()


# --- The virus scanner --------------------------------------------------------------------------------------------


@dataclass
class Clamd:
    """A peer that speaks INSTREAM, as clamd does."""

    answer: bytes = b"stream: OK\0"
    heard: list[bytes] = field(default_factory=list)
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def serve(self) -> None:
        while True:
            try:
                peer, _address = self.listener.accept()
            except OSError:
                return
            with peer, peer.makefile("rb") as said:
                assert said.read(10) == b"zINSTREAM\0"
                heard = b""
                while length := struct.unpack("!I", said.read(4))[0]:
                    heard += said.read(length)
                self.heard.append(heard)
                virus = b"EICAR" in heard
                peer.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if virus else self.answer)


@pytest.fixture
def clamd(settings: Settings) -> Iterator[Clamd]:
    peer = Clamd()
    thread = threading.Thread(target=peer.serve, daemon=True)
    thread.start()
    settings.UPLOAD_SCANNER = peer.address
    yield peer
    peer.listener.shutdown(socket.SHUT_RDWR)
    peer.listener.close()
    thread.join(timeout=5)


def test_the_scanner_sees_every_byte_before_anything_is_kept(clamd: Clamd, by: Scope) -> None:
    data = scanned()
    take(data, by)
    assert [hashlib.sha256(each).digest() for each in clamd.heard] == [hashlib.sha256(data).digest()]
    virus = refused(pdf({4: documents.stream(b"EICAR")}), by)
    assert virus.reason is FileRefusal.VIRUS
    assert "EICAR" not in str(Event.objects.get(action="uploads.refuse").detail)
    assert StoredFile.objects.count() == 1


@pytest.mark.parametrize("said", [b"INSTREAM size limit exceeded. ERROR\0", b"", b"stream: OK and more\0", b"stream: "])
def test_what_the_scanner_does_not_call_clean_is_not_taken(said: bytes, clamd: Clamd, by: Scope) -> None:
    clamd.answer = said
    assert refused(pdf(), by).reason is FileRefusal.UNSCANNED


def test_without_its_scanner_the_plan_takes_nothing(by: Scope, browser: Client, settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        free = f"127.0.0.1:{listener.getsockname()[1]}"
    for address in (free, "/nowhere/clamd.sock", "no address"):
        settings.UPLOAD_SCANNER = address
        assert refused(pdf(), by).reason is FileRefusal.UNSCANNED
    answer = browser.post("/uploading/one/", {"document": file(pdf())}).content.decode()
    assert "We cannot check files for viruses at this moment." in answer
    assert not StoredFile.objects.exists()
