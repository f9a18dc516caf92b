"""The members' application: enrollment records and the member portal."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        from django.urls import reverse
        from django.utils.translation import gettext_lazy as _

        from members import access, tasks
        from members import ledger_labels as ledger_telling
        from members import places as explaining
        from members.accountings import actions as accountings
        from members.cards import views as home
        from members.enrollment import actions as files_834
        from members.enrollment.apply.stage import SENDER
        from members.faq import account as own_answers
        from members.first_sign_in import actions as accounts
        from members.models import Contract, Person
        from members.queries import alerts as alert_rules
        from members.queries import regions as own_regions
        from members.who_opened import request_kinds as desk_kinds
        from portals import context, jobs, rotation
        from portals.desk import kinds as request_kinds
        from portals.enums import Team
        from portals.explain_access import queries as explain
        from portals.help import faq as answers
        from portals.login import notices
        from portals.plan import regions
        from portals.privacy.alerts import ledger_sql as alerts_found
        from portals.privacy.alerts import rule_settings
        from portals.scope import Portal

        access.register()
        notices.register_disowner(accounts.disown)
        answers.register(*own_answers.GROUPS)
        context.register_navigation(Portal.MEMBER, home.navigation)
        ledger_telling.register()
        desk_kinds.register()
        rule_settings.register(*alert_rules.RULES)
        alerts_found.register_places(
            "member", "SELECT user_id, created_at, disowned_at AS ended_at FROM members_memberaccount"
        )
        regions.register(Portal.MEMBER, own_regions.of_member)
        request_kinds.register(
            files_834.DESK_KIND,
            request_kinds.Kind(
                Team.ENROLLMENT,
                _("Full enrollment file waits"),
                url=lambda row: reverse("enrollment:file", args=[row.detail["file"]]),
                own_end=True,
            ),
        )
        request_kinds.register(
            accountings.DESK_KIND,
            request_kinds.Kind(
                Team.PRIVACY,
                _("Accounting of disclosures"),
                url=lambda row: reverse("disclosures:accounting", args=[row.detail["accounting"]]),
                facts=lambda row: [],
                own_end=True,
            ),
        )
        jobs.register(tasks.DECIDE, tasks.decide_file)
        jobs.register(accountings.PDF, tasks.accounting_pdf)
        for column in (
            rotation.Encrypted(Person, "ssn_cipher", index="ssn_index", purpose="ssn", lock=files_834.LOCK),
            rotation.Encrypted(Contract, "sender_cipher", index="sender_number", purpose=SENDER, lock=files_834.LOCK),
        ):
            rotation.register(column)
        explain.register(Portal.MEMBER, explaining.places)
