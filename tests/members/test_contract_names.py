"""An employer finds a contract holder on an invoice however the name is typed."""

import pytest

from members.models import Contract
from members.queries import contract_names
from portals import scope as scopes
from tests.factories import people


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("obrien", 1),
        ("O\u2019Brien", 1),
        ("lee sean", 1),
        ("OBrien Lee, Se\u00e1n", 1),
        ("o-brien", 1),
        ("bryan", 0),
        ("", 2),
    ],
)
def test_search(typed: str, found: int) -> None:
    with scopes.entered(scopes.system("test")) as by:
        client = people.client()
        contracts = []
        for number, last in enumerate(("O\u2019Brien-Lee", "Marsh")):
            holder = people.person(first_name="Sean", last_name=last)
            contracts.append(
                Contract.objects.create(
                    client=client, number=f"NGH4002000{number}", sender_number=last, subscriber=holder
                )
            )
        assert len(contract_names.of(by, [each.pk for each in contracts], search=typed)) == found
