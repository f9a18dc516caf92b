"""What makes a provider's number a number."""

from stdnum import luhn

NPI_PREFIX = "80840"  # ISO 7812 issuer: health applications, United States


def is_npi(number: str) -> bool:
    """A National Provider Identifier: ten digits, 1 or 2 first, the last a Luhn check digit over 80840 and the rest."""
    return (
        len(number) == 10
        and number.isascii()
        and number.isdigit()
        and number[0] in "12"
        and bool(luhn.is_valid(NPI_PREFIX + number))
    )
