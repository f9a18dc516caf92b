"""The employer's access review, for its administrators."""

from __future__ import annotations

import uuid

from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from employers.access import Employer
from portals.access_reviews import views as review_views
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.step_up import RECENTLY


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.MANAGE_USERS,
    label=gettext_lazy("Employer's access review"),
)
def review(request: Request) -> HttpResponseBase:
    return review_views.review(request)


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.MANAGE_USERS,
    step_up=RECENTLY,
    label=gettext_lazy("Ending access in an employer's review"),
)
def end(request: Request) -> HttpResponseBase:
    return review_views.end(request)


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.MANAGE_USERS,
    label=gettext_lazy("Confirming the rest in an employer's review"),
)
def rest(request: Request) -> HttpResponseBase:
    return review_views.rest(request)


@page(
    audience=Audience.EMPLOYER,
    discloses=("user.name", "user.username"),
    permission=Employer.MANAGE_USERS,
    kind=Kind.PRINT,
    label=gettext_lazy("Paper of an employer's access review"),
)
def evidence(request: Request, review: uuid.UUID) -> HttpResponseBase:
    return review_views.evidence(request, review)
