"""Questions and answers of the help pages: data in one place for each app, registered from above like navigation.

An answer names its owner by a topic of the help directory, whose telephone and open hours stand beside it; or, where
the plan cannot help, the person elsewhere who can.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from portals.enums import Reader, Topic
from portals.help import directory as help_directory
from portals.help.directory import Contact
from portals.plan.brand import brand


@dataclass(frozen=True, slots=True)
class Question:
    """`text` is a paragraph each, and may name facts of the plan: %(name)s, %(website)s, %(check_address)s."""

    slug: str  # where a link jumps: never changed once published
    question: Any
    text: tuple[Any, ...]
    owners: tuple[Topic, ...] = ()
    person: Any = ""  # who else answers, e.g. the reader's office manager
    links: tuple[tuple[Any, str], ...] = ()  # words and URL name
    region: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """`readers`: for whom it is; everybody where empty."""

    label: Any
    answers: tuple[Question, ...]
    readers: tuple[Reader, ...] = ()


_groups: list[Group] = []


def register(*groups: Group) -> None:
    _groups.extend(groups)


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    answer: Question
    text: list[str]
    contacts: list[Contact]


@dataclass(frozen=True, slots=True)
class ShownGroup:
    label: Any
    answers: list[ShownQuestion]


@dataclass(frozen=True, slots=True)
class HelpPage:
    """What a help page shows: whom to call, and the answers that have all of the words asked for."""

    reader: str
    query: str
    groups: list[ShownGroup]
    contacts: list[Contact]

    @property
    def count(self) -> int:
        return sum(len(group.answers) for group in self.groups)

    @property
    def unfolded(self) -> bool:
        """A handful that was searched for stands open."""
        return bool(self.query) and self.count <= 3


def help_page(*, reader: str, region: str = "", query: str = "", as_of: dt.date) -> HelpPage:
    """The answers for this reader and region. One query, whatever their number."""
    directory = help_directory.by_topic(reader, region, as_of)
    facts = _facts(region)
    words = _folded(query).split()
    groups = []
    for group in _groups:
        if group.readers and reader not in group.readers:
            continue
        shown = [
            each
            for answer in group.answers
            if answer.region in ("", region)
            for each in [_shown(answer, directory, facts)]
            if _has(each, group, words)
        ]
        if shown:
            groups.append(ShownGroup(group.label, shown))
    contacts = list({(row.owner, row.phone): row for row in directory.values()}.values())
    return HelpPage(reader, query, groups, contacts)


def by_slug(slugs: Iterable[str], *, reader: str, as_of: dt.date) -> list[ShownQuestion]:
    """These answers as this reader sees them, in this order, for whoever reads them out. One query."""
    directory = help_directory.by_topic(reader, "", as_of)
    known = {
        answer.slug: answer
        for group in _groups
        if not group.readers or reader in group.readers
        for answer in group.answers
    }
    facts = _facts("")
    return [_shown(known[slug], directory, facts) for slug in slugs]


def _facts(region: str) -> dict[str, str]:
    """Facts of the plan that answers may name."""
    facts = brand(region)
    return {name: facts[name] for name in ("name", "website")} | {"check_address": ", ".join(facts["check_address"])}


def _shown(answer: Question, directory: dict[str, Contact], facts: dict[str, str]) -> ShownQuestion:
    listed = [directory[topic.value] for topic in answer.owners if topic.value in directory]
    return ShownQuestion(answer, [str(part) % facts for part in answer.text], listed)


def _has(shown: ShownQuestion, group: Group, words: Iterable[str]) -> bool:
    parts = [group.label, shown.answer.question, shown.answer.person, *shown.text, *(c.owner for c in shown.contacts)]
    text = _folded(" ".join(map(str, parts)))
    return all(word in text for word in words)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


SIGNING_IN = Group(
    _("Signing in"),
    (
        Question(
            "forgotten-password",
            _("I forgot my password or my username."),
            (
                _(
                    "Ask for a code on the sign-in page: we mail it to the address of your account, and with it you "
                    "choose a new password. The same page tells you your username."
                ),
                _(
                    "If no code comes, or the address is no longer yours, call: we check who you are and help you "
                    "back in."
                ),
            ),
            owners=(Topic.PORTAL,),
            links=((_("Get a code"), "door:forgotten"),),
        ),
        Question(
            "where-is-my-code",
            _("Where is my code?"),
            (
                _(
                    "A code by e-mail arrives within a minute or two. Look in the folder for unwanted mail, and use "
                    "the newest one: each new code ends the one before."
                ),
                _(
                    "The first activation code of a member goes to the e-mail or postal address that we have on file."
                    " By mail it takes several days and is good for 30 days."
                ),
            ),
            owners=(Topic.PORTAL,),
        ),
        Question(
            "lost-second-step",
            _("I lost my telephone, or my second step no longer works."),
            (
                _(
                    "On the page that asks for it, choose another way: a different device, a code by e-mail if you "
                    "set it up, or one of the recovery codes that you printed."
                ),
                _(
                    "With none of them left, call. We check who you are first, and your username and everything else "
                    "stay as they were."
                ),
            ),
            owners=(Topic.PORTAL,),
        ),
        Question(
            "old-login",
            _("My username of the previous website does not work."),
            (
                _(
                    "Usernames and passwords did not move to this website. Everybody starts here once and chooses "
                    "their own; nothing else about your coverage or your business changes by it."
                ),
            ),
            owners=(Topic.PORTAL,),
            links=((_("Sign in"), "door:sign_in"), (_("Members: start with your ID card"), "members:first_sign_in")),
        ),
        Question(
            "username-taken",
            _("The username that I want is taken."),
            (
                _(
                    "Usernames are unique over the whole website, in capitals or small letters alike. Add a number or"
                    " a second word, or use your e-mail address."
                ),
            ),
            owners=(Topic.PORTAL,),
        ),
        Question(
            "plus-address",
            _("My e-mail address is already used by another account."),
            (
                _(
                    "Each account needs an e-mail address of its own, also where one person has several accounts. "
                    "Many mail systems deliver name+tag@mail.example to the mailbox name@mail.example: choose any "
                    "tag, and the address counts as a new one."
                ),
                _(
                    "Ask whoever looks after your e-mail whether such addresses work, or send yourself a mail to one,"
                    " before you register with it."
                ),
            ),
            owners=(Topic.PORTAL,),
            links=((_("Try whether such an address works"), "door:test_mail"),),
        ),
    ),
)
