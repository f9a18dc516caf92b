"""Questions of offices that are new to the website, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.enums import Reader, Topic
from portals.help.faq import Group, Question

GROUPS = (
    Group(
        _("Registering a medical practice"),
        (
            Question(
                "first-to-register",
                _("Who registers first?"),
                (
                    _(
                        "The office manager, or whoever else the provider authorized. They then make the accounts of "
                        "everybody else, so nobody needs to wait for us."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
            ),
            Question(
                "participating-medical",
                _("We are a participating medical provider. How do we register?"),
                (
                    _(
                        "Call the Web Help Desk, whether you are a hospital, a group, a facility or one "
                        "practitioner. It sends your office manager an invitation by e-mail; all the rest is done "
                        "online, by its link."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
            ),
            Question(
                "non-participating-medical",
                _("We are not a participating medical provider. How do we get access?"),
                (
                    _(
                        "By telephone, for you and your staff: Customer Care makes it while you are on the line. It "
                        "cannot be done on this website."
                    ),
                ),
                owners=(Topic.CUSTOMER_CARE,),
            ),
            Question(
                "medical-identifiers",
                _("We do not know the numbers that registration asks for."),
                (
                    _(
                        "Call Customer Care and choose the line for eligibility and benefits; they look up what we "
                        "have on file for your practice."
                    ),
                ),
                owners=(Topic.CUSTOMER_CARE,),
            ),
        ),
        (Reader.PROVIDER,),
    ),
    Group(
        _("Registering a dental practice"),
        (
            Question(
                "dental-register",
                _("How does a dental practice register?"),
                (
                    _(
                        "With our letter, whether you participate or not. Call the Web Help Desk with it at hand: "
                        "your office manager gets an invitation by e-mail, and all the rest is done online."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
            ),
            Question(
                "dental-letter",
                _("What do we need to register a dental practice?"),
                (
                    _(
                        "The letter that we sent you: it names your Provider ID, which goes with your tax ID. Every "
                        "tax ID gets its own letter, also where several dentists share a place."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
            ),
            Question(
                "dental-letter-lost",
                _("We lost the letter, or a number that it names."),
                (_("The Web Help Desk tells you what it said, once they know that you are the practice."),),
                owners=(Topic.WEB_HELP_DESK,),
            ),
            Question(
                "shared-manager",
                _("One office manager works for several dentists, each with a letter."),
                (
                    _(
                        "The manager registers first, with any one of the letters, and then makes the accounts of "
                        "the staff and of the dentists."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
            ),
            Question(
                "dental-no-claim",
                _("We are a dental practice that does not participate and has sent no claim yet."),
                (
                    _(
                        "Then you have no Provider ID with us yet, and cannot register; the Web Help Desk cannot "
                        "change that. After your first claim we send you a letter with the ID and what to do next."
                    ),
                ),
                owners=(Topic.DENTAL_CLAIMS,),
            ),
            Question(
                "dental-claims",
                _("Whom do we ask about a dental claim?"),
                (_("Dental claims has a line of its own."),),
                owners=(Topic.DENTAL_CLAIMS,),
            ),
            Question(
                "dental-guide",
                _("Is there a guide for dental practices?"),
                (
                    _(
                        "There is none to download yet. The answers here go through it in order, from the letter to "
                        "the accounts of your colleagues; the Web Help Desk goes through it with you on the "
                        "telephone."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
            ),
        ),
        (Reader.PROVIDER,),
    ),
)
