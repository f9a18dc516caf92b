"""URL parts that are not numbers."""

import datetime as dt


class DayConverter:
    """A day as 2026-12-12."""

    regex = r"\d{4}-\d{2}-\d{2}"

    def to_python(self, value: str) -> dt.date:
        return dt.date.fromisoformat(value)

    def to_url(self, value: dt.date) -> str:
        return value.isoformat()
