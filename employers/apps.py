"""The employers' application."""

from django.apps import AppConfig


class EmployersConfig(AppConfig):
    name = "employers"

    def ready(self) -> None:
        from billing.actions import runs
        from employers import access, asking, desk_kinds, explaining, ledger_telling, navigation, queries, tasks
        from employers import answers as own_answers
        from employers.actions import full_lists, notices, reviews, users
        from members.queries import mailboxes
        from members.queries import regions as client_regions
        from portals import (
            access_reviews,
            alerts_found,
            answers,
            context,
            desk_mail,
            explain,
            invitations,
            jobs,
            regions,
            sign_in_help,
        )
        from portals.enums import ReviewKind
        from portals.scope import Portal

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
        invitations.register(users.KIND, users.INVITATIONS)
        ledger_telling.register()
        explain.register(Portal.EMPLOYER, explaining.places)
        access_reviews.register(ReviewKind.EMPLOYER, reviews.REVIEWED)
        sign_in_help.register_manager(Portal.EMPLOYER, queries.managed_by)
