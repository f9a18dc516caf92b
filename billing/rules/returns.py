"""ACH returns: what each code means for a retry and for autopay. Source: Nacha's return codes, the plan's settings."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from portals.plan import periods

MAX_RETRIES = 2
RETRY_DAYS = 180  # calendar days from the settlement of the first entry
SECOND_RETURN_MONTHS = 6
RETRY_DESCRIPTION = "RETRY PYMT"


class Meaning(StrEnum):
    """Codes of the meaning; the words live with the pages."""

    INSUFFICIENT_FUNDS = "insufficient_funds"
    ACCOUNT_CLOSED = "account_closed"
    NO_ACCOUNT = "no_account"
    INVALID_ACCOUNT_NUMBER = "invalid_account_number"
    UNAUTHORIZED = "unauthorized"
    RETURNED_AT_ORIGINATOR_REQUEST = "returned_at_originator_request"
    STOPPED = "stopped"
    UNCOLLECTED_FUNDS = "uncollected_funds"
    ACCOUNT_SOLD = "account_sold"
    INVALID_ROUTING_NUMBER = "invalid_routing_number"
    DECEASED = "deceased"
    FROZEN = "frozen"
    FIELD_ERROR = "field_error"
    NON_TRANSACTION_ACCOUNT = "non_transaction_account"
    DUPLICATE = "duplicate"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ReturnRule:
    code: str
    meaning: Meaning
    may_retry: bool
    stops_autopay: bool
    late: bool  # may come up to 60 calendar days after settlement instead of 2 banking days


class RetryRefusal(StrEnum):
    CODE = "code"
    TOO_MANY = "too_many"
    TOO_LATE = "too_late"
    NEW_PAYMENT = "new_payment"


_MEANINGS = {
    "R01": Meaning.INSUFFICIENT_FUNDS,
    "R02": Meaning.ACCOUNT_CLOSED,
    "R03": Meaning.NO_ACCOUNT,
    "R04": Meaning.INVALID_ACCOUNT_NUMBER,
    "R05": Meaning.UNAUTHORIZED,
    "R06": Meaning.RETURNED_AT_ORIGINATOR_REQUEST,
    "R07": Meaning.UNAUTHORIZED,
    "R08": Meaning.STOPPED,
    "R09": Meaning.UNCOLLECTED_FUNDS,
    "R10": Meaning.UNAUTHORIZED,
    "R11": Meaning.UNAUTHORIZED,
    "R12": Meaning.ACCOUNT_SOLD,
    "R13": Meaning.INVALID_ROUTING_NUMBER,
    "R14": Meaning.DECEASED,
    "R15": Meaning.DECEASED,
    "R16": Meaning.FROZEN,
    "R17": Meaning.FIELD_ERROR,
    "R20": Meaning.NON_TRANSACTION_ACCOUNT,
    "R24": Meaning.DUPLICATE,
    "R29": Meaning.UNAUTHORIZED,
}
_MAY_RETRY = frozenset({"R01", "R09"})
_STOPS_AUTOPAY = frozenset({"R02", "R03", "R04", "R07", "R10", "R16", "R29"})
_LATE = frozenset({"R05", "R07", "R10", "R11"})


def rule_for(code: str) -> ReturnRule:
    """Any code is answered; one that is not listed is `OTHER`, is not retried and does not by itself stop autopay."""
    return ReturnRule(
        code, _MEANINGS.get(code, Meaning.OTHER), code in _MAY_RETRY, code in _STOPS_AUTOPAY, code in _LATE
    )


def stops_autopay(code: str, returned_on: dt.date, earlier_returns: Collection[dt.date]) -> bool:
    """By its code, or as the second return of the account within six months."""
    since = periods.add_months(returned_on, -SECOND_RETURN_MONTHS)
    return rule_for(code).stops_autopay or any(since <= day <= returned_on for day in earlier_returns)


def retry_refusal(
    code: str, *, first_settled_on: dt.date, retry_on: dt.date, retries_so_far: int, new_payment: bool
) -> RetryRefusal | None:
    """Why a returned entry may not be presented again for the same amount; None if it may.

    `first_settled_on` is the settlement of the first entry, `retry_on` that of the retry; `new_payment` says that the
    payer has paid anew since, beside which a retry would take the money twice.
    """
    if not rule_for(code).may_retry:
        return RetryRefusal.CODE
    if retries_so_far >= MAX_RETRIES:
        return RetryRefusal.TOO_MANY
    if (retry_on - first_settled_on).days > RETRY_DAYS:
        return RetryRefusal.TOO_LATE
    return RetryRefusal.NEW_PAYMENT if new_payment else None
