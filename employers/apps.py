"""The employers' application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class EmployersConfig(AppConfig):
    name = "employers"

    def ready(self) -> None:
        from billing.actions import runs
        from employers import access, door, ledger_labels, party, queries, tasks
        from employers.actions import full_lists, notices
        from employers.desk import request_kinds
        from employers.faq import portal as portal_faq
        from members.queries import mailboxes
        from portals import doors, jobs, parties
        from portals.help import faq

        access.register()
        request_kinds.register()
        jobs.register("billing.invoice_pdf", tasks.invoice_pdf, label=_("PDF of an invoice"))
        jobs.register(full_lists.JOB, tasks.full_list, failed=tasks.full_list_failed)
        runs.register_announcer(notices.announce_invoices)
        faq.register(*portal_faq.GROUPS)
        doors.register(door.DOOR)
        parties.register(party.PARTY)
        mailboxes.register(queries.holds_mailbox)
        ledger_labels.register()
