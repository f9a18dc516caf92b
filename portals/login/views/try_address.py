"""A test mail before registering: does name+tag@... reach the mailbox that people share (V13)?"""

from __future__ import annotations

import re
import uuid

from django.contrib import messages
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind
from portals.http import Request
from portals.login import rate_limits
from portals.login.forms import TestMailForm
from portals.mail import outbox
from portals.pages import NOTHING, Audience, page
from portals.plan.brand import brand


@page(audience=Audience.ANYONE, discloses=NOTHING)
def test_mail(request: Request) -> HttpResponseBase:
    """Anyone may ask, a few times: nobody's mailbox is filled from here."""
    form = TestMailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        address, source = form.cleaned_data["email"], request.scope.source
        mailbox = re.sub(r"\+.*@", "@", address)  # any tag leads into the same one
        if not rate_limits.allowed(
            door="test_mail", identifier=mailbox, address=source, per_identifier=3, per_address=10
        ):
            return TemplateResponse(request, "door/too_many.html", status=429)
        rate_limits.count(door="test_mail", identifier=mailbox, address=source)  # every mail counts
        outbox.post(
            key=f"test-mail:{uuid.uuid4().hex}",
            to=address,
            subject=_("Your test mail"),
            body=_(
                "This is the test mail that was asked for on the website of %(plan)s. It arrived, so this address can "
                "be used for an account. If you did not ask for it, there is nothing to do."
            )
            % {"plan": brand()["name"]},
        )
        audit.record(kind=Kind.CREATE, action="door.test_mail", **request.scope.audit())
        messages.success(
            request, _("A test mail is on its way to %(email)s. Look into the mailbox.") % {"email": address}
        )
        return redirect("door:test_mail")
    return TemplateResponse(request, "door/test_mail.html", {"form": form})
