"""How people's names are shown."""

import re
import unicodedata

_PART = re.compile(r"[^\W\d_]+")


def readable(name: str) -> str:
    """Enrollment files often shout: ADA O'FICTION-LEE JR becomes Ada O'Fiction-Lee Jr. A name in mixed case stays as
    its owner writes it; what is stored and printed on cards is not touched."""
    if not name.isupper():
        return name
    return _PART.sub(lambda part: part[0] if part[0] in ROMAN else part[0].capitalize(), name)


def sort_key(last_name: str, first_name: str) -> str:
    """Folded "last first": how people are sorted and found by name, without accents and case."""
    bare = f"{last_name} {first_name}".lower()
    if bare.isascii():
        return " ".join(bare.split())[:120]
    bare = unicodedata.normalize("NFKD", bare)
    return " ".join("".join(c for c in bare if not unicodedata.combining(c)).split())[:120]


ROMAN = {"II", "III", "IV"}
