"""Questions that employers ask, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from employers.faq import ebilling as ebilling_faq
from portals.enums import Reader, Topic
from portals.help.faq import Group, Question

_WHOM = (
    Group(
        _("Whom to ask for what"),
        (
            Question(
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
            Question(
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
            Question(
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
            Question(
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
            Question(
                "who-looked-employer",
                _("Who at the plan looks at our records?"),
                (
                    _(
                        "Who looked lists everybody of the plan and of your producer who looked at your enrollment or "
                        "billing, with the hour and how many people it showed. What your people and their doctors do "
                        "with the plan is their own business and is not listed."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
                links=((_("Who looked at our records"), "employers:opened"),),
            ),
        ),
        (Reader.EMPLOYER,),
    ),
)

GROUPS = (
    Group(
        _("This website, and access to it"),
        (
            Question(
                "employer-what-here",
                _("What can we do on this website?"),
                (
                    _(
                        "See your groups and the plans that each is offered, read and pay your invoices, and decide "
                        "who of your people comes in. What each of them sees goes by their role."
                    ),
                    _(
                        "An employee finds the ID card by signing in as a member. For a printed one on your behalf, "
                        "ask billing and enrollment."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT, Topic.BILLING_ENROLLMENT),
                links=((_("Overview"), "employers:home"),),
            ),
            Question(
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
            Question(
                "client-id",
                _("Where do I find our Client ID and group numbers?"),
                (
                    _(
                        "Both stand on the overview: the Client ID below your name, each group number beside the "
                        "plans that it is offered. Have the Client ID at hand when you call."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
                links=((_("Overview"), "employers:home"),),
            ),
            Question(
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
        _("Moving from the previous system"),
        (
            Question(
                "when-we-move",
                _("When do we move here from the previous system?"),
                (
                    _(
                        "At your renewal, with the new plan year; on the last day set for it, everybody has. Your "
                        "client manager tells you yours."
                    ),
                ),
                owners=(Topic.CLIENT_MANAGEMENT,),
            ),
            Question(
                "which-system",
                _("Which system do we use around the move?"),
                (
                    _(
                        "The previous one until the day of your move, this one from that day on. Send no enrollment "
                        "to the previous system after it: tell billing and enrollment if one went there, so that "
                        "nobody is without coverage."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
            Question(
                "change-before-move",
                _("How do we send a change that is dated before our move?"),
                (
                    _(
                        "Send it to billing and enrollment with the note “migration client”. With it, the claims "
                        "before the move and those after it are both put right."
                    ),
                ),
                owners=(Topic.BILLING_ENROLLMENT,),
            ),
            Question(
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
        ),
        (Reader.EMPLOYER,),
    ),
    *ebilling_faq.GROUPS,
    *_WHOM,
)
