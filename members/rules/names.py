"""How people's names are shown."""

import re

_PART = re.compile(r"[^\W\d_]+")


def readable(name: str) -> str:
    """Enrollment files often shout: ADA O'FICTION-LEE JR becomes Ada O'Fiction-Lee Jr. A name in mixed case stays as
    its owner writes it; what is stored and printed on cards is not touched."""
    if not name.isupper():
        return name
    return _PART.sub(lambda part: part[0] if part[0] in ROMAN else part[0].capitalize(), name)


ROMAN = {"II", "III", "IV"}
