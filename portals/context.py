"""What every page's template may use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from portals import acting, doors
from portals.announcements import actions as announcements
from portals.enums import Topic
from portals.exceptional_access import view_as
from portals.help import directory as help_directory
from portals.plan import clock
from portals.plan.brand import brand, regions
from portals.plan.regions import region_of
from portals.scope import NOBODY, Scope
from portals.sessions import scope as session_scope


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class PortalName:
    key: str
    name: str


@dataclass(frozen=True, slots=True)
class ActingBanner:
    client_name: str
    client_id: str
    leave_url: str


@dataclass(frozen=True, slots=True)
class Me:
    display_name: str
    sign_out_url: str
    settings_url: str
    switch_url: str  # where one chooses another place to work; blank for who has one


def _nav(request: HttpRequest, scope: Scope) -> list[NavItem]:
    door = doors.find(scope.portal)
    here = request.resolver_match.view_name if request.resolver_match else ""
    return [
        NavItem(label=label, url=reverse(name), current=here.startswith(prefix))
        for label, name, prefix in (door.navigation(scope) if door else [])
    ]


def page(request: HttpRequest) -> dict[str, Any]:
    scope: Scope = getattr(request, "scope", NOBODY)
    today = clock.today()
    acted = acting.banner(scope)
    user = getattr(request, "user", None)
    signed_in = scope.user_id is not None and user is not None and user.is_authenticated
    switch = reverse("door:home") if signed_in and session_scope.may_switch(request) else ""
    region = region_of(scope)
    return {
        "brand": brand(region),
        "region": region,
        "regions": regions(),
        "demo": settings.DEMO,
        "portal": PortalName(scope.portal.value, brand()["portal_names"].get(scope.portal.value, "")),
        "nav": _nav(request, scope),
        "acting": acted and ActingBanner(acted.name, acted.number, acting.leave_url()),
        "viewing": view_as.banner(request, user.pk) if user is not None and signed_in else None,
        "me": Me(user.display_name, reverse("door:sign_out"), reverse("door:security"), switch)
        if user is not None and signed_in
        else None,
        "business_date": today,
        "announcements": announcements.shown(audience=help_directory.audience_of(scope), region=region, as_of=today),
        "help_contact": help_directory.contact_for(scope, Topic.PORTAL, as_of=today),
    }
