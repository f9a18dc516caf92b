"""The employers' application."""

from django.apps import AppConfig


class EmployersConfig(AppConfig):
    name = "employers"

    def ready(self) -> None:
        from billing.actions import runs
        from employers import access, navigation, queries, tasks
        from employers import ledger_labels as ledger_telling
        from employers import places as explaining
        from employers.actions import full_lists, notices, reviews, users
        from employers.desk import request_forms as asking
        from employers.desk import request_kinds as desk_kinds
        from employers.faq import portal as own_answers
        from members.queries import mailboxes
        from members.queries import regions as client_regions
        from portals import context, jobs
        from portals.access_reviews import kinds as review_kinds
        from portals.desk import mail as desk_mail
        from portals.enums import ReviewKind
        from portals.explain_access import queries as explain
        from portals.help import faq as answers
        from portals.invitations import kinds as invitation_kinds
        from portals.plan import regions
        from portals.privacy.alerts import ledger_sql as alerts_found
        from portals.scope import Portal
        from portals.sign_in_help import actions as sign_in_help

        access.register()
        alerts_found.register_places("employer", "SELECT user_id, started_at, ended_at FROM employers_employeruser")
        desk_kinds.register()
        asking.register()
        desk_mail.register_page("client", "employers:request")
        jobs.register("billing.invoice_pdf", tasks.invoice_pdf)
        jobs.register(full_lists.JOB, tasks.full_list, failed=tasks.full_list_failed)
        runs.register_announcer(notices.announce_invoices)
        answers.register(*own_answers.GROUPS)
        context.register_navigation(Portal.EMPLOYER, navigation.entries)
        mailboxes.register(queries.holds_mailbox)
        regions.register(Portal.EMPLOYER, client_regions.of_client)
        invitation_kinds.register(users.KIND, users.INVITATIONS)
        ledger_telling.register()
        explain.register(Portal.EMPLOYER, explaining.places)
        review_kinds.register(ReviewKind.EMPLOYER, reviews.REVIEWED)
        sign_in_help.register_manager(Portal.EMPLOYER, queries.managed_by)
