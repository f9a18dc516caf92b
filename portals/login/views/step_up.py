"""Step-up: before a sensitive page the person shows once more that they are there."""

from __future__ import annotations

from django.http import HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import step_up
from portals.enums import Factor
from portals.http import Request
from portals.login import factors, passkeys, rate_limits
from portals.login.forms import ConfirmForm, SecondStepForm
from portals.login.views.sign_in import prove
from portals.pages import NOTHING, Audience, page
from portals.sessions import form_drafts
from portals.sessions import log as session_log
from portals.sessions import scope as session_scope


@page(audience=Audience.SETUP, discloses=NOTHING, label=gettext_lazy("Proof of identity before a sensitive page"))
def confirm(request: Request) -> HttpResponseBase:
    """Asks for the strongest factor, or a recovery code where it is lost; for the password where there is none."""
    target = request.POST.get("next") or request.GET.get("next", "")
    if not url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        target = reverse("door:home")
    is_file = form_drafts.is_export(target)
    if is_file and request.method == "GET" and session_scope.stepped_up(request, within=step_up.RECENTLY):
        return TemplateResponse(request, "door/file.html", {"url": target})
    user = request.user
    ways = factors.ways(user)
    strongest = [ways[0], *(way for way in ways if way is Factor.RECOVERY)] if ways else []
    form: SecondStepForm | ConfirmForm
    if strongest:
        asked = request.GET.get("way", "")
        form = SecondStepForm(request.POST or None, ways=strongest, asked=asked, address=user.email)
    else:
        form = ConfirmForm(request.POST or None, user=user)
    if request.method == "POST":
        identifier, source = str(user.pk), request.scope.source
        if not rate_limits.allowed(door="confirm", identifier=identifier, address=source):
            return TemplateResponse(request, "door/too_many.html", status=429)
        if form.is_valid() and (isinstance(form, ConfirmForm) or prove(request, user, form) is not None):
            former_key = request.session.session_key or ""
            request.session.cycle_key()  # who knew the key before knows nothing of the stepped-up session
            session_log.rekeyed(request, former_key)
            session_scope.mark_stepped_up(request)
            # A file opens no page of its own: whoever confirmed for one must not be left standing at the question.
            return HttpResponseRedirect(f"{request.path}?{urlencode({'next': target})}" if is_file else target)
        rate_limits.count(door="confirm", identifier=identifier, address=source)
        audit.record(kind=Kind.FAILURE, action="door:confirm", outcome=Outcome.FAILED, **request.scope.audit())
    question = ""
    if isinstance(form, SecondStepForm):
        if form.way is Factor.EMAIL:
            factors.send_code(user)
        question = passkeys.question(request, user) if form.way is Factor.PASSKEY else ""
    return TemplateResponse(request, "door/confirm.html", {"form": form, "question": question, "next": target})
