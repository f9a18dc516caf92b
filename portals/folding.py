"""Names compared however they are typed: without case, accents, apostrophes, hyphens, periods and spaces.

    Q(given_name__folded__contains=folding.fold("O’Brien"))

`fold` and the transform `folded` of text columns agree.
"""

from __future__ import annotations

import unicodedata
from typing import Final

from django.db.models import CharField, Q, Transform

# Letters that have no accent to lose, with what people type for them.
_PLAIN: Final = {"ł": "l", "đ": "d", "ø": "o", "ı": "i", "ð": "d", "þ": "th", "ß": "ss", "æ": "ae", "œ": "oe"}
_SINGLE: Final = {of: to for of, to in _PLAIN.items() if len(to) == 1}
_TABLE: Final = str.maketrans(_PLAIN)

_SQL = "translate(lower(normalize({name}, NFKD)), '" + "".join(_SINGLE) + "', '" + "".join(_SINGLE.values()) + "')"
for _of, _to in _PLAIN.items():
    if _of not in _SINGLE:
        _SQL = f"replace({_SQL}, '{_of}', '{_to}')"
# Letters that only modify others (an apostrophe among them) are none of these.
SQL: Final = f"regexp_replace({_SQL}, '[^[:alnum:]]|[\u02b0-\u02ff]', '', 'g')"


def fold(text: str) -> str:
    low = text.lower()
    if not low.isascii():
        low = unicodedata.normalize("NFKD", text).lower().translate(_TABLE)
    return "".join(c for c in low if c.isalnum() and not "\u02b0" <= c <= "\u02ff")


def has_words(text: str, query: str) -> bool:
    """Does every word of the query stand in the text?"""
    folded = fold(text)
    return all(fold(word) in folded for word in query.split())


def columns_have(word: str, *columns: str) -> Q:
    """Does the word stand in one of the columns? One without a letter or digit must stand there as it is."""
    folded = fold(word)
    lookup, wanted = ("folded__contains", folded) if folded else ("icontains", word)
    found = Q()
    for column in columns:
        found |= Q(**{f"{column}__{lookup}": wanted})
    return found


class Folded(Transform):
    lookup_name = "folded"
    template = SQL.format(name="%(expressions)s")


CharField.register_lookup(Folded)
