"""The members' application: enrollment records and the member portal."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        from members import access, door, ledger_labels, party, tasks
        from members.accountings import actions as accountings
        from members.desk import request_kinds
        from members.desk.navigation import PAGES
        from members.enrollment import actions as enrollment_actions
        from members.enrollment.apply.stage import SENDER
        from members.faq import account as account_faq
        from members.first_sign_in import actions as first_sign_in
        from members.models import Contract, Person
        from members.queries import alerts as alert_rules
        from portals import doors, jobs, parties, rotation
        from portals.desk import navigation as desk_navigation
        from portals.enums import Team
        from portals.help import faq
        from portals.login import notices
        from portals.privacy.alerts import rule_settings

        desk_navigation.register(*PAGES)
        access.register()
        notices.register_disowner(first_sign_in.disown)
        faq.register(*account_faq.GROUPS)
        doors.register(door.DOOR)
        parties.register(party.PARTY)
        ledger_labels.register()
        request_kinds.register()
        rule_settings.register(*alert_rules.RULES)
        jobs.register(tasks.DECIDE, tasks.decide_file, label=_("Decision on an enrollment file"), team=Team.ENROLLMENT)
        jobs.register(
            accountings.PDF, tasks.accounting_pdf, label=_("Accounting of disclosures as PDF"), team=Team.PRIVACY
        )
        for column in (
            rotation.Encrypted(Person, "ssn_cipher", index="ssn_index", purpose="ssn", lock=enrollment_actions.LOCK),
            rotation.Encrypted(
                Contract, "sender_cipher", index="sender_number", purpose=SENDER, lock=enrollment_actions.LOCK
            ),
        ):
            rotation.register(column)
