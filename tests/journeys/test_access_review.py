"""An access review from the reminder to its paper: by keyboard alone, in both languages."""

import datetime as dt
import io
import re
from collections.abc import Iterator

import pypdf
import pytest
from playwright.sync_api import Page, expect

from portals import scope as scopes
from portals.access_reviews import actions as access_reviews
from portals.access_reviews import daily, tasks
from portals.access_reviews import queries as review_queries
from portals.enums import ReviewDecision, ReviewKind, ReviewStatus
from portals.files import pdf
from portals.models import AccessReview, AccessReviewLine, OutboxMail, PlanClock, User
from portals.plan import clock
from portals.scope import PartyRef
from providers.enums import PracticeRole
from providers.models import StaffMembership
from tests.factories import people
from tests.journeys import work
from tests.journeys.door import sign_in, tab_to, type_into

pytestmark = pytest.mark.journey
SYSTEM = scopes.system("test")
OPENED, REMINDED, DUE = dt.date(2026, 12, 20), dt.date(2027, 1, 1), dt.date(2027, 1, 15)
WORDS = {
    "en": {
        "due": "Access review due: Jan 15",
        "decided": "2 of 3 decided",
        "ask": "End the access of 1 person?",
        "done": "1 person no longer has access.",
        "confirmed": "Confirmed: Priya Raman",
        "get": "Download PDF",
        "lapsed": "Access ended: not confirmed by the due day",
    },
    "es": {
        "due": "Revisión de accesos, vence: 15 ene",
        "decided": "2 de 3 decididas",
        "ask": "¿Terminar el acceso de 1 persona?",
        "done": "1 persona ya no tiene acceso.",
        "confirmed": "Confirmado: Priya Raman",
        "get": "Descargar PDF",
        "lapsed": "Acceso terminado: sin confirmar al vencer el plazo",
    },
}


@pytest.fixture
def business_date(live_site: str) -> Iterator[None]:
    move_to(OPENED)
    yield
    with scopes.entered(SYSTEM):
        PlanClock.objects.all().delete()


def move_to(day: dt.date) -> None:
    with scopes.entered(SYSTEM):
        clock.move_to(day, by=SYSTEM)


def line(user: User) -> AccessReviewLine:
    with scopes.entered(SYSTEM):
        return AccessReviewLine.objects.get(user=user)


def choose(page: Page, user: User, *, end: bool) -> None:
    """By keyboard: the first of the two is Keep, the next one ends."""
    tab_to(page, f"[name=line_{line(user).pk}]")
    page.keyboard.press("ArrowDown" if end else "Space")


def press(page: Page, selector: str) -> None:
    tab_to(page, selector)
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.promise("V20")
@pytest.mark.parametrize("language", ["en", "es"])
def test_a_manager_confirms_one_ends_one_forgets_one_and_keeps_the_paper(
    page: Page, live_site: str, business_date: None, language: str
) -> None:
    if not pdf.available():
        pytest.skip(f"Pango is not here: {pdf.INSTALL}")
    words = WORDS[language]
    with scopes.entered(SYSTEM):
        at = people.practice("Capital Family Practice")
        manager, stays, leaves, forgotten = (
            people.practice_user(at, role)
            for role in (PracticeRole.MANAGER, PracticeRole.FRONT_OFFICE, PracticeRole.BILLING, PracticeRole.CLINICAL)
        )
        User.objects.filter(pk=manager.pk).update(given_name="Priya", family_name="Raman")
        party = PartyRef("practice", at.pk)
        access_reviews.open_reviews(by=SYSTEM, kind=ReviewKind.PRACTICE, due_date=DUE, as_of=OPENED, party=party)
        review = AccessReview.objects.get(party=str(party))
    move_to(REMINDED)
    tasks.review_access()
    mail = OutboxMail.objects.get(to=manager.email)
    address = re.search(r"https?://[^/\s]+(/providers/access-review/)", mail.body)
    assert address is not None

    page.context.add_cookies([{"name": "django_language", "value": language, "url": live_site}])
    page.goto(address.group(1))
    type_into(page, login=manager.username, password=people.PASSWORD)
    type_into(page, code=people.code_of(manager))
    expect(page.get_by_role("heading", name=words["due"])).to_be_visible()
    choose(page, stays, end=False)
    choose(page, leaves, end=True)
    press(page, "main button[value=save]")
    type_into(page, code=people.code_of(manager))
    expect(page.get_by_role("heading", name=words["ask"])).to_be_visible()
    press(page, "main form button")
    expect(page.get_by_text(words["done"])).to_be_visible()
    expect(page.get_by_role("heading", name=words["decided"])).to_be_visible()
    expect(page.get_by_text(words["confirmed"])).to_be_visible()
    assert not StaffMembership.objects.filter(user=leaves, ended_at=None).exists()

    elsewhere = page.context.browser.new_page(base_url=live_site, locale="en-US")
    sign_in(elsewhere, forgotten.username)
    expect(elsewhere.get_by_role("heading", name="Capital Family Practice")).to_be_visible()
    move_to(DUE)
    tasks.review_access()
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="Capital Family Practice")).to_be_visible()

    move_to(DUE + dt.timedelta(days=1))
    tasks.review_access()
    work.done(kind=daily.LAPSE, payload__review=review.pk)
    elsewhere.reload()
    expect(elsewhere.get_by_role("heading", name="Capital Family Practice")).to_have_count(0)
    assert elsewhere.request.get("/providers/").status == 404
    elsewhere.close()
    assert line(forgotten).decision == ReviewDecision.LAPSED

    work.done(kind=review_queries.EVIDENCE, payload__review=review.pk)
    page.goto("/providers/")
    expect(page.get_by_role("heading", name="Capital Family Practice")).to_be_visible()
    expect(page.get_by_text(words["due"])).to_have_count(0)
    page.goto(address.group(1))
    tab_to(page, f"main a[href$='{review.uuid}/evidence.pdf']")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    expect(page.get_by_role("link", name=words["get"])).to_be_visible()
    with open(download.value.path(), "rb") as content:
        text = " ".join(pypdf.PdfReader(io.BytesIO(content.read())).pages[0].extract_text().split())
    for user in (manager, stays, leaves, forgotten):
        assert user.username in text
    assert WORDS["en"]["lapsed"] in text, "nobody asked for the paper in a language of their own"
    with scopes.entered(SYSTEM):
        review.refresh_from_db()
    assert review.status == ReviewStatus.LAPSED
