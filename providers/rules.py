"""What makes a provider's number a number, and what the desk may do for a caller."""

from stdnum import luhn

from providers.enums import About, Heard

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


def heard(about: About, *, own_username: bool, still_to_do: bool) -> Heard:
    """What comes of a call about registering. Nobody is helped with an account who names no username of their own,
    and nobody with a shared one (V1, V3); who only wants to register needs none yet (V4)."""
    if about == About.SHARED:
        return Heard.SHARED
    if about != About.REGISTERING and not own_username:
        return Heard.REFUSED
    return Heard.OPEN if still_to_do else Heard.ANSWERED
