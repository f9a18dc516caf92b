"""A small site with forms for files, on top of the house: `@pytest.mark.urls("tests.factories.uploading")`."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.urls import include, path

from portals.enums import FileType
from portals.files import stored as files
from portals.files import uploads
from portals.files.forms import UploadField, UploadForm, UploadsField
from portals.http import Request
from portals.models import StoredFile
from portals.pages import NOTHING, Audience, page
from portals.scope import PartyRef

OWNER = PartyRef("agency", 7)


class OneForm(UploadForm):
    note = forms.CharField(required=False, max_length=20)
    document = UploadField(label="License", kind="test.licence")


class OptionalForm(UploadForm):
    document = UploadField(label="License", kind="test.licence", required=False, help_text="If you have one.")


class ManyForm(UploadForm):
    document = UploadsField(label="Documents", kind="test.document")


class TableForm(UploadForm):
    document = UploadField(label="Table", kind="test.table", allowed=(FileType.CSV,), limit=1024 * 1024)


FORMS: dict[str, type[UploadForm]] = {"one": OneForm, "optional": OptionalForm, "many": ManyForm, "table": TableForm}


@page(audience=Audience.DESK, discloses=NOTHING)
def send(request: Request, form: str) -> HttpResponseBase:
    bound = FORMS[form](request.POST or None, request.FILES or None, by=request.scope)
    if request.method == "POST" and bound.is_valid():
        found = bound.cleaned_data["document"]
        for checked in found if isinstance(found, list) else [found] if found else []:
            uploads.take(checked, owner=OWNER, by=request.scope)
        return HttpResponse(status=204)
    words = render_to_string("components/form.html", {"form": bound, "submit": "Send"}, request)
    return HttpResponse(f"<main>{words}</main>")


@page(audience=Audience.DESK, discloses=NOTHING)
def get(request: Request, uuid: str) -> HttpResponseBase:
    row = StoredFile.objects.filter(owner=str(OWNER), uuid=uuid).first()
    if row is None:
        raise Http404
    return files.serve(row)


urlpatterns = [
    path("uploading/<str:form>/", send),
    path("uploaded/<uuid:uuid>/", get),
    path("", include("portals.urls")),
]
handler404 = "portals.views.not_found"
handler500 = "portals.views.failed"
handler403 = "portals.views.forbidden"
