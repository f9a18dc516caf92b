"""Mail: a server that is away for an hour loses none, and one bad address holds up nobody."""

import datetime as dt
import smtplib
from collections.abc import Sequence

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone
from pytest_django import Settings

from portals.enums import MailStatus
from portals.mail import outbox
from portals.mail.outbox import Mail
from portals.models import OutboxMail

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def real(settings: Settings) -> Settings:
    settings.DEMO = False
    return settings


def post(to: str, key: str = "one") -> None:
    outbox.post(key=key, to=to, subject="You have a message", body="Sign in to see it.")


def test_a_mail_server_that_is_away_for_minutes_loses_no_mail(real: Settings) -> None:
    post("iris@mail.example")
    backend = real.EMAIL_BACKEND
    real.EMAIL_BACKEND, real.EMAIL_HOST, real.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 9
    for _ in range(20):  # every few seconds
        assert outbox.send_due() == 0
    assert OutboxMail.objects.get().status == MailStatus.WAITING
    real.EMAIL_BACKEND = backend
    OutboxMail.objects.update(created_at=timezone.now() - dt.timedelta(minutes=6))
    assert outbox.send_due() == 1
    assert [each.to for each in mail.outbox] == [["iris@mail.example"]]


def test_what_is_posted_twice_under_one_key_is_one_mail_also_once_it_left() -> None:
    """A job that is run again, and a button that is pressed twice, post the same key."""
    for _n in range(2):
        post("iris@mail.example")
        outbox.post_all(
            [
                Mail("one", "ben@mail.example", "Another", "Of the same key."),
                Mail("two", "ben@mail.example", "News", "Sign in."),
            ]
        )
        outbox.post_letter(key="three", postal_address="1 Made-up Street", subject="A letter", body="Dear Iris")
        outbox.send_due()
    assert [each.to for each in mail.outbox] == [["iris@mail.example"], ["ben@mail.example"]]
    kept = OutboxMail.objects.order_by("key").values_list("key", "letter")
    assert list(kept) == [("one", False), ("three", True), ("two", False)]


def test_what_is_no_address_holds_up_nobody_and_fails_in_the_end() -> None:
    post("iris\n@mail.example")
    post("ben@mail.example", key="two")
    assert outbox.send_due() == 1
    assert [each.to for each in mail.outbox] == [["ben@mail.example"]]
    OutboxMail.objects.filter(key="one").update(created_at=timezone.now() - dt.timedelta(days=1))
    for _ in range(outbox.MAX_TRIES):
        outbox.send_due()
    assert OutboxMail.objects.get(key="one").status == MailStatus.FAILED


@pytest.mark.parametrize(("demo", "kept"), [(False, ""), (True, "Your code is 2222 2222.")])
def test_a_code_is_kept_until_its_mail_left_and_no_longer_but_in_the_demo(
    real: Settings, demo: bool, kept: str
) -> None:
    real.DEMO = demo
    outbox.post(key="one", to="iris@mail.example", subject="Your code", body="Your code is 2222 2222.")
    assert outbox.send_due() == 1
    row = OutboxMail.objects.get()
    assert (row.status, row.to, row.body) == (MailStatus.SENT, "iris@mail.example", kept)
    assert [each.body for each in mail.outbox] == ([] if demo else ["Your code is 2222 2222."])


def test_a_mail_that_has_not_left_yet_keeps_what_it_says(real: Settings) -> None:
    post("iris@mail.example")
    real.EMAIL_BACKEND, real.EMAIL_HOST, real.EMAIL_PORT = "django.core.mail.backends.smtp.EmailBackend", "127.0.0.1", 9
    assert outbox.send_due() == 0
    assert OutboxMail.objects.get().body == "Sign in to see it."


def test_a_letter_waits_for_the_printer_and_does_not_go_out_as_mail() -> None:
    outbox.post_letter(key="letter", postal_address="Box 7", subject="Your activation code", body="ABCD")
    post("ben@mail.example")
    assert outbox.send_due() == 1
    assert OutboxMail.objects.get(letter=True).status == MailStatus.WAITING


def test_each_mail_is_committed_before_the_next_one_so_a_killed_worker_repeats_at_most_one(real: Settings) -> None:
    real.EMAIL_BACKEND = f"{__name__}.DiesAtTheSecond"
    DiesAtTheSecond.handed_over = 0
    for key in ("one", "two", "three"):
        post(f"{key}@mail.example", key=key)
    with pytest.raises(KeyboardInterrupt):
        outbox.send_due()
    assert list(OutboxMail.objects.order_by("id").values_list("status", "tries")) == [
        (MailStatus.SENT, 1),
        (MailStatus.WAITING, 1),  # counted before it was tried
        (MailStatus.WAITING, 0),
    ]


class DiesAtTheSecond(BaseEmailBackend):
    handed_over = 0

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        DiesAtTheSecond.handed_over += 1
        if DiesAtTheSecond.handed_over == 2:
            raise KeyboardInterrupt
        return len(messages)


@pytest.mark.parametrize("typed", ["joy@[work.example", "@", "a@x;b@y", "none@none", "cal@mail,example", "<joy@", ""])
def test_whatever_a_file_calls_an_address_is_that_mails_trouble_alone(typed: str) -> None:
    post(typed)
    post("ben@mail.example", key="two")
    outbox.send_due()
    assert ["ben@mail.example"] in [each.to for each in mail.outbox]
    assert OutboxMail.objects.get(key="one").tries == 1


def test_a_mail_that_takes_its_worker_down_each_time_has_failed_in_the_end(real: Settings) -> None:
    real.EMAIL_BACKEND = f"{__name__}.DiesAtPoison"
    post("poison@mail.example")
    post("ben@mail.example", key="two")
    for _ in range(outbox.MAX_TRIES):
        OutboxMail.objects.update(created_at=timezone.now() - dt.timedelta(days=1), leased_until=None)
        with pytest.raises(KeyboardInterrupt):
            outbox.send_due()
    OutboxMail.objects.update(leased_until=None)
    assert outbox.send_due() == 1
    assert list(OutboxMail.objects.order_by("id").values_list("status", "tries")) == [
        (MailStatus.FAILED, outbox.MAX_TRIES),
        (MailStatus.SENT, 1),
    ]


def test_a_mail_that_a_worker_holds_is_no_other_workers() -> None:
    post("ben@mail.example")
    OutboxMail.objects.update(leased_until=timezone.now() + dt.timedelta(minutes=1))
    assert outbox.send_due() == 0
    OutboxMail.objects.update(leased_until=timezone.now() - dt.timedelta(seconds=1))
    assert outbox.send_due() == 1


class DiesAtPoison(BaseEmailBackend):
    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        if any("poison@mail.example" in message.to for message in messages):
            raise KeyboardInterrupt
        return len(messages)


class KnowsNobody(BaseEmailBackend):
    code = 550

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        raise smtplib.SMTPRecipientsRefused({messages[0].to[0]: (self.code, b"")})


@pytest.mark.parametrize(("code", "status"), [(550, MailStatus.FAILED), (450, MailStatus.WAITING)])
def test_an_address_that_the_server_refuses_for_good_is_not_tried_for_hours(
    real: Settings, monkeypatch: pytest.MonkeyPatch, code: int, status: MailStatus
) -> None:
    real.EMAIL_BACKEND = f"{__name__}.{KnowsNobody.__qualname__}"
    monkeypatch.setattr(KnowsNobody, "code", code)
    post("gone@mail.example")
    assert outbox.send_due() == 0
    assert OutboxMail.objects.get().status == status


def test_what_else_is_done_when_a_mail_failed_is_done_once_however_it_failed_and_holds_up_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told: list[str] = []

    def tell(mail: OutboxMail) -> None:
        told.append(mail.key)
        if mail.key.endswith("unlucky"):
            raise RuntimeError

    monkeypatch.setattr(outbox, "_then", dict(outbox._then))
    outbox.register_failure("told", tell)
    for key in ("told:unlucky", "told:lucky", "told:worker-died", "other:1"):
        post("iris\n@mail.example", key=key)
    OutboxMail.objects.update(created_at=timezone.now() - dt.timedelta(days=1))
    OutboxMail.objects.filter(key="told:worker-died").update(
        tries=outbox.MAX_TRIES, leased_until=timezone.now() - dt.timedelta(hours=1)
    )
    for _ in range(outbox.MAX_TRIES + 2):
        outbox.send_due()
    assert sorted(told) == ["told:lucky", "told:unlucky", "told:worker-died"]
    assert set(OutboxMail.objects.values_list("status", flat=True)) == {MailStatus.FAILED}
