"""The ceremony of a passkey as a form: a page carries the question, the form brings the browser's signed answer."""

from __future__ import annotations

import json
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django_otp.models import Device
from django_otp_webauthn.exceptions import OTPWebAuthnApiError
from django_otp_webauthn.models import WebAuthnCredential
from django_otp_webauthn.utils import rewrite_exceptions
from webauthn.helpers.exceptions import WebAuthnException

from portals.models import User

STATE = "passkey_state"  # in the session: the challenge that the browser must sign


def question(request: HttpRequest, user: User, *, enroll: bool = False) -> str:
    """What the browser must sign, as JSON; the challenge is kept in the session and good for one answer."""
    helper = WebAuthnCredential.get_webauthn_helper(request=request)
    options, state = (
        helper.register_begin(user=user)
        if enroll
        else helper.authenticate_begin(user=user, require_user_verification=False)
    )
    request.session[STATE] = {**state, "enroll": enroll, "user": user.pk}
    return json.dumps(options)


def proven(request: HttpRequest, user: User, answer: str, *, enroll: bool = False) -> Device | None:
    """The passkey that signed the question of this session, or None. An answer is taken once."""
    state: dict[str, Any] | None = request.session.pop(STATE, None)
    if state is None or state["enroll"] is not enroll or state["user"] != user.pk:
        return None
    helper = WebAuthnCredential.get_webauthn_helper(request=request)
    complete = helper.register_complete if enroll else helper.authenticate_complete
    try:
        with transaction.atomic(), rewrite_exceptions():
            device: Device = complete(user=user, state=state, data=json.loads(answer))
    except (OTPWebAuthnApiError, WebAuthnException, ValueError, KeyError, TypeError, RecursionError):
        return None  # whatever the browser sent, it is no proof
    return device if device.confirmed else None
