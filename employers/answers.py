"""Questions that employers ask, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.answers import Answer, Group
from portals.enums import Reader, Topic

GROUPS = (
    Group(
        _("Access"),
        (
            Answer(
                "employer-access",
                _("How do we get access to this website?"),
                (
                    _(
                        "Each client's first person gets a separate e-mail with the steps. It comes around the time "
                        "you move here; nobody else needs to ask for it. That person then decides who else comes in."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
            ),
            Answer(
                "employer-technical",
                _("Whom do I call when a page does not work or my password fails?"),
                (
                    _(
                        "Try the code for a forgotten password first; it needs nobody. For everything technical that "
                        "it does not solve, call website help."
                    ),
                ),
                owners=(Topic.PORTAL,),
                links=((_("Get a code"), "door:forgotten"),),
            ),
        ),
        (Reader.EMPLOYER,),
    ),
    Group(
        _("Bills and payments"),
        (
            Answer(
                "no-ebilling",
                _("Why do I not see eBilling?"),
                (
                    _(
                        "It opens by itself when the invoice of your first month is made: before that there is "
                        "nothing to pay. The overview says about when that is."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
            Answer(
                "autopay-move",
                _("Does autopay from our previous account go on?"),
                (
                    _(
                        "No. It ended with that account, and nothing is drawn until you set up a payment here. Until "
                        "then pay each invoice in eBilling, or mail a check."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
            Answer(
                "mail-check",
                _("Can we pay by mail?"),
                (
                    _(
                        "Yes. Write the number of the invoice on the check and mail it to: %(check_address)s. A check"
                        " counts on the day on which our bank receives it."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
        ),
        (Reader.EMPLOYER,),
    ),
    Group(
        _("Whom to ask for what"),
        (
            Answer(
                "billing-enrollment-questions",
                _("Whom do I ask about a bill or an enrollment?"),
                (
                    _(
                        "Billing and enrollment has people of its own for both: an amount, a payment, somebody who is"
                        " missing from a bill or still on it."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
            Answer(
                "plan-questions",
                _("Whom do I ask about our plans and benefits?"),
                (
                    _(
                        "The overview shows your groups and what each is offered. For what it does not say, ask your "
                        "client manager."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
            ),
            Answer(
                "employee-list",
                _("Where do I get a list of all our covered employees?"),
                (
                    _(
                        "Client management makes it for you. It names people, so it goes to the client itself, as a "
                        "rule to nobody outside of it: not to your producer either."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
                links=((_("Ask for it"), "employers:requests"),),
            ),
            Answer(
                "producer-deeds",
                _("What did our producer do here, and how does its access end?"),
                (
                    _(
                        "Each time it logged in as you stands under Your producer, with what was looked at, exported "
                        "and paid. An administrator of yours can ask there that the access ends."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
                links=((_("Your producer"), "employers:producers"),),
            ),
        ),
        (Reader.EMPLOYER,),
    ),
)
