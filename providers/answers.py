"""Questions that doctors' and dentists' offices ask, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.answers import Answer, Group
from portals.enums import Reader, Topic

GROUPS = (
    Group(
        _("Your sign-in"),
        (
            Answer(
                "own-username",
                _("May we share one username in the office?"),
                (
                    _(
                        "No. Everybody has their own, and the record of each look names one person. Sharing one "
                        "breaks our security policy, and the practice answers for it."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
            ),
            Answer(
                "help-desk-username",
                _("Why does the Web Help Desk ask for my username?"),
                (
                    _(
                        "They may help only a person who has a username of their own. Without one, first ask your "
                        "office manager to add you."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
                person=_("your office manager"),
            ),
            Answer(
                "provider-lost-access",
                _("My access is gone. Who gives it back?"),
                (
                    _(
                        "Providers, office managers and administrators call the Web Help Desk. Everybody else in the "
                        "front or back office asks their office manager, who can do it at once."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
                person=_("your office manager, if you work in the front or back office"),
            ),
        ),
        (Reader.PROVIDER,),
    ),
    Group(
        _("Who manages access in your office"),
        (
            Answer(
                "staff-account",
                _("How does a new colleague get an account?"),
                (
                    _(
                        "The office manager adds them under Manage staff access, with a username and a first password"
                        " that they change when they sign in. Everybody else asks the office manager or their "
                        "supervisor."
                    ),
                ),
                person=_("your office manager or supervisor"),
                links=((_("Manage staff access"), "providers:staff"),),
            ),
            Answer(
                "who-manages",
                _("Nobody here knows who manages our access."),
                (
                    _(
                        "The page Manage staff access names them. If that does not help either, the office manager "
                        "calls the Web Help Desk."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
                links=((_("Manage staff access"), "providers:staff"),),
            ),
            Answer(
                "manager-leaves",
                _("Our office manager is leaving."),
                (
                    _(
                        "The provider must see to it that the access ends, by a call to the Web Help Desk, and names "
                        "who manages it from then on. Do so on the last day at the latest."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
            ),
            Answer(
                "cannot-remove",
                _("I cannot remove somebody who has left."),
                (_("Call the Web Help Desk: they end the access while you are on the telephone."),),
                owners=(Topic.WEB_HELP_DESK,),
                links=((_("Manage staff access"), "providers:staff"),),
            ),
        ),
        (Reader.PROVIDER,),
    ),
    Group(
        _("Registering a medical practice"),
        (
            Answer(
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
            Answer(
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
            Answer(
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
            Answer(
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
            Answer(
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
            Answer(
                "dental-letter-lost",
                _("We lost the letter, or a number that it names."),
                (_("The Web Help Desk tells you what it said, once they know that you are the practice."),),
                owners=(Topic.WEB_HELP_DESK,),
            ),
            Answer(
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
            Answer(
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
            Answer(
                "dental-claims",
                _("Whom do we ask about a dental claim?"),
                (_("Dental claims has a line of its own."),),
                owners=(Topic.DENTAL_CLAIMS,),
            ),
        ),
        (Reader.PROVIDER,),
    ),
)
