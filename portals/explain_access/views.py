"""The desk's page that explains one person's access: first the caller's own username, then the answer."""

from __future__ import annotations

from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy

from portals import users
from portals.access import Desk
from portals.explain_access import queries as explain_access
from portals.help import directory as help_directory
from portals.http import Request
from portals.models import User
from portals.pages import NOTHING, Audience, disclose, page
from portals.plan import clock
from portals.plan.brand import brand
from portals.sign_in_help import actions as sign_in_help
from portals.sign_in_help.forms import LookUpForm
from portals.sign_in_help.views import FOUND, whom_to_ask
from portals.step_up import ONCE_A_SESSION


@page(audience=Audience.DESK, discloses=NOTHING, permission=Desk.EXPLAIN_ACCESS, label=gettext_lazy("Explain access"))
def look_up(request: Request) -> HttpResponseBase:
    form = LookUpForm(request.POST or None)
    missing = False
    request.session.pop(FOUND, None)
    if request.method == "POST" and form.is_valid():
        user = sign_in_help.look_up(
            by=request.scope, typed=form.cleaned_data["account"], permission=Desk.EXPLAIN_ACCESS
        )
        if user is not None:
            request.session[FOUND] = user.pk
            return redirect("desk:explain_account")
        missing = True
    return TemplateResponse(
        request, "portals/explain.html", {"form": form, "missing": missing, **whom_to_ask(clock.today())}
    )


@page(
    audience=Audience.DESK,
    discloses=("user.name", "user.username"),
    permission=Desk.EXPLAIN_ACCESS,
    step_up=ONCE_A_SESSION,
    label=gettext_lazy("A person's access explained"),
)
def account(request: Request) -> HttpResponseBase:
    user = User.objects.filter(pk=request.session.get(FOUND, 0)).first()
    if user is None:
        return redirect("desk:explain")
    today, asked = clock.today(), request.GET.get("client", "").replace("\0", "").strip()[:12]
    found = explain_access.memberships(user)
    names = users.actor_names(each.ended_by for each in found)
    portal_names = brand()["portal_names"]
    panels = explain_access.panels(request.scope, user, as_of=today, asked=asked)
    # Whatever else was typed there is no business of the ledger.
    known = asked and any(panel.context.get("known") for panel in panels)
    disclose(
        request, subjects=[("user", user.pk), *explain_access.named(found)], **({"client_id": asked} if known else {})
    )
    return TemplateResponse(
        request,
        "portals/explain_account.html",
        {
            "account": explain_access.account(user),
            "places": [
                {
                    "place": each,
                    "door": portal_names.get(each.portal.value, ""),
                    "ended_by": names.get(each.ended_by, ""),
                    "managed": [
                        (managed, help_directory.behind(managed, portal=each.portal, as_of=today))
                        for managed in each.managed
                    ],
                }
                for each in found
            ],
            "panels": panels,
            "ledger_of": f"user:{user.pk}" if Desk.READ_LEDGER in request.scope.permissions else "",
            "helps": Desk.HELP_SIGN_IN in request.scope.permissions,
        },
    )
