"""What makes two answers the same page, and what keeps them apart: else a fault would be skipped unseen."""

from __future__ import annotations

import pytest

from tests.journeys import over_http
from tests.journeys.looked import plain

FORM = """<main><form method="post" action="/rows/{row}/">
<input type="hidden" name="csrfmiddlewaretoken" value="{token}">
<label for="name-{label}">Name</label><input id="name-{row}" name="name" required class="{kind}"> {time}
<a href="/rows/{row}/">Person{person}</a></form></main>"""
ONE = {
    "row": "17b7f1c0-26f1-4c2e-9a3d-3f1f5d0c8a11",
    "label": "17b7f1c0-26f1-4c2e-9a3d-3f1f5d0c8a11",
    "token": "Aq3" + "x" * 61,
    "kind": "c-wide",
    "time": "Nov 30, 2026, 6:02 pm",
    "person": "31",
}
OTHER = "27b7f1c0-26f1-4c2e-9a3d-3f1f5d0c8a12"


@pytest.mark.parametrize(
    "change",
    [
        {"token": "Zq4" + "y" * 61},
        {"row": OTHER, "label": OTHER},
        {"time": "Dec 1, 2026, 11:40 am"},
        {"person": "58"},
    ],
    ids=lambda change: "-".join(change),
)
def test_another_run_gives_the_same_page(change: dict[str, str]) -> None:
    assert plain(FORM.format(**ONE)) == plain(FORM.format(**ONE | change))


@pytest.mark.parametrize(
    "change",
    [{"label": OTHER}, {"kind": "c-wider"}, {"kind": "c-1234567"}, {"person": "100"}, {"time": ""}],
    ids=lambda change: "-".join(change.values()),
)
def test_what_a_browser_could_see_is_another_page(change: dict[str, str]) -> None:
    assert plain(FORM.format(**ONE)) != plain(FORM.format(**ONE | change))


def test_a_form_is_sent_as_a_browser_would_send_it_empty() -> None:
    form = over_http.unanswered_form("""<form method="post"><input name="outside" required></form><main>
        <form method="get"><input name="q" required></form>
        <form method="post" action="/go/"><input name="filled" value="x" required></form>
        <form method="post" action="/there/"><input type="hidden" name="a" value="1"><input name="b" required><input
        type="checkbox" name="c" checked><input type="radio" name="d" value="2"><input name="e" value="no"
        disabled><select name="f"><option value="">Choose<option value="3" selected>Three</select>
        <select name="g">
        <option value="4">Four</select><textarea name="h">
Text</textarea><fieldset disabled><input name="i" value="no"></fieldset><button name="j" value="no">Send</button></form>
        </main>""")
    assert form is not None
    assert form.action == "/there/"
    assert form.encoded() == ("application/x-www-form-urlencoded", b"a=1&b=&c=on&f=3&g=4&h=Text")
