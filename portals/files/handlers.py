"""How the body of a form with files is read: into memory within bounds, never as plain files on a disk."""

from __future__ import annotations

import io
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from portals.files.stored import LIMIT

FILES = 10  # in one request
_NO_FILES = ("anyone", "setup")  # audiences whose pages take none


class CutFile(UploadedFile):  # type: ignore[type-arg]  # generic in its stubs only
    """Stands for a file of which nothing was kept, because it or the request is too large; `size` is its true size."""

    cut = True


class InMemory(FileUploadHandler):
    """Keeps a file up to the bound of a stored one, and all files of a request up to `UPLOAD_REQUEST_LIMIT`. What goes
    beyond is read and dropped, so that the browser hears the form's answer instead of a broken connection; from a body
    of more than `UPLOAD_MOST_READ` on, the connection ends. Only a page that a signed-in person enters gets files."""

    kept = 0
    begun = 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:  # noqa: N803 - Django's own
        self.closed = not self._wanted() or content_length > settings.UPLOAD_MOST_READ
        self.far_too_long = content_length > settings.UPLOAD_MOST_READ

    def _wanted(self) -> bool:
        match = self.request.resolver_match if self.request else None
        declaration = getattr(match.func, "declaration", None) if match else None
        return declaration is not None and declaration.audience not in _NO_FILES

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if self.far_too_long:
            raise StopUpload(connection_reset=True)
        self.begun += 1
        self.buffer: io.BytesIO | None = io.BytesIO() if self.begun <= FILES and not self.closed else None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.buffer is None:
            return
        self.kept += len(raw_data)
        if start + len(raw_data) > LIMIT or self.kept > settings.UPLOAD_REQUEST_LIMIT:
            self.kept -= self.buffer.tell() + len(raw_data)
            self.buffer = None
            return
        self.buffer.write(raw_data)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        if self.buffer is None:
            return CutFile(io.BytesIO(), self.file_name, self.content_type, file_size, self.charset)
        self.buffer.seek(0)
        return InMemoryUploadedFile(
            self.buffer, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )
