"""The provider portal: the practice and the people who may sign in for it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.enums import Kind
from portals import users
from portals.access_reviews import queries as review_queries
from portals.access_reviews import views as review_views
from portals.enums import Reader, Topic
from portals.forms import TAKEN_WORDS
from portals.help import directory as help_directory
from portals.help import views as faq_views
from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.plan import clock
from portals.step_up import RECENTLY
from providers import queries
from providers.access import Provider
from providers.actions import staff
from providers.enums import PracticeRole
from providers.forms import StaffForm
from providers.models import StaffMembership


@page(
    audience=Audience.PROVIDER,
    discloses=NOTHING,
    permission=Provider.SEE_PRACTICE,
    label=gettext_lazy("Practice's overview"),
)
def home(request: Request) -> HttpResponseBase:
    practice = queries.practice(request.scope)
    today = clock.today()
    return TemplateResponse(
        request,
        "providers/home.html",
        {
            "practice": practice,
            "participating": practice.participating is not None and today in practice.participating,
            "practitioners": queries.practitioners(request.scope),
            "review": review_queries.banner(request.scope, as_of=today),
        },
    )


@page(
    audience=Audience.PROVIDER,
    discloses=NOTHING,
    permission=Provider.SEE_STAFF,
    label=gettext_lazy("Practice's people"),
)
def staff_list(request: Request) -> HttpResponseBase:
    search = request.GET.get("q", "")
    rows = queries.staff(request.scope, at=timezone.now(), search=search)
    return TemplateResponse(
        request,
        "providers/staff.html",
        {
            "practice": queries.practice(request.scope),
            "rows": rows,
            "q": search,
            "managers": [row for row in rows if row.role == PracticeRole.MANAGER],
            "may_manage": Provider.MANAGE_STAFF in request.scope.permissions,
            "me_id": request.scope.user_id,
            "MANAGER": PracticeRole.MANAGER,
            "review": review_queries.banner(request.scope, as_of=clock.today()),
        },
    )


@page(
    audience=Audience.PROVIDER,
    discloses=NOTHING,
    permission=Provider.MANAGE_STAFF,
    step_up=RECENTLY,
    label=gettext_lazy("Adding somebody to a practice"),
)
def add_staff(request: Request) -> HttpResponseBase:
    form = StaffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            place = staff.add(
                by=request.scope,
                given_name=data["given_name"],
                family_name=data["family_name"],
                email=data["email"],
                username=data["username"],
                role=PracticeRole(data["role"]),
                initial_password=data["initial_password"],
            )
        except users.TakenError as taken:
            for field in taken.fields:
                form.add_error(field, TAKEN_WORDS[field])
            return TemplateResponse(request, "providers/staff_add.html", {"form": form})
        messages.success(
            request,
            _("%(name)s can sign in as %(username)s and will be asked for a new password first.")
            % {"name": place.user.display_name, "username": place.user.username},
        )
        return redirect("providers:staff")
    return TemplateResponse(request, "providers/staff_add.html", {"form": form})


@page(
    audience=Audience.PROVIDER,
    discloses=NOTHING,
    permission=Provider.MANAGE_STAFF,
    step_up=RECENTLY,
    label=gettext_lazy("Removing somebody from a practice"),
)
def remove_staff(request: Request, place_id: int) -> HttpResponseBase:
    row = next((r for r in queries.staff(request.scope, at=timezone.now()) if r.id == place_id), None)
    if row is None:
        raise Http404
    refused = False
    if request.method == "POST":
        try:
            staff.remove(by=request.scope, place_id=place_id)
        except StaffMembership.DoesNotExist as gone:
            raise Http404 from gone
        except staff.LastManager:
            refused = True
        else:
            messages.success(request, _("%(name)s no longer has access.") % {"name": row.name})
            return redirect("providers:staff")
    contact = help_directory.contact_for(request.scope, Topic.WEB_HELP_DESK, as_of=clock.today())
    return TemplateResponse(
        request, "providers/staff_remove.html", {"row": row, "last_manager": refused, "contact": contact}
    )


# --- Access review ------------------------------------------------------------------------------------------------


@page(
    audience=Audience.PROVIDER,
    discloses=NOTHING,
    permission=Provider.MANAGE_STAFF,
    label=gettext_lazy("Practice's access review"),
)
def staff_review(request: Request) -> HttpResponseBase:
    return review_views.review(request)


@page(
    audience=Audience.PROVIDER,
    discloses=NOTHING,
    permission=Provider.MANAGE_STAFF,
    step_up=RECENTLY,
    label=gettext_lazy("Ending access in a practice's review"),
)
def staff_review_end(request: Request) -> HttpResponseBase:
    return review_views.end(request)


@page(
    audience=Audience.PROVIDER,
    discloses=NOTHING,
    permission=Provider.MANAGE_STAFF,
    label=gettext_lazy("Confirming the rest in a practice's review"),
)
def staff_review_rest(request: Request) -> HttpResponseBase:
    return review_views.rest(request)


@page(
    audience=Audience.PROVIDER,
    discloses=("user.name", "user.username"),
    permission=Provider.MANAGE_STAFF,
    kind=Kind.PRINT,
    label=gettext_lazy("Paper of a practice's access review"),
)
def staff_review_evidence(request: Request, review: uuid.UUID) -> HttpResponseBase:
    return review_views.evidence(request, review)


@page(audience=Audience.PROVIDER, discloses=NOTHING, label=gettext_lazy("Help for practices"))
def help_page(request: Request) -> HttpResponseBase:
    return TemplateResponse(request, "providers/help.html", faq_views.context(request, Reader.PROVIDER))
