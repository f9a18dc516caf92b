"""What the plan made for the employer: for its own administrators."""

from __future__ import annotations

import uuid

from django.core.paginator import Paginator
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from employers.access import Employer
from employers.forms import DocumentFilter
from employers.queries import documents
from portals.files import stored as files
from portals.http import Request
from portals.pages import NOTHING, Audience, disclose_found, page
from portals.step_up import ONCE_A_SESSION

PAGE = 50
PEOPLE = ("person.name", "enrollee.member_id", "enrollee.relationship", "coverage")


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.SEE_DOCUMENTS,
    label=gettext_lazy("Employer's documents"),
)
def document_list(request: Request) -> HttpResponseBase:
    """What there is, from when, who made it and of how many people it tells: none of them by name."""
    form = DocumentFilter(request.GET)
    form.is_valid()
    search, sort = form.cleaned_data.get("q", ""), request.GET.get("sort", "-made")
    rows = Paginator(documents.listed(request.scope, search=search, sort=sort), PAGE)
    return TemplateResponse(
        request,
        "employers/documents.html",
        {
            "form": form,
            "q": search,
            "sort": sort,
            "rows": rows.get_page(request.GET.get("page")),
            "may_ask": Employer.ASK_FULL_LIST in request.scope.permissions,
        },
    )


@page(
    audience=Audience.EMPLOYER,
    discloses=PEOPLE,
    permission=Employer.SEE_DOCUMENTS,
    step_up=ONCE_A_SESSION,
    kind=Kind.EXPORT,
    label=gettext_lazy("Employee list of an employer"),
)
def document_file(request: Request, document: uuid.UUID) -> HttpResponseBase:
    """The file, to keep. Each time is a row of its own, with everybody whom it names."""
    row = get_object_or_404(documents.listed(request.scope), uuid=document)
    disclose_found(request, documents.SUBJECTS, [row.pk], people=row.people_count, document=str(row.uuid))
    return files.serve(row.stored)
