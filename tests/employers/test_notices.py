"""Who pays is told that the invoice is ready, once, without a name or an amount."""

import datetime as dt

import pytest

from billing.actions import runs
from billing.models import AccountAccess
from employers.enums import EmployerRole
from portals import scope as scopes
from portals.models import OutboxMail
from tests.factories import billing, people

pytestmark = pytest.mark.django_db


def test_payers_of_the_client_get_one_mail_however_many_accounts() -> None:
    with scopes.entered(scopes.system("test")):
        client, other = people.client(), people.client()
        payer = people.employer_user(client, EmployerRole.BILLING)
        people.employer_user(client, EmployerRole.ENROLLMENT)
        people.employer_user(other)
        rated = billing.product()
        for contract in (1, 2):
            account = billing.account()
            AccountAccess.objects.create(account=account, holder=f"client:{client.pk}")
            billing.segment(account, contract, rated, "2027-01-01")
    for _ in range(2):
        runs.run(as_of=dt.date(2026, 12, 15), by=scopes.system("run_billing"))
    mail = OutboxMail.objects.get()
    assert (mail.to, mail.subject) == (payer.email, "Your invoice is ready")
    assert "/employers/ebilling/" in mail.body
    assert "812" not in mail.body
