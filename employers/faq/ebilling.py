"""Questions that employers ask about invoices and payments, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.enums import Reader, Topic
from portals.help.faq import Group, Question

GROUPS = (
    Group(
        _("Invoices"),
        (
            Question(
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
            Question(
                "due-date",
                _("When is an invoice due?"),
                (
                    _(
                        "Most are due on the first of the month that they are for. Yours may have another day: each "
                        "invoice says it, and eBilling shows it beside the amount."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
            Question(
                "invoice-made",
                _("When is an invoice made?"),
                (
                    _(
                        "Before the month that it is for: the August invoice, due August 1, is made in July. The day "
                        "is either a number of days before the due date or the same day of every month, by your "
                        "state and as you agreed with us."
                    ),
                    _("eBilling says when the next one is made. To change the rule, ask client management."),
                ),
                owners=(Topic.BILLING_ENROLLMENT, Topic.CLIENT_MANAGEMENT),
            ),
            Question(
                "bill-accounts",
                _("Why do we have more than one bill account?"),
                (
                    _(
                        "Each makes an invoice of its own. Products may be billed apart, such as dental, vision or "
                        "COBRA, or places that pay for themselves, or whatever you asked to have separate. You can "
                        "still pay all of them at once."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
            Question(
                "separate-invoices",
                _("Can we get separate invoices?"),
                (
                    _(
                        "Yes: for a location, for COBRA, for dental or vision. Ask client management; each then has "
                        "a bill account and an invoice of its own."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
            ),
            Question(
                "ebilling-demo",
                _("Can somebody show us eBilling?"),
                (_("Yes. Ask client management for a demonstration; it can be before your first invoice."),),
                owners=(Topic.CLIENT_MANAGEMENT,),
            ),
        ),
        (Reader.EMPLOYER,),
    ),
    Group(
        _("Paying"),
        (
            Question(
                "pay-online",
                _("How do we pay online?"),
                (
                    _(
                        "In eBilling, from a business bank account, all at once or one invoice at a time. The first "
                        "time you accept the payment terms and enter the account; after that it is a button and a "
                        "check of the amount."
                    ),
                    _("You need a role that includes billing."),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
                links=((_("eBilling"), "employers:ebilling"),),
            ),
            Question(
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
            Question(
                "shows-next-invoice",
                _("Until when must we pay so that the next invoice shows it?"),
                (
                    _(
                        "Three business days before that invoice is made; weekends and bank holidays do not count. "
                        "eBilling names the day. A later payment is just as good: it shows on the invoice after."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
            Question(
                "payment-status",
                _("When does a payment show as paid?"),
                (
                    _(
                        "After two to three business days; the payment names the day on which to expect it. Until "
                        "then it is processing, and what it pays cannot be paid a second time."
                    ),
                    _("It counts as on time by the day on which you pressed the button, unless the bank returns it."),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
                links=((_("Payments"), "employers:ebilling_payments"),),
            ),
            Question(
                "grace",
                _("What if we pay late?"),
                (
                    _(
                        "After the due date a grace period runs: 30 days, unless your state or contract says "
                        "otherwise. Coverage goes on in it, and eBilling names its last day."
                    ),
                    _("What is still open after that day can end coverage. If you cannot pay in time, call before it."),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
            Question(
                "payment-terms",
                _("Who has to accept the payment terms?"),
                (
                    _(
                        "Everybody who pays online, each for themselves and once for each employer. They are asked "
                        "for before the first payment, and again only if the text changes."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
                links=((_("Payment terms"), "employers:ebilling_terms"),),
            ),
            Question(
                "producer-terms-and-us",
                _("Does it matter to us whether our producer accepts the payment terms?"),
                (
                    _(
                        "No. Your producer answers for itself alone: you pay as before, whether it accepts or not. "
                        "Nor can it pay for you unless you share a bank account with it."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
        ),
        (Reader.EMPLOYER,),
    ),
)
