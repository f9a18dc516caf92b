"""What readers of the ledger are told of members and employers: words, names and places."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from portals.privacy.ledger import labels as ledger_labels
from portals.privacy.ledger import subjects as ledger_subjects

FIELDS: Final[Mapping[str, Any]] = {
    "person.name": _("Name"),
    "person.birth_date": _("Date of birth"),
    "person.sex": _("Sex"),
    "person.ssn_last_four": _("Last four digits of the Social Security number"),
    "person.address": _("Address"),
    "person.email": _("E-mail, in part"),
    "person.phone": _("Telephone, in part"),
    "member_id": _("Member ID"),
    "contract.number": _("Contract number"),
    "coverage": _("Coverage"),
    "coverage.tier": _("Tier"),
    "coverage.month": _("Month of coverage"),
    "enrollee.member_id": _("Member ID"),
    "enrollee.relationship": _("Relationship"),
    "enrollment.subscriber_number": _("Subscriber number of an enrollment file"),
    "client.name": _("Name of an employer"),
    "client.id": _("Client ID"),
    "opened.who": _("Who opened the record"),
    "accounting": _("Accounting of disclosures"),
    "disclosure.days": _("Days of a disclosure"),
    "disclosure.recipient": _("Who received a disclosure"),
    "disclosure.description": _("What was disclosed"),
    "disclosure.statement": _("Why it was disclosed"),
    "disclosure.request": _("Papers of a disclosure"),
}

ACTIONS: Final[Mapping[str, Any]] = {
    "members:request": _("Question to the plan"),
    "members:request_file": _("File of a question to the plan"),
    "members.disclosures.resolve": _("Member look-up for a disclosure"),
    "members.disclosures.record": _("Disclosed to somebody outside"),
    "members.disclosures.correct": _("Disclosure corrected"),
    "members.disclosures.void": _("Disclosure voided"),
    "members.disclosures.suspend": _("Accounting of a disclosure suspended"),
    "members.accountings.ask": _("Accounting of disclosures asked for"),
    "members.accountings.extend": _("Accounting of disclosures extended"),
    "members.accountings.withdraw": _("Request for an accounting withdrawn"),
    "members.accountings.letter": _("Accounting of disclosures written as a letter"),
    "members.accountings.deliver": _("Accounting of disclosures given"),
    "members.accountings.paper": _("Accounting of disclosures made as PDF"),
    "members.accounting_pdf": _("Accounting of disclosures made as PDF"),
    "members.lookups.search": _("Member look-up"),
    "members.accounts.locate": _("First sign-in: looked for a record"),
    "members.accounts.register": _("Member account made"),
    "members.accounts.disown": _("Member account ended by “this was not me”"),
    "members.change_coverage": _("Coverage changed"),
    "members.import_834": _("Enrollment file applied"),
    "members.decline_834": _("Enrollment file declined"),
    "members.decide_file": _("Enrollment file decided"),
    "members.clients.import": _("Employers loaded"),
    "members.products.import": _("Products loaded"),
    "members.managers.assign": _("Client managers assigned"),
}


def register() -> None:
    ledger_labels.register(fields=FIELDS, actions=ACTIONS)
    ledger_subjects.register_kind("enrollment_file", label=_("Enrollment file"))
