"""The public help page: everybody's questions, also of those who cannot sign in."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponseBase
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from portals.enums import Reader
from portals.help import faq
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.plan.brand import region_name, regions
from portals.plan.regions import region_of


@page(audience=Audience.ANYONE, discloses=NOTHING)
def public(request: Request) -> HttpResponseBase:
    """Answers for one kind of reader; who has not said which sees those about signing in."""
    reader, region = request.GET.get("for", ""), request.GET.get("region", "")
    return TemplateResponse(
        request,
        "portals/help.html",
        {
            "help": faq.help_page(
                reader=reader if reader in Reader.values else "",
                region=region if region in regions() else "",
                query=asked(request),
                as_of=clock.today(),
            ),
            "readers": [("", _("Everyone")), *Reader.choices],
            "regions": [("", _("Every region")), *((code, region_name(code)) for code in regions())],
            "region": region,
        },
    )


def context(request: Request, reader: Reader) -> dict[str, Any]:
    """What the help page behind a door shows: this reader's answers, for their region."""
    region = region_of(request.scope)
    found = faq.help_page(reader=reader, region=region, query=asked(request), as_of=clock.today())
    return {"help": found}


def asked(request: Request) -> str:
    return request.GET.get("q", "").replace("\0", "").strip()[:100]
