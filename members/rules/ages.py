"""Ages that the field's rules turn on."""

import datetime as dt

ADULT = 18  # from this birthday on a person has an own account and notices of their own (rulings 15)


def age(birth_date: dt.date, as_of: dt.date) -> int:
    """In full years; who is born on February 29 turns a year older on March 1 of common years."""
    before_birthday = (as_of.month, as_of.day) < (birth_date.month, birth_date.day)
    return as_of.year - birth_date.year - before_birthday


def is_adult(birth_date: dt.date, as_of: dt.date) -> bool:
    return age(birth_date, as_of) >= ADULT
