"""What an employer's users may do, by role, and what a producer may do while acting as the employer (table F9)."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from employers.enums import EmployerRole
from portals import permissions
from portals.access import Own


class Employer(StrEnum):
    SEE_CLIENT = "employer.see_client"  # the client's groups, packages and contacts: no person in it
    SEE_BILLING = "employer.see_billing"  # invoices as page and PDF, with names
    EXPORT_LINES = "employer.export_lines"  # invoice lines as CSV: a list of people
    PAY = "employer.pay"  # pay invoices from a bank account on file
    MANAGE_BANK = "employer.manage_bank"  # type, share and end bank accounts
    SEE_MANAGERS = "employer.see_managers"  # who manages access here
    MANAGE_USERS = "employer.manage_users"  # see, invite and remove the employer's own people
    SEE_PRODUCERS = "employer.see_producers"  # which agencies work for the employer, and what they did here
    SEE_LOOKS = "employer.see_looks"  # who of the plan and of its producers looked at its enrollment and billing
    END_PRODUCER = "employer.end_producer"  # ask the plan to end an agency's access
    SEE_DOCUMENTS = "employer.see_documents"  # what the plan made for the employer: lists of people among it
    ASK_FULL_LIST = "employer.ask_full_list"  # ask for the list of everybody covered
    ASK_INVOICES = "employer.ask_invoices"  # ask for separate invoices


_ADMINISTRATORS_ONLY = frozenset(
    {Employer.MANAGE_USERS, Employer.END_PRODUCER, Employer.SEE_DOCUMENTS, Employer.ASK_FULL_LIST}
)
ROLE_PERMISSIONS: dict[str, frozenset[str]] = {
    EmployerRole.ADMINISTRATOR: frozenset({*Employer, Own.ASK}),
    EmployerRole.BILLING: frozenset({*Employer, Own.ASK}) - _ADMINISTRATORS_ONLY,
    EmployerRole.ENROLLMENT: frozenset(
        {Employer.SEE_CLIENT, Employer.SEE_MANAGERS, Employer.SEE_PRODUCERS, Employer.SEE_LOOKS, Own.ASK}
    ),
}

# Gates that are no permission
FIRST_INVOICE = "employer.first_invoice"
NO_SHARED_ACCOUNT = "employer.no_shared_account"

# Never a list of people, never a bank number (rulings 11, F9).
ACTING_PERMISSIONS = frozenset({Employer.SEE_CLIENT, Employer.SEE_BILLING, Employer.PAY})


def register() -> None:
    for permission in Employer:
        permissions.declare(permission)
    for permission, reason in {
        Employer.SEE_BILLING: _("Your role does not include eBilling."),
        Employer.PAY: _("Your role does not include paying."),
        Employer.MANAGE_USERS: _("Only an administrator of the employer invites and removes people."),
    }.items():
        permissions.describe_gate(
            f"permission:{permission}",
            reason=reason,
            opener=_("The employer's administrator decides what each person may do."),
        )
    for permission, reason in {
        Employer.EXPORT_LINES: _("A file of people is for the employer's own users only."),
        Employer.MANAGE_BANK: _("Bank accounts are entered by the employer's own users only."),
        Employer.SEE_MANAGERS: _("The employer's users are managed by its own people only."),
        Employer.SEE_PRODUCERS: _("What a producer did here is for the employer's own users only."),
        Employer.SEE_LOOKS: _("Who looked at the employer's records is for its own users only."),
        Employer.SEE_DOCUMENTS: _("The plan's documents for the employer are for its own administrators only."),
    }.items():
        permissions.describe_gate(
            f"permission:{permission}",
            reason=reason,
            opener=_("They can where their role includes it. Nobody can who works for the employer from outside."),
            owner="client-management",
        )
    permissions.describe_gate(
        FIRST_INVOICE,
        reason=_("eBilling opens when your first invoice is made."),
        opener=_("Nothing needs to be done: it opens by itself on that day. The overview says when that is."),
    )
    permissions.describe_gate(
        NO_SHARED_ACCOUNT,
        reason=_("No bank account is shared with you for this employer."),
        opener=_(
            "The employer's own users enter bank accounts and can share one with their producer. "
            "You never see or type the numbers."
        ),
    )
