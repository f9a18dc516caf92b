"""Fields for files. The clean value is checked and ready for `uploads.take`.

class LicenceForm(UploadForm):
    licence = UploadField(label=_("License"), kind="agency.licence")

form = LicenceForm(request.POST or None, request.FILES or None, by=request.scope)
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from portals.enums import FileRefusal, FileType
from portals.files import uploads
from portals.files.uploads import Checked, UploadRefused
from portals.scope import Scope

MOST_FILES = 5
AGAIN = _("Choose again what you had chosen here: your browser does not keep files while you correct the form.")
ALL_AGAIN = _("None was kept: choose all of them again.")


class UploadInput(forms.FileInput):
    def __init__(self, allowed: Collection[FileType], *, several: bool) -> None:
        accept = [name for each in allowed for name in (*uploads.EXTENSIONS[each], uploads.CONTENT_TYPES[each])]
        attrs = {"accept": ",".join(name.partition(";")[0] for name in accept)}
        self.allow_multiple_selected = several
        super().__init__({**attrs, "multiple": True} if several else attrs)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile[Any]]:
        return list(files.getlist(name)) if hasattr(files, "getlist") else [files[name]] if name in files else []


class UploadField(forms.Field):
    """One file; the clean value is a `Checked`, or None where none is required and none was chosen. The hint says what
    may be sent. `kind` is what the file is, cleared for the ledger; `limit` is in bytes."""

    several = False

    def __init__(
        self, *, kind: str, allowed: Collection[FileType] = uploads.DOCUMENTS, limit: int = 0, **kwargs: Any
    ) -> None:
        self.kind, self.allowed, self.limit = kind, allowed, limit or settings.UPLOAD_LIMIT
        self.by: Scope | None = None  # set by the form
        hint = self._hint()
        text = kwargs.pop("help_text", "")
        super().__init__(
            widget=UploadInput(allowed, several=self.several),
            help_text=format_lazy("{} {}", text, hint) if text else hint,
            error_messages={"required": FileRefusal.MISSING.label},
            **kwargs,
        )

    def _hint(self) -> Any:
        values = {"allowed": uploads.type_text(self.allowed), "limit": uploads.limit_text(self.limit)}
        return format_lazy(_("{allowed}, up to {limit}."), **values)

    def clean(self, value: list[UploadedFile[Any]]) -> Any:
        self.validate(value)
        checked = [self._checked(file) for file in value[:1]]
        return checked[0] if checked else None

    def _checked(self, file: UploadedFile[Any]) -> Checked:
        assert self.by is not None, "a form with files is an UploadForm"
        return uploads.check(file, kind=self.kind, by=self.by, allowed=self.allowed, limit=self.limit)


class UploadsField(UploadField):
    """Up to five files at once; the clean value is a list of `Checked`. One that is refused refuses them all, and the
    error names which in the order they were chosen."""

    several = True

    def _hint(self) -> Any:
        values = {"allowed": uploads.type_text(self.allowed), "limit": uploads.limit_text(self.limit)}
        return format_lazy(_("Up to {count} files: {allowed}, each up to {limit}."), count=MOST_FILES, **values)

    def clean(self, value: list[UploadedFile[Any]]) -> list[Checked]:
        self.validate(value)
        if len(value) > MOST_FILES:
            raise UploadRefused(FileRefusal.COUNT, limit=MOST_FILES)
        checked, refused = [], []
        for number, file in enumerate(value, 1):
            try:
                checked.append(self._checked(file))
            except UploadRefused as error:
                words = error.messages[0]
                refused.append(
                    forms.ValidationError(_("File %(number)s: %(words)s"), params={"number": number, "words": words})
                    if len(value) > 1
                    else error
                )
        if refused:
            raise forms.ValidationError([*refused, ALL_AGAIN] if len(value) > 1 else refused)
        return checked


class UploadForm(forms.Form):
    """A form with files knows who sends them, for the quota and the ledger."""

    def __init__(self, *args: Any, by: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if isinstance(field, UploadField):
                field.by = by

    def full_clean(self) -> None:
        """Where something else is to be corrected, a file that was good must be chosen once more: it is said beside
        its field."""
        super().full_clean()
        if not self.is_bound or not self.errors:
            return
        for name, field in self.fields.items():
            if isinstance(field, UploadField) and self.cleaned_data.get(name):
                self.add_error(name, AGAIN)
