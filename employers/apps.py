"""The employers' application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EmployersConfig(AppConfig):
    name = "employers"

    def ready(self) -> None:
        from billing.actions import runs
        from employers import access, door, ledger_labels, queries, tasks
        from employers.actions import full_lists, notices, reviews, users
        from employers.desk import request_kinds
        from employers.faq import portal as portal_faq
        from members.queries import mailboxes
        from portals import doors, jobs
        from portals.access_reviews import kinds as review_kinds
        from portals.desk import mail as desk_mail
        from portals.enums import ReviewKind
        from portals.help import faq
        from portals.invitations import kinds as invitation_kinds

        access.register()
        request_kinds.register()
        desk_mail.register_page("client", "employers:request")
        jobs.register("billing.invoice_pdf", tasks.invoice_pdf, label=_("PDF of an invoice"))
        jobs.register(full_lists.JOB, tasks.full_list, failed=tasks.full_list_failed)
        runs.register_announcer(notices.announce_invoices)
        faq.register(*portal_faq.GROUPS)
        doors.register(door.DOOR)
        mailboxes.register(queries.holds_mailbox)
        invitation_kinds.register(users.KIND, users.INVITATIONS)
        ledger_labels.register()
        review_kinds.register(ReviewKind.EMPLOYER, reviews.REVIEWED)
