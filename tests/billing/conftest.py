"""What the tests of money share."""

import datetime as dt

import pytest

from portals import scope as scopes
from tests.factories import payers
from tests.factories.payers import Payer

JANUARY, FEBRUARY = dt.date(2027, 1, 1), dt.date(2027, 2, 1)


@pytest.fixture
def payer() -> Payer:
    """Figure F6: January 4,210.55 and February 4,398.15 open."""
    with scopes.entered(payers.system()):
        made = payers.payer("Medical")
        payers.invoice(made.accounts[0], 4_210_55, JANUARY)
        payers.invoice(made.accounts[0], 4_398_15, FEBRUARY)
    scopes.enter(made.scope)
    return made
