"""Stored files: encrypted chunks in PostgreSQL, so that web and workers share no disk."""

from __future__ import annotations

import hashlib
import secrets
import uuid

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from portals.crypto import keys
from portals.models import StoredChunk, StoredFile
from portals.scope import PartyRef

CHUNK = 1024 * 1024
LIMIT = 25 * 1024 * 1024


class FileTooLarge(ValueError):
    """A single stored file may hold 25 MB."""


def store(
    *, kind: str, owner: PartyRef | str, name: str, content_type: str, data: bytes, uploader_id: int | None = None
) -> StoredFile:
    """`uploader_id` is the user who sent it (`portals.files.uploads`); none for what the plan made."""
    if len(data) > LIMIT:
        raise FileTooLarge(f"{len(data)} bytes; the limit is {LIMIT}")
    key_id, key = keys.current("file")
    row = StoredFile.objects.create(
        uuid=uuid.uuid4(),
        kind=kind,
        owner=str(owner),
        name=name,
        content_type=content_type,
        size=len(data),
        uploader_id=uploader_id,
        sha256=hashlib.sha256(data).hexdigest(),
        key_id=key_id,
    )
    StoredChunk.objects.bulk_create(_chunks(row, key, data))
    return row


def read(row: StoredFile) -> bytes:
    ring = keys.ring("file")
    # The key's id with the chunks, by one statement: a rotation may have passed since the row was read.
    parts = row.chunks.order_by("number").values_list("number", "cipher", "file__key_id")
    data = b"".join(
        AESGCM(ring[key_id]).decrypt(bytes(part)[:12], bytes(part)[12:], _context(row, number))
        for number, part, key_id in parts
    )
    if hashlib.sha256(data).hexdigest() != row.sha256:
        raise ValueError(f"stored file {row.uuid} is not whole")
    return data


def serve(row: StoredFile, *, inline: bool = False) -> HttpResponse:
    """The whole file under its own name, to be saved; `inline` opens it in the browser, for what the plan made alone:
    what a person sent is never opened within our site. The caller has found the row within the scope, and discloses.
    """
    if inline and row.uploader_id is not None:
        raise ValueError("an uploaded file is served as an attachment")
    response = HttpResponse(read(row), content_type=row.content_type)
    response["Content-Disposition"] = content_disposition_header(not inline, row.name) or "inline"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "no-store"
    if not inline:  # a browser shows no PDF within a sandbox
        response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def encrypt_anew(row: StoredFile) -> None:
    """Put the file under the current key; the caller holds the row. Raises as `read` does where no key opens it."""
    data = read(row)
    row.key_id, key = keys.current("file")
    row.save(update_fields=["key_id"])
    StoredChunk.objects.bulk_create(
        _chunks(row, key, data), update_conflicts=True, unique_fields=["file", "number"], update_fields=["cipher"]
    )


def _chunks(row: StoredFile, key: bytes, data: bytes) -> list[StoredChunk]:
    cipher = AESGCM(key)
    chunks = []
    for number, start in enumerate(range(0, len(data), CHUNK)):
        nonce = secrets.token_bytes(12)
        part = nonce + cipher.encrypt(nonce, data[start : start + CHUNK], _context(row, number))
        chunks.append(StoredChunk(file=row, number=number, cipher=part))
    return chunks


def _context(row: StoredFile, number: int) -> bytes:
    return f"{row.uuid}.{number}".encode()
