"""A member's first sign-in: what locates is not what proves, and a miss looks like a hit."""

import datetime as dt
import re

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Event, Subject
from members.models import Client as ClientRecord
from members.models import Contract, Enrollee, MemberAccount, Person
from portals import scope as scopes
from portals.crypto import values as crypto
from portals.login import rate_limits
from portals.models import AccessCode, Attempt, OutboxMail, PlanClock, User
from portals.plan import clock
from tests.factories import ledger, people, races

pytestmark = pytest.mark.django_db
SSN = "900554321"
RIGHT = {"birth_date": "4/28/1985", "zip_code": "12207"}
CODE = {
    "username": "iris.i",
    "email": "iris@home.example",
    "password": "three quiet owls",
    "again": "three quiet owls",
}


@pytest.fixture
def enrolled() -> Enrollee:
    with scopes.entered(scopes.system("test")):
        person = people.person(ssn_index=crypto.blind_index(SSN, purpose="ssn"))
        client = people.client()
        contract = Contract.objects.create(client=client, number="NGH88420173", sender_number="1", subscriber=person)
        return Enrollee.objects.create(
            client=client,
            contract=contract,
            person=person,
            relationship="18",
            suffix="01",
            member_id="NGH8842017301",
            recorded_date="2026-12-01",
        )


def locate(client: Client, identifier: str, **changes: str) -> bytes:
    answer = client.post("/members/first-sign-in/", {"identifier": identifier, **RIGHT, **changes}, follow=True)
    assert answer.status_code == 200
    return re.sub(rb'value="[^"]{60,}"|"X-CSRFToken": "[^"]+"', b"", answer.content)


def code_in_mail() -> str:
    mail = OutboxMail.objects.latest("id")
    return re.search(r"code is (\w{4} \w{4})", mail.body).group(1)


def register(client: Client, code: str, **changes: str) -> object:
    return client.post("/members/first-sign-in/code/", CODE | {"code": code} | changes, follow=True)


@pytest.mark.promise("M2", "M3")
@pytest.mark.parametrize("identifier", ["NGH 8842 0173 01", "900-55-4321"])
def test_card_or_ssn_then_the_code_on_file_then_the_card(client: Client, enrolled: Enrollee, identifier: str) -> None:
    locate(client, identifier)
    ledger.expect("members.accounts.locate", by="nobody", about="person")
    answer = register(client, code_in_mail())
    assert answer.redirect_chain == [("/members/", 302)]
    account = MemberAccount.objects.get(person_id=enrolled.person_id)
    assert account.user.username == "iris.i"
    assert Subject.objects.filter(kind="person", subject_id=enrolled.person_id).count() >= 2
    assert OutboxMail.objects.filter(key=f"account:{account.user_id}").exists(), (
        "the person is told at the address on file"
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({}, [(False, "mail"), (True, "1 Made-up Street")]),
        ({"email": ""}, [(True, "1 Made-up Street")]),
        ({"confidential_address": "Box 7"}, [(True, "Box 7")]),
    ],
)
def test_a_new_account_is_told_by_letter_too_since_others_may_read_the_mail_on_file(
    client: Client, enrolled: Enrollee, changes: dict[str, str], told: list[tuple[bool, str]]
) -> None:
    with scopes.entered(scopes.system("test")):
        Person.objects.filter(pk=enrolled.person_id).update(**changes)
    locate(client, "NGH 8842 0173 01")
    register(client, code_in_mail())
    notices = OutboxMail.objects.filter(subject="Your account is ready").order_by("id")
    assert [each.letter for each in notices] == [letter for letter, _ in told]
    assert all(where in each.postal_address for each, (letter, where) in zip(notices, told, strict=True) if letter)


@pytest.mark.parametrize(
    ("identifier", "changes"),
    [
        ("NGH 8842 0173 02", {}),
        ("NGH 8842 0173 01", {"birth_date": "4/29/1985"}),
        ("NGH 8842 0173 01", {"zip_code": "12208"}),
        ("900-55-4322", {}),
    ],
)
def test_a_miss_sends_nothing_and_looks_like_a_hit(
    client: Client, enrolled: Enrollee, identifier: str, changes: dict[str, str]
) -> None:
    hit = locate(Client(), "NGH 8842 0173 01")
    mails = OutboxMail.objects.count()
    assert locate(client, identifier, **changes) == hit
    ledger.expect("members.accounts.locate", by="nobody", outcome="failed")
    assert OutboxMail.objects.count() == mails
    assert b"does not fit" in register(client, "2222 2222").content


def test_a_registered_person_is_told_at_the_address_on_file_and_the_page_is_the_same(
    client: Client, enrolled: Enrollee
) -> None:
    hit = locate(Client(), "NGH 8842 0173 01")
    with scopes.entered(scopes.system("test")):
        people.member_user(Person.objects.get(pk=enrolled.person_id))
    assert locate(client, "NGH 8842 0173 01") == hit
    assert OutboxMail.objects.latest("id").subject == "You already have an account"
    assert b"does not fit" in register(client, "2222 2222").content


def test_five_wrong_codes_end_the_code(client: Client, enrolled: Enrollee) -> None:
    locate(client, "NGH 8842 0173 01")
    right = code_in_mail()
    for _ in range(5):
        assert b"does not fit" in register(client, "2222 2222").content
    assert b"does not fit" in register(client, right).content
    assert Event.objects.filter(action="members.accounts.register", kind="failure").count() == 6


def test_a_confidential_address_gets_a_letter_and_no_mail(client: Client, enrolled: Enrollee) -> None:
    with scopes.entered(scopes.system("test")):
        Person.objects.filter(pk=enrolled.person_id).update(confidential_address="Box 7\nTroy, NY 12180")
    locate(client, "NGH 8842 0173 01")
    letter = OutboxMail.objects.latest("id")
    assert (letter.letter, letter.to, letter.postal_address) == (True, "", "Box 7\nTroy, NY 12180")


def lend(mailbox: str, by: str, enrolled: Enrollee) -> None:
    """Let the e-mail on file be one that somebody else may read."""
    with scopes.entered(scopes.system("test")):
        if by == "the employer's contact":
            ClientRecord.objects.filter(pk=enrolled.client_id).update(contact_email=mailbox.upper())
        elif by == "a user of the employer":
            User.objects.filter(pk=people.employer_user(enrolled.client).pk).update(email=mailbox.upper())
        elif by == "a former user of the employer":
            user = people.employer_user(enrolled.client)
            User.objects.filter(pk=user.pk).update(email=mailbox)
            user.employer_places.update(ended_at=timezone.now())
        elif by == "a file of today":
            Person.objects.filter(pk=enrolled.person_id).update(email_changed_at=clock.now())
        else:
            at = enrolled.client if by == "a colleague" else people.client()
            same = by == "the family"
            person = people.person(email=mailbox.upper())
            contract = (
                enrolled.contract
                if same
                else Contract.objects.create(client=at, number="NGH88420181", sender_number="2", subscriber=person)
            )
            Enrollee.objects.create(
                client=contract.client,
                contract=contract,
                person=person,
                relationship="01" if same else "18",
                suffix="02",
                member_id=f"{contract.number}02",
                recorded_date="2026-12-01",
            )


@pytest.mark.parametrize(
    ("by", "letter"),
    [
        ("the employer's contact", True),
        ("a user of the employer", True),
        ("a former user of the employer", True),
        ("a colleague", True),
        ("a file of today", True),
        ("the family", False),
        ("somebody at another client", False),
    ],
)
def test_no_code_goes_into_a_mailbox_that_the_employer_may_read(
    client: Client, enrolled: Enrollee, by: str, letter: bool
) -> None:
    mailbox = enrolled.person.email
    lend(mailbox, by, enrolled)
    locate(client, "NGH 8842 0173 01")
    sent = OutboxMail.objects.latest("id")
    assert sent.subject == "Your activation code"
    assert (sent.letter, sent.to) == ((True, "") if letter else (False, mailbox))
    assert ("1 Made-up Street" in sent.postal_address) == letter


def queries(client: Client, url: str, data: dict[str, str]) -> int:
    """Statements that read or write: to take a savepoint back is one word more than to keep it."""
    with CaptureQueriesContext(connection) as captured:
        client.post(url, data)
    return sum("SAVEPOINT" not in query["sql"] for query in captured)


def test_every_answer_costs_the_same_work(enrolled: Enrollee) -> None:
    url = "/members/first-sign-in/"
    miss = {"identifier": "NGH 8842 0173 02", **RIGHT}
    hit = {"identifier": "NGH 8842 0173 01", **RIGHT}
    person = Person.objects.filter(pk=enrolled.person_id)
    found = [queries(Client(), url, miss), queries(Client(), url, hit)]
    lend(enrolled.person.email, "a colleague", enrolled)
    lend(enrolled.person.email, "a user of the employer", enrolled)
    found.append(queries(Client(), url, hit))
    for address in ("Box 7", "Box 7"):  # a letter, then a look while it is on its way
        with scopes.entered(scopes.system("test")):
            person.update(confidential_address=address)
        found.append(queries(Client(), url, hit))
    with scopes.entered(scopes.system("test")):
        people.member_user(person.get())
    found.append(queries(Client(), url, hit))
    assert len(set(found)) == 1, found


def test_a_wrong_code_costs_the_same_work_for_nobody_as_for_somebody(enrolled: Enrollee) -> None:
    found = []
    for identifier in ("NGH 8842 0173 02", "NGH 8842 0173 01"):
        client = Client()
        locate(client, identifier)
        found.append(queries(client, "/members/first-sign-in/code/", CODE | {"code": "2222 2222"}))
    assert found[0] == found[1]


def test_a_limit_reached_for_nobody_tells_nothing_of_others(enrolled: Enrollee) -> None:
    def answers(identifier: str) -> list[int]:
        client = Client()
        locate(client, identifier)
        url, data = "/members/first-sign-in/code/", CODE | {"code": "2222 2222"}
        return [client.post(url, data).status_code for _ in range(11)]

    expected = 10 * [200] + [429]
    assert [answers(f"NGH 8842 0173 0{number}") for number in (2, 3, 1)] == 3 * [expected]


def test_tries_count_by_the_number_however_it_is_typed(client: Client, enrolled: Enrollee) -> None:
    for spaces in range(10):
        locate(client, "900-55-4321" + " " * spaces + "-")
    url = "/members/first-sign-in/"
    assert client.post(url, {"identifier": "900 55 4321", **RIGHT}).status_code == 429


@pytest.mark.parametrize("field", ["username", "email"])
def test_what_is_taken_is_said_to_the_proven_person_only(client: Client, enrolled: Enrollee, field: str) -> None:
    with scopes.entered(scopes.system("test")):
        other = people.user()
    taken = {field: getattr(other, field)}
    locate(client, "NGH 8842 0173 01")
    right = code_in_mail()
    stranger = Client()
    locate(stranger, "NGH 8842 0173 02")
    probed = register(stranger, "2222 2222", **taken).content
    assert b"does not fit" in probed
    assert b"another" not in probed
    assert re.search(rb"taken|another account", register(client, right, **taken).content)
    assert register(client, right).redirect_chain == [("/members/", 302)], "the code is still good"


@pytest.mark.parametrize(("birth_date", "mails"), [(dt.date(2008, 12, 14), 1), (dt.date(2008, 12, 15), 0)])
def test_an_own_account_begins_with_the_18th_birthday(
    client: Client, enrolled: Enrollee, birth_date: dt.date, mails: int
) -> None:
    with scopes.entered(scopes.system("test")):
        PlanClock.objects.update_or_create(id=1, defaults={"business_date": dt.date(2026, 12, 14)})
        Person.objects.filter(pk=enrolled.person_id).update(birth_date=birth_date)
    hit = locate(Client(), "NGH 8842 0173 01", birth_date=f"{birth_date:%m/%d/%Y}")
    assert OutboxMail.objects.count() == mails
    assert hit == locate(client, "NGH 9999 9999 01"), "the page says the same"


def test_a_username_that_another_took_at_the_same_moment_is_said_and_the_code_stays_good(
    client: Client, enrolled: Enrollee
) -> None:
    locate(client, "NGH 8842 0173 01")
    code = code_in_mail()

    def rival() -> None:
        User.objects.bulk_create([User(username="IRIS.I", kind="work")])

    with races.just_before('INSERT INTO "portals_user"', rival):
        answer = register(client, code)
    assert "username" in answer.context["form"].errors
    assert register(client, code, username="iris.other").redirect_chain == [("/members/", 302)]


def registered(client: Client, **changes: str) -> User:
    locate(client, "NGH 8842 0173 01")
    register(client, code_in_mail(), **changes)
    return MemberAccount.objects.latest("id").user


def test_an_account_that_was_not_mine_is_closed_with_one_button_and_i_can_make_my_own(
    client: Client, enrolled: Enrollee
) -> None:
    thief = registered(client)
    assert client.get("/members/").status_code == 200
    letter = OutboxMail.objects.get(letter=True)
    token = re.search(r"type ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})", letter.body)
    assert token
    answer = Client().post("/not-me/", {"token": token.group(1)}, follow=True)
    assert b"It was not me" in answer.content
    assert b"The account is closed" in Client().post(answer.redirect_chain[-1][0]).content
    assert client.get("/members/").url.startswith("/sign-in/")
    assert people.sign_in(Client(), thief, password=CODE["password"]).headers["Location"] == "/sign-in/closed/"
    assert Subject.objects.filter(
        kind="person",
        subject_id=enrolled.person_id,
        event_id__in=Event.objects.filter(action="members.accounts.disown").values("id"),
    ).exists()

    own = Client()
    locate(own, "NGH 8842 0173 01")
    code = OutboxMail.objects.latest("id")
    assert code.letter, "somebody got at the first code, so this one comes by letter"
    answer = register(own, code_in_mail(), username="iris.herself", email="iris.herself@home.example")
    assert answer.redirect_chain == [("/members/", 302)]


@pytest.mark.parametrize("by", ["a user of the employer", "a colleague", "a file of today", ""])
def test_a_mailbox_that_the_employer_may_read_is_told_of_a_new_account_and_cannot_close_it(
    client: Client, enrolled: Enrollee, by: str
) -> None:
    if by:
        lend(enrolled.person.email, by, enrolled)
    registered(client)
    mail, letter = OutboxMail.objects.filter(subject="Your account is ready").order_by("letter")
    assert (mail.to, letter.letter) == (enrolled.person.email, True)
    token = re.search(r"type ([0-9A-Z-]{14})", letter.body)
    assert token
    assert (token.group(1) in mail.body, "/not-me/" in mail.body) == ((False, False) if by else (True, True))
    assert "ember services" in mail.body


def test_after_a_first_account_was_not_the_persons_own_the_second_ones_notice_opens_by_letter_only(
    client: Client, enrolled: Enrollee
) -> None:
    registered(client)
    token = re.search(r"type ([0-9A-Z-]{14})", OutboxMail.objects.get(letter=True).body)
    assert token
    Client().post(f"/not-me/{token.group(1)}/")
    registered(Client(), username="iris.herself", email="iris.herself@home.example")
    mail = OutboxMail.objects.filter(subject="Your account is ready", letter=False).latest("id")
    assert "/not-me/" not in mail.body


def test_a_code_of_a_letter_proves_no_e_mail_however_the_two_clocks_differ(client: Client, enrolled: Enrollee) -> None:
    lend(enrolled.person.email, "a file of today", enrolled)
    locate(client, "NGH 8842 0173 01")
    AccessCode.objects.update(created_at=F("created_at") + dt.timedelta(minutes=3))
    register(client, code_in_mail(), email=enrolled.person.email)
    assert MemberAccount.objects.get().user.email_proven_at is None


def test_one_code_does_not_ask_for_every_username_that_exists(client: Client, enrolled: Enrollee) -> None:
    with scopes.entered(scopes.system("test")):
        other = people.user()
    locate(client, "NGH 8842 0173 01")
    code = code_in_mail()
    url, taken = "/members/first-sign-in/code/", CODE | {"code": code, "username": other.username}
    assert [client.post(url, taken).status_code for _ in range(11)] == 10 * [200] + [429]
    Attempt.objects.update(at=timezone.now() - rate_limits.WINDOW)
    assert register(client, code).redirect_chain == [("/members/", 302)], "the code is still good a while later"


def test_an_e_mail_to_which_the_code_came_is_proven_and_another_one_is_not_yet(
    client: Client, enrolled: Enrollee
) -> None:
    user = registered(client, email=Person.objects.get(pk=enrolled.person_id).email)
    assert user.email_proven_at is not None
    assert b"not confirmed yet" not in client.get("/members/").content


def test_another_e_mail_is_proven_by_a_code_of_its_own(client: Client, enrolled: Enrollee) -> None:
    user = registered(client)
    assert user.email_proven_at is None
    assert b"not confirmed yet" in client.get("/members/").content, "the card is there all the same"
    client.get("/email/")
    client.post("/email/", {"code": people.code_in_mail(CODE["email"])})
    user.refresh_from_db()
    assert user.email_proven_at is not None


def test_an_account_of_a_person_is_one_at_a_time(enrolled: Enrollee) -> None:
    with scopes.entered(scopes.system("test")):
        person = Person.objects.get(pk=enrolled.person_id)
        people.member_user(person)
        with pytest.raises(IntegrityError), transaction.atomic():
            people.member_user(person)
