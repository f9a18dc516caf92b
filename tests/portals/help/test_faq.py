"""The answers, held against the promises: whatever a person could ask about one is answered, by someone to call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from portals.demo.plan import CONTACTS
from portals.enums import Reader
from portals.help import faq
from portals.help.faq import Group, Question
from tests.plugin import known_promises

# Each promise and the answers to what is asked about it.
ANSWERED = {
    "M1": "new-card",
    "M2": "first-sign-in",
    "M3": "first-sign-in",
    "M4": "old-login",
    "M5": "name-cut",
    "M6": "card-network",
    "M7": "same-doctors",
    "M8": "card-on-telephone",
    "M9": "regional-site",
    "M10": "mail-order",
    "M11": "mail-order-account",
    "M12": "specialty",
    "M13": "specialty-account",
    "M14": "covered-drugs",
    "M15": "drug-changes",
    "W1": "wellness-new-card",
    "W2": "wellness-second-card",
    "W3": "wellness-arrival",
    "W4": "wellness-arrival",
    "W5": "wellness-activate",
    "W6": "wellness-activate",
    "W7": "wellness-activate",
    "W8": "wellness-pin",
    "W9": "wellness-refused",
    "W10": "wellness-not-paid",
    "W11": "wellness-one-card",
    "W12": "wellness-which-account",
    "W13": "wellness-one-card",
    "W14": "wellness-card",
    "W15": "wellness-guide",
    "E1": "employer-what-here",
    "E2": "client-id",
    "E3": "employer-access",
    "E4": "no-ebilling",
    "E5": "autopay-move",
    "E6": "pay-online",
    "E7": "mail-check",
    "E8": "change-before-move",
    "E9": "billing-enrollment-questions plan-questions",
    "E10": "employer-technical forgotten-password",
    "E11": "separate-invoices",
    "E12": "employee-list",
    "E13": "ebilling-demo",
    "E14": "producer-terms-and-us",
    "B1": "due-date",
    "B2": "invoice-made",
    "B3": "invoice-made",
    "B4": "grace",
    "B5": "shows-next-invoice",
    "B6": "payment-status",
    "B7": "bill-accounts",
    "B8": "payment-terms",
    "B9": "no-ebilling",
    "P1": "producer-what-here",
    "P2": "producer-request-form producer-access",
    "P3": "producer-login-id",
    "P4": "producer-ga-administrator",
    "P5": "producer-statements",
    "P6": "producer-access",
    "P7": "producer-renewals",
    "P8": "producer-quotes",
    "P9": "producer-usual-entitlements",
    "P10": "producer-usual-entitlements",
    "P11": "producer-new-client",
    "P12": "producer-support",
    "P13": "producer-employee-list",
    "P14": "producer-two-logins",
    "P15": "producer-one-step",
    "P16": "producer-moved-clients",
    "P17": "producer-client-id",
    "P18": "producer-log-in-as",
    "P19": "producer-small-group",
    "P20": "producer-lost-client",
    "P21": "producer-terms",
    "G1": "when-we-move",
    "G2": "which-system producer-not-moved",
    "G3": "which-system producer-not-moved",
    "G4": "new-card old-login autopay-move mail-order-account specialty-account",
    "G5": "producer-moved-clients",
    "G6": "change-before-move",
    "V1": "own-username",
    "V2": "own-username",
    "V3": "help-desk-username",
    "V4": "first-to-register",
    "V5": "participating-medical",
    "V6": "non-participating-medical",
    "V7": "dental-register",
    "V8": "dental-letter dental-letter-lost",
    "V9": "dental-no-claim",
    "V10": "dental-no-claim",
    "V11": "dental-claims",
    "V12": "forgotten-password",
    "V13": "plus-address",
    "V14": "provider-lost-access",
    "V15": "staff-account",
    "V16": "own-username staff-account",
    "V17": "authorize-manager",
    "V18": "who-may-add",
    "V19": "staff-account who-may-add",
    "V20": "check-access",
    "V21": "cannot-remove",
    "V22": "dental-letter",
    "V23": "shared-manager",
    "V24": "who-manages",
    "V25": "manager-leaves",
    "V26": "staff-account who-may-add",
    "V27": "own-username check-access",
    "V28": "dental-guide",
    "V29": "medical-identifiers dental-letter",
    "X3": "who-looked",
}
# Those about which nobody asks, and why.
NO_QUESTION = {
    "X1": "the telephones and hours stand beside every page of answers",
    "X2": "it is about the answers themselves",
    "X4": "the days are named where each is promised: W3, B5, B6",
    "X5": "how the product keeps its rules; a person asks for the day or the state of one of them",
    "X6": "announcements come to the reader unasked",
}
ASKED_BY = {"M": "member", "W": "member", "E": "employer", "B": "employer", "P": "producer", "V": "provider"}


def all_answers() -> Iterator[tuple[Group, Question]]:
    for group in faq._groups:
        for answer in group.answers:
            yield group, answer


def readers(group: Group) -> tuple[str, ...]:
    """Everybody includes whoever has not said who they are."""
    return tuple(group.readers) or ("", *Reader.values)


def test_what_is_asked_about_each_promise_is_answered_to_whoever_asks() -> None:
    assert {*ANSWERED, *NO_QUESTION} == known_promises().keys()
    assert not ANSWERED.keys() & NO_QUESTION.keys()
    shown_to = {answer.slug: readers(group) for group, answer in all_answers()}
    for need, slugs in ANSWERED.items():
        assert slugs.split(), need
        for slug in slugs.split():
            assert slug in shown_to, f"{need}: no answer {slug}"
            reader = ASKED_BY.get(need[0])
            assert reader is None or reader in shown_to[slug], f"{need}: {slug} is not shown to the {reader}"


def test_every_owner_of_an_answer_stands_in_the_directory_of_each_of_its_readers() -> None:
    known = {(entry.get("audience", ""), entry["topic"]) for entry in CONTACTS if not entry.get("region")}
    missing = [
        (answer.slug, topic.value, reader)
        for group, answer in all_answers()
        for reader in readers(group)
        for topic in answer.owners
        if not {(reader, topic.value), ("", topic.value)} & known
    ]
    assert missing == []


def test_telephones_and_companies_stand_in_the_directory_and_never_in_an_answer() -> None:
    companies = {str(entry["owner"]).split(" (")[0] for entry in CONTACTS if " (" in entry["owner"]}
    assert companies
    for _group, answer in all_answers():
        parts: list[Any] = [answer.question, answer.person, *answer.text]
        text = " ".join(map(str, parts))
        assert not re.search(r"\d{3}[-) .]*\d{3}[- .]*\d{4}", text), f"{answer.slug} holds a telephone number"
        assert [name for name in companies if name in text] == [], answer.slug
