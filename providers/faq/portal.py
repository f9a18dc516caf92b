"""Questions that doctors' and dentists' offices ask, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.enums import Reader, Topic
from portals.help.faq import Group, Question
from providers.faq import registration as registration_faq

GROUPS = (
    Group(
        _("Your sign-in"),
        (
            Question(
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
            Question(
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
            Question(
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
            Question(
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
            Question(
                "who-may-add",
                _("Who may add or remove people?"),
                (
                    _(
                        "The office managers of the practice. A practitioner who works alone can be their own, and "
                        "can authorize somebody else. Everybody else asks one of them."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
                person=_("your office manager or supervisor"),
                links=((_("Manage staff access"), "providers:staff"),),
            ),
            Question(
                "authorize-manager",
                _("Who makes somebody an office manager?"),
                (
                    _(
                        "The provider does: a hospital, group, facility or practitioner says who may control access "
                        "on its behalf, and the Web Help Desk invites that person. There can be more than one."
                    ),
                ),
                owners=(Topic.WEB_HELP_DESK,),
            ),
            Question(
                "check-access",
                _("How often should we check who has access?"),
                (
                    _(
                        "Whenever somebody leaves or changes work, and the whole list from time to time. Under "
                        "Manage staff access, compare it with who works for you, and remove the rest."
                    ),
                    _("If we ask you to confirm the list by a day, do so: the practice answers for whoever is on it."),
                ),
                owners=(Topic.WEB_HELP_DESK,),
                person=_("your office manager"),
                links=((_("Manage staff access"), "providers:staff"),),
            ),
            Question(
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
            Question(
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
            Question(
                "cannot-remove",
                _("I cannot remove somebody who has left."),
                (_("Call the Web Help Desk: they end the access while you are on the telephone."),),
                owners=(Topic.WEB_HELP_DESK,),
                links=((_("Manage staff access"), "providers:staff"),),
            ),
        ),
        (Reader.PROVIDER,),
    ),
    *registration_faq.GROUPS,
)
