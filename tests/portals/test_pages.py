"""The page decorator: no row, no answer; a refusal or an error rolls back and leaves its own row."""

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import RequestFactory

from audit.models import Event, Subject
from portals import pages
from portals.models import User
from portals.pages import Audience, disclose, page
from portals.permissions import Answer, Refused
from portals.scope import NOBODY
from tests.factories import people

pytestmark = pytest.mark.django_db


def ask(view: object, user: User | None = None) -> HttpResponse:
    request = RequestFactory().get("/")
    request.scope = NOBODY
    request.session = {"seen_at": 9e12, "otp_device_id": "portals.authenticatorapp/1"}
    request.user = user or people.user()
    return view(request)


def test_a_disclosure_is_a_row_with_its_subjects_before_the_answer() -> None:
    @page(audience=Audience.SIGNED_IN, discloses=("person.name",))
    def view(request):
        disclose(request, subjects=[("person", 5), ("person", 6), ("person", 5)])
        return HttpResponse("two people")

    assert ask(view).content == b"two people"
    event = Event.objects.get()
    assert (event.kind, event.fields) == ("view", ["person.name"])
    assert sorted(Subject.objects.values_list("subject_id", flat=True)) == [5, 6]


@pytest.mark.parametrize(("status", "rows"), [(409, 1), (422, 1), (302, 0)])
def test_whatever_shows_something_has_its_row(status: int, rows: int) -> None:
    @page(audience=Audience.SIGNED_IN, discloses=("bank_account.last_four",))
    def view(request):
        return HttpResponse("the same page with an error", status=status)

    ask(view)
    assert Event.objects.filter(kind="view").count() == rows


def test_without_the_row_there_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    @page(audience=Audience.SIGNED_IN, discloses=("person.name",))
    def view(request):
        with connection.cursor() as cursor:  # what a broken ledger looks like to the insert
            cursor.execute("SET LOCAL default_transaction_read_only = on")
            cursor.execute("SET LOCAL transaction_read_only = on")
        return HttpResponse("secret")

    with pytest.raises(Exception, match="read-only transaction"), transaction.atomic():
        ask(view)


def test_a_refusal_rolls_back_and_its_row_outlives_it() -> None:
    @page(audience=Audience.SIGNED_IN, discloses=())
    def view(request):
        people.user(username="made.too.early")
        raise Refused(Answer(False, gate="test-gate", owner="portal"))

    user = people.user()
    assert ask(view, user).status_code == 403
    assert not User.objects.filter(username="made.too.early").exists()
    denial = Event.objects.get(kind="denial")
    assert (denial.actor, denial.detail) == (f"user:{user.pk}", {"gate": "test-gate"})


def test_an_error_rolls_back() -> None:
    @page(audience=Audience.SIGNED_IN, discloses=())
    def view(request):
        people.user(username="made.too.early")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ask(view)
    assert not User.objects.filter(username="made.too.early").exists()


def test_a_statement_that_takes_too_long_becomes_a_friendly_page() -> None:
    @page(audience=Audience.SIGNED_IN, discloses=())
    def view(request):
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '20ms'")
            cursor.execute("SELECT pg_sleep(2)")

    assert ask(view).status_code == 503


def test_protected_data_is_never_streamed() -> None:
    from django.http import StreamingHttpResponse

    @page(audience=Audience.SIGNED_IN, discloses=("person.name",))
    def view(request):
        return StreamingHttpResponse(iter([b"a"]))

    with pytest.raises(RuntimeError, match="never streamed"):
        ask(view)


def test_the_decorator_leaves_its_declaration_on_the_view() -> None:
    @page(audience=Audience.DESK, discloses=("x",), permission="desk.work_queue")
    def view(request):
        raise AssertionError

    assert view.declaration == pages.Declaration(Audience.DESK, ("x",), "desk.work_queue", 0, "view")
