"""How allauth speaks with the house: no open sign-up, mails through the outbox, home by portal."""

from __future__ import annotations

import uuid
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context as current
from django.contrib.auth.signals import user_login_failed
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from portals.login import on_sign_in, wrong_passwords
from portals.mail import outbox
from portals.scope import act


class Adapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": _(
            "This username and password do not fit together. Try again, or choose a new password below."
        ),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # each door has its own first sign-in, which proves the person

    def get_login_stages(self) -> list[str]:
        return [*super().get_login_stages(), "portals.login.stages.SecondFactorStage"]

    def is_ajax(self, request: HttpRequest) -> bool:
        return False  # the library's JSON would repeat what was typed, the password too; the pages do not ask for it

    def is_safe_url(self, url: str | None) -> bool:
        """Only this site, and only as safely as it was asked for; the library's own fails at an address it cannot
        read."""
        request = current.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """A right password is a wrong one where the account takes none, and leaves the same traces."""
        user = super().authenticate(request, **credentials)
        if user is not None and wrong_passwords.shut(request, user):
            user_login_failed.send(sender=__name__, credentials=credentials, request=request)
            return None
        return user

    def login(self, request: HttpRequest, user: Any) -> None:
        act(on_sign_in.by_user(request, user))
        super().login(request, user)

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        return redirect("door:closed")

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        subject = " ".join(render_to_string(f"{template_prefix}_subject.txt", context).split())
        body = render_to_string(f"{template_prefix}_message.txt", context)
        outbox.post(key=f"account:{uuid.uuid4().hex}", to=email, subject=subject, body=body)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Signing in and out needs no banner."""
