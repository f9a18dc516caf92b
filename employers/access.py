"""What an employer's users may do, by role, and what a producer may do while acting as the employer (table F9)."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from employers.enums import EmployerRole
from employers.models import EmployerUser
from members.queries import clients
from portals import acting, permissions
from portals.access import Own
from portals.permissions import UNLISTED, Permission
from portals.scope import PartyRef, Portal, Standing
from portals.scope import register as register_standings

_ADMINISTRATOR = _("The employer's administrator decides what each person may do.")
_OWN_USERS = _("They can where their role includes it. Nobody can who works for the employer from outside.")


class Employer(Permission):
    # groups, packages and contacts: no person in it
    SEE_CLIENT = ("employer.see_client", _("See the employer's groups and packages"))
    SEE_BILLING = (
        "employer.see_billing",
        _("See invoices, with names"),
        _("Your role does not include eBilling."),
        _ADMINISTRATOR,
    )
    # a list of people
    EXPORT_LINES = (
        "employer.export_lines",
        _("Download invoice lines"),
        _("A file of people is for the employer's own users only."),
        _OWN_USERS,
        "client-management",
    )
    # from a bank account on file
    PAY = ("employer.pay", _("Pay invoices"), _("Your role does not include paying."), _ADMINISTRATOR)
    MANAGE_BANK = (
        "employer.manage_bank",
        _("Enter, share and end bank accounts"),
        _("Bank accounts are entered by the employer's own users only."),
        _OWN_USERS,
        "client-management",
    )
    SEE_MANAGERS = (
        "employer.see_managers",
        _("See who manages access"),
        _("The employer's users are managed by its own people only."),
        _OWN_USERS,
        "client-management",
    )
    MANAGE_USERS = (
        "employer.manage_users",
        _("Invite and remove the employer's people"),
        _("Only an administrator of the employer invites and removes people."),
        _ADMINISTRATOR,
    )
    # which agencies work for the employer, and what they did here
    SEE_PRODUCERS = (
        "employer.see_producers",
        UNLISTED,
        _("What a producer did here is for the employer's own users only."),
        _OWN_USERS,
        "client-management",
    )
    # who of the plan and of its producers looked at its enrollment and billing
    SEE_LOOKS = (
        "employer.see_looks",
        UNLISTED,
        _("Who looked at the employer's records is for its own users only."),
        _OWN_USERS,
        "client-management",
    )
    END_PRODUCER = "employer.end_producer"  # ask the plan to end an agency's access
    # what the plan made for the employer: lists of people among it
    SEE_DOCUMENTS = (
        "employer.see_documents",
        UNLISTED,
        _("The plan's documents for the employer are for its own administrators only."),
        _OWN_USERS,
        "client-management",
    )
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


def standings(user_id: int) -> list[Standing]:
    places = list(EmployerUser.objects.filter(user_id=user_id, ended_at=None).order_by("-id"))
    names = clients.named([place.client_id for place in places]) if places else {}
    return [
        Standing(
            Portal.EMPLOYER,
            PartyRef("client", place.client_id),
            names[place.client_id].name,
            ROLE_PERMISSIONS[place.role],
        )
        for place in places
    ]


def describe(client_pk: int) -> acting.ActedParty:
    row = clients.named([client_pk])[client_pk]
    return acting.ActedParty(name=row.name, number=row.client_id)


def register() -> None:
    permissions.declare(Employer)
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
    register_standings(Portal.EMPLOYER, standings)
    acting.register_party("client", portal=Portal.EMPLOYER, permissions=ACTING_PERMISSIONS, describe=describe)
