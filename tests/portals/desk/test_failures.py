"""What failed for good in the background is told to whoever asked and to the desk, once."""

import pytest
from django.utils import timezone

from audit.models import Event
from employers.actions import full_lists
from employers.models import EmployerUser
from portals import jobs
from portals import scope as scopes
from portals.desk.request_kinds import failures
from portals.enums import JobStatus, MailStatus, Team
from portals.mail import outbox
from portals.models import DeskRequest, Job, OutboxMail, User
from portals.scope import PartyRef, Portal, Scope
from tests.factories import people

pytestmark = pytest.mark.django_db
BY = scopes.system("tell_of_failures")


@pytest.fixture
def payer() -> User:
    return people.employer_user(people.client("Acme Anvils"))


def scope_of(user: User) -> Scope:
    party = PartyRef("client", EmployerUser.objects.get(user=user).client_id)
    return Scope(actor=f"user:{user.pk}", portal=Portal.EMPLOYER, user_id=user.pk, party=party, home=party)


def failed(scope: Scope, *, kind: str = "billing.invoice_pdf", error: str = "ValueError") -> Job:
    job = jobs.ask(kind=kind, key=f"{kind}:1", scope=scope)
    Job.objects.filter(pk=job.pk).update(
        status=JobStatus.FAILED, tries=jobs.MAX_TRIES, error=error, finished_at=timezone.now()
    )
    return job


def test_who_asked_reads_it_among_their_requests_and_the_desk_sees_to_it(payer: User) -> None:
    job = failed(scope_of(payer))
    assert failures.tell(by=BY) == 1
    assert failures.tell(by=BY) == 0  # once
    row = DeskRequest.objects.get(key=f"job:{job.pk}")
    assert (row.team, row.asked_by, row.title) == (Team.HELP_DESK, payer, "Could not be finished: PDF of an invoice")
    own = people.browser(payer).get("/employers/requests/")
    assert b"Could not be finished: PDF of an invoice" in own.content
    desk = people.desk_browser(Team.HELP_DESK).get(f"/desk/requests/{row.pk}/")
    assert b"PDF of an invoice" in desk.content and b"ValueError" in desk.content
    assert Event.objects.filter(action="desk.open_request", actor=BY.actor).count() == 1


def test_a_failed_bill_run_is_billing_operations_work(payer: User) -> None:
    job = failed(scopes.system("run_billing"), kind="billing.run", error=jobs.WORKER_LOST)
    failures.tell(by=BY)
    row = DeskRequest.objects.get(key=f"job:{job.pk}")
    assert (row.team, row.asked_by) == (Team.BILLING_OPERATIONS, None)
    assert people.desk_browser(Team.HELP_DESK).get(f"/desk/requests/{row.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("kind", "error"), [("billing.invoice_pdf", jobs.NO_LONGER_ALLOWED), (full_lists.JOB, "ValueError")]
)
def test_what_a_closed_gate_ended_or_its_own_app_tells_opens_none(payer: User, kind: str, error: str) -> None:
    failed(scope_of(payer), kind=kind, error=error)
    assert failures.tell(by=BY) == 0


def test_mail_that_could_not_be_delivered_is_one_request_a_day(payer: User) -> None:
    for number in range(3):
        outbox.post(key=f"mail:{number}", to=f"{number}@mail.example", subject="You have a message", body="Sign in.")
    OutboxMail.objects.exclude(key="mail:2").update(status=MailStatus.FAILED)
    assert failures.tell(by=BY) == 1
    assert failures.tell(by=BY) == 0
    row = DeskRequest.objects.get(kind=failures.MAIL)
    page = people.desk_browser(Team.HELP_DESK).get(f"/desk/requests/{row.pk}/")
    assert b"2 mails" in page.content
    assert b"@mail.example" not in page.content
