"""The agency's access review: its people confirmed or ended by who manages them."""

from __future__ import annotations

import uuid

from django.http import HttpResponseBase
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from portals.access_reviews import views as review_views
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.step_up import RECENTLY
from producers.access import Producer


@page(
    audience=Audience.PRODUCER,
    discloses=NOTHING,
    permission=Producer.REVIEW_PEOPLE,
    label=gettext_lazy("Agency's access review"),
)
def review(request: Request) -> HttpResponseBase:
    return review_views.review(request)


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.REVIEW_PEOPLE, step_up=RECENTLY)
def end(request: Request) -> HttpResponseBase:
    return review_views.end(request)


@page(audience=Audience.PRODUCER, discloses=NOTHING, permission=Producer.REVIEW_PEOPLE)
def rest(request: Request) -> HttpResponseBase:
    return review_views.rest(request)


@page(
    audience=Audience.PRODUCER,
    discloses=("user.name", "user.username"),
    permission=Producer.REVIEW_PEOPLE,
    kind=Kind.PRINT,
    label=gettext_lazy("Paper of an agency's access review"),
)
def evidence(request: Request, review: uuid.UUID) -> HttpResponseBase:
    return review_views.evidence(request, review)
