"""The employer's overview and help."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from billing.queries import accounts
from employers.access import Employer
from members.queries import clients
from portals.access_reviews import queries as review_queries
from portals.enums import Reader
from portals.help import views as faq_views
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.plan import clock


@page(
    audience=Audience.EMPLOYER,
    discloses=NOTHING,
    permission=Employer.SEE_CLIENT,
    label=gettext_lazy("Employer's overview"),
)
def home(request: Request) -> HttpResponseBase:
    """The client, its group numbers and what they are offered: no person in it."""
    today = clock.today()
    billing = Employer.SEE_BILLING in request.scope.permissions
    opened = billing and accounts.has_invoice(request.scope)
    return TemplateResponse(
        request,
        "employers/home.html",
        {
            "page": clients.overview(request.scope, as_of=today),
            "review": review_queries.banner(request.scope, as_of=today),
            "billing": billing,
            "billing_open": opened,
            "first_date": accounts.first_invoice_date(request.scope, as_of=today) if billing and not opened else None,
        },
    )


@page(audience=Audience.EMPLOYER, discloses=NOTHING, label=gettext_lazy("Help for employers"))
def help_page(request: Request) -> HttpResponseBase:
    return TemplateResponse(request, "employers/help.html", faq_views.context(request, Reader.EMPLOYER))
