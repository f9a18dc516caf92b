"""A member's first sign-in. Identifiers only locate the record; a code sent to what is on file proves the person."""

from __future__ import annotations

import datetime as dt
import secrets
from operator import itemgetter
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from audit import actions as audit
from audit.enums import Kind, Outcome
from members.cards import rules as cards
from members.models import Coverage, Enrollee, MemberAccount, Person
from members.queries import homes, mailboxes, regions
from members.rules import ages, emails, proofs, zips
from portals import folding, scope, users
from portals.crypto import codes
from portals.crypto import values as crypto
from portals.enums import CodePurpose, MailStatus, NoticeKind, UserKind
from portals.login import notices
from portals.mail import outbox
from portals.models import AccessCode, OutboxMail, User
from portals.plan import brand
from portals.plan.periods import plan_date
from portals.scope import PartyRef, Scope

CODE_MAIL, REGISTERED_MAIL = "code", "registered"  # how the keys of their mails begin; the person's id follows
EMAIL_CHANGED_MAIL = "email_changed"  # written by `members.enrollment.apply.creating`
MAILS: Final = (CODE_MAIL, REGISTERED_MAIL, EMAIL_CHANGED_MAIL)


def locate(*, by: Scope, identifier: str, birth_date: dt.date, zip_code: str, at: dt.datetime) -> PartyRef | None:
    """The person whose member ID or SSN, birth date and ZIP all fit, or None; the caller must not let the answer
    show. A located person is sent a code: by mail at once, or by letter where `rules.proofs` says so. One who is
    registered already is told so at the same place."""
    typed = cards.typed_identifier(identifier)
    with scope.unscoped("first sign-in: nobody is known yet"):
        located = (
            Person.objects.filter(
                Q(enrollees__member_id=typed) | Q(ssn_index__in=crypto.blind_indexes(typed, purpose="ssn")),
                birth_date=birth_date,
            )
            .annotate(
                registered=Exists(MemberAccount.objects.filter(person=OuterRef("pk"), disowned_at=None)),
                disowned=Exists(MemberAccount.objects.filter(person=OuterRef("pk"), disowned_at__isnull=False)),
                covered=Exists(
                    Coverage.objects.filter(
                        enrollee__person=OuterRef("pk"), known__endswith=None, effective__contains=plan_date(at)
                    )
                ),
                enrolled=Coalesce(
                    Subquery(Enrollee.objects.filter(person=OuterRef("pk")).order_by("-pk").values("pk")[:1]), 0
                ),
            )
            .with_home()
            .distinct()
        )
        one = _one_person([each for each in located if _lives_in(each, zip_code)])
        person = one if ages.is_adult(birth_date, at.date()) else None
        registered = person is not None and person.registered  # type: ignore[attr-defined]  # annotated above
        audit.record(
            kind=Kind.SEARCH,
            action="members.accounts.locate",
            outcome=Outcome.DONE if person else Outcome.FAILED,
            subjects=[("person", person.pk)] if person else [],
            **by.audit(),
        )
        # From here every answer costs the same work; what is not meant for this case is taken back.
        to = person or Person(email="nobody@example.invalid")
        ref = PartyRef("person", person.pk) if person else PartyRef("nobody", secrets.randbelow(2**40))
        unfit = proofs.by_letter(mailboxes.of_person(to), at=at)
        undelivered = _code_failed(to)
        # Somebody got at the first code, or it could not be delivered.
        by_letter = unfit is not None or undelivered or getattr(to, "disowned", False)
        live = codes.live(purpose=CodePurpose.FIRST_SIGN_IN, subject=ref)
        # A second look does not end the code of a letter that is on its way.
        fresh = person is not None and not registered and not (by_letter and live)
        with transaction.atomic():
            code = codes.issue(
                purpose=CodePurpose.FIRST_SIGN_IN, subject=ref, lives=codes.MAILED if by_letter else codes.SENT
            )
            transaction.set_rollback(not fresh)
        with transaction.atomic():
            if registered:
                _tell(
                    to,
                    key=f"{REGISTERED_MAIL}:{to.pk}:{at:%Y%m%d%H}",
                    subject=_("You already have an account"),
                    body=_(
                        "Someone entered your details at the first sign-in. You already have a username: sign in "
                        "with it. If this was not you, call member services."
                    ),
                )
            else:
                _tell(
                    to,
                    key=f"{CODE_MAIL}:{to.pk}:{at:%Y%m%d%H%M%S%f}",
                    subject=_("Your activation code"),
                    body=_code_words(code),
                    by_letter=by_letter,
                )
                transaction.set_rollback(not fresh)
        return ref if person is not None and not registered else None


def _one_person(records: list[Person]) -> Person | None:
    """Several records with one SSN, birth date, ZIP and first name are one person's, of an employee who is a dependent
    as well: the one with an account opens, else one covered today, else the one enrolled last. Whoever got at the code
    of one got at the mailbox of all."""
    if len({folding.fold(each.first_name) for each in records}) != 1:
        return None
    values = [vars(each) for each in records]  # annotated in `locate`
    chosen = max(values, key=itemgetter("registered", "covered", "enrolled", "id"))
    person = records[values.index(chosen)]
    person.disowned = any(each["disowned"] for each in values)  # type: ignore[attr-defined]
    return person


def _code_words(code: str) -> str:
    return _(
        "Your activation code is %(code)s. Type it on the first sign-in page. If you did not ask for it, call member "
        "services; nobody can use it without your other details."
    ) % {"code": codes.grouped(code)}


def _code_failed(person: Person) -> bool:
    """Could the last code to this e-mail not be delivered?"""
    sent = OutboxMail.objects.filter(key__startswith=f"{CODE_MAIL}:{person.pk or 0}:", to=person.email)
    return sent.order_by("-id").values_list("status", flat=True).first() == MailStatus.FAILED


def post_instead(mail: OutboxMail) -> None:
    """A mail to a person of the records failed for good: a letter goes to the address on file. A code in it is a new
    one, since those by e-mail live for minutes."""
    kind, person_id, _rest = mail.key.split(":", 2)
    with scope.entered(scope.system("post_instead")):
        person = Person.objects.filter(pk=int(person_id)).first()
        if person is None or not mailboxes.has_address(person):
            return
        body = mail.body
        if kind == CODE_MAIL:
            ref = PartyRef("person", person.pk)
            registered = MemberAccount.objects.filter(person=person, disowned_at=None).exists()
            if registered or codes.live(purpose=CodePurpose.FIRST_SIGN_IN, subject=ref, since=mail.created_at):
                return
            code = codes.issue(purpose=CodePurpose.FIRST_SIGN_IN, subject=ref, lives=codes.MAILED)
            body = _with_contact(person, _code_words(code))
        outbox.post_letter(
            key=f"{mail.key}:letter",
            postal_address=mailboxes.postal_address(person),
            subject=mail.subject,
            body=body,
        )


def _lives_in(person: Person, zip_code: str) -> bool:
    return any(zips.same(each, zip_code) for each in (person.zip, homes.of(person).zip))


def register(
    *, by: Scope, person: PartyRef | None, code: str, username: str, email: str, password: str, at: dt.datetime
) -> User | None:
    """The member's account, if the code is right; None for every other reason, so that nothing can be probed: which
    usernames and addresses exist is said to a proven person only (raises `users.TakenError`; the code stays good)."""
    with transaction.atomic():
        subject = person or PartyRef("nobody", 0)
        if not codes.redeem(purpose=CodePurpose.FIRST_SIGN_IN, subject=subject, typed=code) or person is None:
            audit.record(kind=Kind.FAILURE, action="members.accounts.register", outcome=Outcome.FAILED, **by.audit())
            return None
        taken = [
            name
            for name, same in (("username", Q(username__iexact=username)), ("email", Q(email=email)))
            if User.objects.filter(same).exists()
        ]
        if taken:
            raise users.TakenError(taken)
        return _make_account(by, person, username, email, password, at)


def _make_account(
    by: Scope, person: PartyRef, username: str, email: str, password: str, at: dt.datetime
) -> User | None:
    with scope.unscoped("first sign-in: the person is proven by the code"):
        row = Person.objects.select_for_update(of=("self",)).get(pk=person.id)
        accounts = list(MemberAccount.objects.filter(person=row))
        if any(each.disowned_at is None for each in accounts):
            return None
        # Where the mailbox may be another's, whoever reads it could close the account with the notice's link.
        trusted = not accounts and proofs.by_letter(mailboxes.of_person(row), at=at) is None
        user = User(
            username=username,
            email=email,
            given_name=row.first_name,
            family_name=row.last_name,
            kind=UserKind.MEMBER,
            email_proven_at=timezone.now() if email == row.email and _code_came_by_mail(person) else None,
        )
        user.set_password(password)
        users.save_new(user)
        MemberAccount.objects.create(person=row, user=user)
        audit.record(
            kind=Kind.CREATE,
            action="members.accounts.register",
            subjects=[("person", row.pk)],
            object_kind="user",
            object_id=str(user.pk),
            **by.audit(),
        )
        token = notices.make(user, NoticeKind.REGISTERED)
        _tell(
            row,
            key=f"account:{user.pk}",
            subject=_("Your account is ready"),
            body=_(
                "An account for the member website was made with your details. If this was not you, say so here and we "
                "close it at once: %(address)s"
            )
            % {"address": notices.address_of(token)}
            if trusted
            else _(
                "An account for the member website was made with your details. A letter about it is on its way to you. "
                "If this was not you, call member services now: we close it at once."
            ),
            # Whoever else reads the e-mail on file must not be the only one who knows (ruling 15).
            letter=_(
                "An account for the member website was made with your details. If this was not you, go to %(address)s "
                "and type %(token)s, or call member services now: we close it at once."
            )
            % {"address": notices.typing_address(), "token": codes.hyphenated(token)},
        )
    return user


def _code_came_by_mail(person: PartyRef) -> bool:
    """Was the code that was just used mailed to the e-mail on file? Then that address is proven by it."""
    used = (
        AccessCode.objects.filter(purpose=CodePurpose.FIRST_SIGN_IN, subject=str(person), used_at__isnull=False)
        .order_by("-used_at")
        .first()
    )
    # A day parts the two kinds widely: the database's clock wrote one end of this span and the site's the other.
    return used is not None and used.expires_at - used.created_at < dt.timedelta(days=1)


def disown(user_id: int, by: Scope) -> None:
    """The account was not the person's own: it no longer opens their record, and they may make another. The code for
    that comes by letter, since somebody got at the first one (`locate`)."""
    with scope.unscoped("a notice's answer: nobody is signed in"):
        account = MemberAccount.objects.filter(user_id=user_id, disowned_at=None).first()
        if account is None:
            return
        account.disowned_at = timezone.now()
        account.save(update_fields=["disowned_at"])
        audit.record(
            kind=Kind.CHANGE,
            action="members.accounts.disown",
            subjects=[("person", account.person_id)],
            object_kind="user",
            object_id=str(user_id),
            **by.audit(),
        )


def _with_contact(person: Person, text: str) -> str:
    facts = brand.brand(regions.of_person(person.pk or 0))  # nobody's record costs the same look
    return _("%(text)s Member services: %(phone)s, %(website)s.") % {
        "text": text,
        "phone": facts["card_phone"],
        "website": facts["website"],
    }


def _tell(person: Person, *, key: str, subject: str, body: str, letter: str = "", by_letter: bool = False) -> None:
    """To the address on file, never to one typed at the door; by letter for a confidential address, and where
    `by_letter` says so. `letter`: beside a mail a letter goes out as well, in these words."""
    body, letter = _with_contact(person, body), letter and _with_contact(person, letter)
    postal_address = mailboxes.postal_address(person)  # a mail costs the same look as a letter
    if emails.mailable(person.email) and not person.confidential_address and not by_letter:
        outbox.post(key=key, to=person.email, subject=subject, body=body)
        if not letter:
            return
        key = f"{key}:letter"
    outbox.post_letter(key=key, postal_address=postal_address, subject=subject, body=letter or body)
