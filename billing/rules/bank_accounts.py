"""Routing and account numbers as people type them. Neither number appears in a refusal."""

from enum import StrEnum

from stdnum.exceptions import InvalidChecksum, ValidationError
from stdnum.us import rtn

MIN_ACCOUNT_DIGITS = 4
MAX_ACCOUNT_DIGITS = 17  # the width of the field in an ACH entry

_PREFIXES = frozenset([*range(13), *range(21, 33), *range(61, 73), 80])  # Federal Reserve districts and kinds


class RoutingProblem(StrEnum):
    FORMAT = "format"  # not nine digits
    PREFIX = "prefix"  # no bank's number starts so
    CHECK_DIGIT = "check_digit"


class AccountProblem(StrEnum):
    FORMAT = "format"  # something else than digits, spaces and hyphens
    LENGTH = "length"
    ZEROS = "zeros"


def normalize(number: str) -> str:
    """Without the spaces and hyphens that people type; what is stored and sent."""
    return "".join(number.replace("-", " ").split())


def routing_problem(number: str) -> RoutingProblem | None:
    """The ABA check digit passes one invented number in ten, so the prefix counts too."""
    digits = normalize(number)
    if len(digits) != 9 or not (digits.isascii() and digits.isdigit()):
        return RoutingProblem.FORMAT
    if int(digits[:2]) not in _PREFIXES or digits.startswith("0000"):
        return RoutingProblem.PREFIX
    try:
        rtn.validate(digits)
    except InvalidChecksum:
        return RoutingProblem.CHECK_DIGIT
    except ValidationError:
        return RoutingProblem.FORMAT
    return None


def account_problem(number: str) -> AccountProblem | None:
    digits = normalize(number)
    if not (digits.isascii() and digits.isdigit()):
        return AccountProblem.FORMAT
    if not MIN_ACCOUNT_DIGITS <= len(digits) <= MAX_ACCOUNT_DIGITS:
        return AccountProblem.LENGTH
    return AccountProblem.ZEROS if not digits.strip("0") else None


def last_four(number: str) -> str:
    return normalize(number)[-4:]
