"""Contract numbers as the cards print them, and how senders number subscribers.

Ours are NGH and eight digits, the last of which checks the others (Luhn); they are drawn at random, never counted up,
so that a number tells nothing about its neighbors.
"""

import re
from typing import Final

from members.enums import SSN_FORM

PREFIX = "NGH"
PAYLOADS = 10**7  # seven digits that are drawn, one that checks
LENGTH = len(PREFIX) + 8
LAST_SUFFIX = 99

_SSN: Final = re.compile(SSN_FORM)

_DOUBLED = str.maketrans("0123456789", "0246813579")  # a digit doubled, the digits of the result summed


def contract_number(payload: int) -> str:
    """The contract number of a drawn payload, 0 up to but not including `PAYLOADS`."""
    digits = f"{payload:07d}"
    return f"{PREFIX}{digits}{_check_digit(digits)}"


def is_contract_number(text: str) -> bool:
    digits = text[len(PREFIX) :]
    return (
        len(text) == LENGTH
        and text.startswith(PREFIX)
        and digits.isascii()
        and digits.isdigit()
        and digits[-1] == _check_digit(digits[:-1])
    )


def ssn_in(sender_number: str) -> str:
    """The digits, if a sender numbers the subscriber by what looks like an SSN; else nothing."""
    found = sender_number.strip()
    return found.replace("-", "").replace(" ", "") if _SSN.match(found) else ""


def masked(sender_number: str) -> str:
    """As it may be kept and shown: an SSN by its last four digits, by which the sender finds the person."""
    digits = ssn_in(sender_number)
    return f"***-**-{digits[-4:]}" if digits else sender_number


def _check_digit(digits: str) -> str:
    total = sum(map(int, digits[-1::-2].translate(_DOUBLED))) + sum(map(int, digits[-2::-2]))
    return str(-total % 10)
