"""Signing in and security: a person's own second factors, recovery codes and e-mail."""

from __future__ import annotations

import io

import segno
from django.contrib import messages
from django.http import Http404, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_otp import login as mark_proven
from django_otp.models import Device

from audit import actions as audit
from audit.enums import Kind, Outcome
from portals import step_up
from portals.crypto import values as crypto
from portals.enums import Factor, NoticeKind, UserKind
from portals.http import Request
from portals.login import emails, factors, notices, passkeys, rate_limits, recovery
from portals.login.forms import AppForm, EmailForm, EmailProofForm, PasskeyForm
from portals.login.views import sessions
from portals.pages import NOTHING, Audience, page
from portals.sessions import scope as session_scope
from portals.sessions import session_ends

NEW_SHEET = "new_sheet"  # in the session, encrypted: recovery codes that wait to be shown once
SHOWN_APP = "shown_app"  # in the session: the authenticator app whose key this browser was shown
PENDING_EMAIL = "pending_email"  # in the session: the address to which a code was sent


@page(audience=Audience.SETUP, discloses=NOTHING)
def security(request: Request) -> HttpResponseBase:
    """Everything about one's own signing in on one page; while a factor is due, only how to enroll one."""
    user = request.user
    held = factors.held(user)
    due = request.scope.must_set_up == "door:security"
    return TemplateResponse(
        request,
        "door/security.html",
        {
            **({} if due else sessions.signed_in_context(request)),
            "due": due,
            "held": held,
            "kinds": {each.kind for each in held},
            "Factor": Factor,
            "may_remove": len(held) > 1 or user.kind == UserKind.MEMBER,
            "recovery_left": recovery.left(user),
        },
    )


def _not_shown(request: Request) -> HttpResponseBase | None:
    """Whoever sets up a first factor has just signed in; everyone else shows that they are there. So does who came in
    by the password alone, once the account holds a factor: it may be another's."""
    due = request.scope.must_set_up
    if due == "door:change_password":  # others know the initial password: nothing is set up with it
        return redirect(due)
    if session_scope.stepped_up(request, within=step_up.RECENTLY):
        return None
    if due and (session_scope.FACTOR_KEY in request.session or not factors.held(request.user)):
        return None
    return redirect(session_scope.step_up_url(request))


def _enrolled(request: Request, device: Device, kind: Factor) -> HttpResponseBase:
    """The first factor of this session stands for it, and whoever else came in by the password alone is out; who has
    no recovery codes is offered them next, and has just shown that they are there."""
    session_scope.mark_stepped_up(request)
    if session_scope.FACTOR_KEY not in request.session:
        mark_proven(request, device)
        request.session[session_scope.FACTOR_KEY] = kind.value
        session_ends.everywhere(request.user, by=request.scope, but=request.session.session_key or "")
    notices.tell(request.user, NoticeKind.FACTOR)
    messages.success(request, _("Your second step is set up: %(factor)s.") % {"factor": Factor(kind).label})
    return redirect("door:security" if recovery.left(request.user) else "door:recovery_codes")


@page(audience=Audience.SETUP, discloses=NOTHING)
def add_app(request: Request) -> HttpResponseBase:
    """QR code and key for the app; its first code proves that it has them."""
    turned_away = _not_shown(request)
    if turned_away:
        return turned_away
    device = factors.new_app(request.user, shown=request.session.get(SHOWN_APP))
    request.session[SHOWN_APP] = device.pk
    form = AppForm(request.POST or None, initial={"name": _("My phone")})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if factors.confirm_app(by=request.scope, device=device, name=data["name"], typed=data["code"]):
            return _enrolled(request, device, Factor.APP)
        form.add_error("code", _("This code does not fit. Check that the clock of your device is right."))
    key = factors.app_key(device)
    return TemplateResponse(
        request,
        "door/add_app.html",
        {
            "form": form,
            "qr": _qr(factors.app_address(device)),
            "key": " ".join(key[n : n + 4] for n in range(0, len(key), 4)),
        },
    )


def _qr(text: str) -> SafeString:
    out = io.BytesIO()
    segno.make(text, error="m").save(
        out,
        kind="svg",
        xmldecl=False,
        svgns=True,
        border=4,
        omitsize=True,
        svgclass=None,
        lineclass=None,
        dark="#000",
        light="#fff",
    )
    return SafeString(out.getvalue().decode())


@page(audience=Audience.SETUP, discloses=NOTHING)
def add_passkey(request: Request) -> HttpResponseBase:
    turned_away = _not_shown(request)
    if turned_away:
        return turned_away
    form = PasskeyForm(request.POST or None, initial={"name": _("My passkey")})
    if request.method == "POST" and form.is_valid():
        device = passkeys.proven(request, request.user, form.cleaned_data["answer"], enroll=True)
        if device is not None:
            device.name = form.cleaned_data["name"]
            device.save(update_fields=["name"])
            factors.enrolled(by=request.scope, kind=Factor.PASSKEY)
            return _enrolled(request, device, Factor.PASSKEY)
        form.add_error(None, _("The passkey was not made. Try once more, or use another way."))
    question = passkeys.question(request, request.user, enroll=True)
    return TemplateResponse(request, "door/add_passkey.html", {"form": form, "question": question})


@page(audience=Audience.SETUP, discloses=NOTHING)
def add_email_codes(request: Request) -> HttpResponseBase:
    """Codes by mail, to an address that is proven."""
    turned_away = _not_shown(request)
    if turned_away:
        return turned_away
    if request.user.email_proven_at is None:
        return redirect("door:email")
    if request.method == "POST":
        device = factors.add_email(by=request.scope, user=request.user)
        return _enrolled(request, device, Factor.EMAIL)
    return TemplateResponse(request, "door/add_email_codes.html")


@page(audience=Audience.SETUP, discloses=NOTHING)
def recovery_codes(request: Request) -> HttpResponseBase:
    """A fresh sheet, shown this once."""
    turned_away = _not_shown(request)
    if turned_away:
        return turned_away
    if not factors.held(request.user):
        return redirect("door:security")
    if request.method == "POST":
        plain = recovery.new_sheet(by=request.scope, user=request.user)
        notices.tell(request.user, NoticeKind.FACTOR)
        request.session[NEW_SHEET] = crypto.encrypt(" ".join(plain), context=NEW_SHEET).hex()
        return redirect("door:recovery_codes")  # a page asked for again must not make another sheet
    fresh = request.session.pop(NEW_SHEET, "")
    plain = crypto.decrypt(bytes.fromhex(fresh), context=NEW_SHEET).split() if fresh else []
    return TemplateResponse(
        request,
        "door/recovery_codes.html",
        {"codes": plain, "left": recovery.left(request.user), "today": timezone.now()},
    )


@page(audience=Audience.SETUP, discloses=NOTHING)
def remove_factor(request: Request, factor: str) -> HttpResponseBase:
    turned_away = _not_shown(request)
    if turned_away:
        return turned_away
    row = next((each for each in factors.held(request.user) if each.id == factor), None)
    if row is None:
        raise Http404
    last = False
    if request.method == "POST":
        try:
            kind = factors.remove(by=request.scope, user=request.user, factor_id=factor)
        except factors.LastFactor:
            last = True
        else:
            if kind is not None:
                session_ends.everywhere(request.user, by=request.scope, but=request.session.session_key or "")
                notices.tell(request.user, NoticeKind.FACTOR)
                messages.success(request, _("Removed. Sessions in other places are ended."))
            return redirect("door:security")
    return TemplateResponse(request, "door/remove_factor.html", {"row": row, "last": last})


@page(audience=Audience.SETUP, discloses=NOTHING, label=gettext_lazy("Confirming the e-mail"))
def email(request: Request) -> HttpResponseBase:
    """The account's e-mail: proven by a code that was sent there, changed by proving another."""
    turned_away = _not_shown(request)
    if turned_away:
        return turned_away
    user = request.user
    pending = request.session.get(PENDING_EMAIL, "" if user.email_proven_at else user.email)
    form = EmailForm(initial={"email": pending or user.email})
    proof = EmailProofForm()
    if request.method == "POST" and "email" in request.POST:
        form = EmailForm(request.POST)
        if form.is_valid():
            address = form.cleaned_data["email"]
            if not _counted(request):
                return TemplateResponse(request, "door/too_many.html", status=429)
            if emails.taken(user, address):
                form.add_error(
                    "email", _("This address belongs to another account. Add a plus and a tag: name+tag@mail.example.")
                )
            else:
                request.session[PENDING_EMAIL] = address
                emails.send_code(user, address)
                return redirect("door:email")
    elif request.method == "POST" and pending:
        proof = EmailProofForm(request.POST)
        if proof.is_valid():
            done = _prove(request, pending, proof)
            if done is not None:
                return done
    elif pending and not user.email_proven_at and PENDING_EMAIL not in request.session:
        request.session[PENDING_EMAIL] = pending
        emails.send_code(user, pending)
    return TemplateResponse(
        request,
        "door/email.html",
        {"form": form, "proof": proof, "pending": pending, "due": request.scope.must_set_up == "door:email"},
    )


def _counted(request: Request) -> bool:
    """May another address be tried? Every mail counts, and so does every look for who else has an account."""
    identifier, source = str(request.user.pk), request.scope.source
    allowed = rate_limits.allowed(door="email_proof", identifier=identifier, address=source)
    if allowed:
        rate_limits.count(door="email_proof", identifier=identifier, address=source)
    return allowed


def _prove(request: Request, address: str, proof: EmailProofForm) -> HttpResponseBase | None:
    if emails.prove(by=request.scope, user=request.user, address=address, code=proof.cleaned_data["code"]):
        request.session.pop(PENDING_EMAIL, None)
        messages.success(request, _("Your e-mail is confirmed."))
        return redirect("door:home" if request.scope.must_set_up else "door:security")
    proof.add_error("code", _("This code does not fit. Check it, or ask for a new one."))
    audit.record(kind=Kind.FAILURE, action="door:email", outcome=Outcome.FAILED, **request.scope.audit())
    return None
