"""Mail: a server that is away for an hour loses none, and one bad address holds up nobody."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone
from pytest_django import Settings

from portals import outbox
from portals.enums import MailStatus
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


def test_what_is_no_address_holds_up_nobody_and_fails_in_the_end() -> None:
    post("iris\n@mail.example")
    post("ben@mail.example", key="two")
    assert outbox.send_due() == 1
    assert [each.to for each in mail.outbox] == [["ben@mail.example"]]
    OutboxMail.objects.filter(key="one").update(created_at=timezone.now() - dt.timedelta(days=1))
    for _ in range(outbox.MAX_TRIES):
        outbox.send_due()
    assert OutboxMail.objects.get(key="one").status == MailStatus.FAILED
