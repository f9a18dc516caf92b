"""Questions that producers ask, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from portals.enums import Reader, Topic
from portals.help.faq import Group, Question
from producers.faq import clients as client_faq

GROUPS = (
    Group(
        _("Your sign-in"),
        (
            Question(
                "producer-what-here",
                _("What can I do on this website?"),
                (
                    _(
                        "See your clients with their Client IDs, and work for one of them: its groups and plans, its "
                        "invoices, its payments. A client that is closed to you names who opens it."
                    ),
                    _("For papers and materials that you miss here, ask web support."),
                ),
                owners=(Topic.PORTAL,),
                links=((_("Your clients"), "producers:home"),),
            ),
            Question(
                "producer-login-id",
                _("Why does my login ID look different from my colleague's?"),
                (
                    _(
                        "Agent IDs were given in different ways over the years, by when and for what they were made. "
                        "Each of them is good here as it is; none has to be exchanged."
                    ),
                ),
                owners=(Topic.PORTAL,),
            ),
            Question(
                "producer-two-logins",
                _("Do I need one login or two for groups, Medicare and individual clients?"),
                (
                    _(
                        "That depends on how your access was set up at first: some have one login for everything, "
                        "others one for commercial groups and another for Medicare and individual business. Ask web "
                        "support which of them yours is."
                    ),
                ),
                owners=(Topic.PORTAL,),
            ),
            Question(
                "producer-support",
                _("Whom do I call when the website does not work or my password fails?"),
                (_("Web support. Have your username at hand, never your password: nobody here will ask for it."),),
                owners=(Topic.PORTAL,),
                links=((_("Get a code"), "door:forgotten"),),
            ),
        ),
        (Reader.PRODUCER,),
    ),
    Group(
        _("What you may do"),
        (
            Question(
                "producer-request-form",
                _("Which form do I fill in for access?"),
                (
                    _(
                        "The portal access request. New York, Pennsylvania and West Virginia share one; Delaware has "
                        "its own. Channel compensation decides on it. Once it is approved you get an invitation by "
                        "e-mail."
                    ),
                ),
                owners=(Topic.CHANNEL_COMPENSATION,),
                links=((_("Portal access request"), "producers:access_request"),),
            ),
            Question(
                "producer-access",
                _("How do I get access, or one thing more that I may do?"),
                (
                    _(
                        "Channel compensation grants each entitlement of an agency one by one: commission statements,"
                        " client administration, renewals and quotes. Client administration alone opens no client "
                        "yet; that is a second grant."
                    ),
                ),
                owners=(Topic.CHANNEL_COMPENSATION,),
                links=((_("My access"), "producers:access"),),
            ),
            Question(
                "producer-usual-entitlements",
                _("Which entitlements do I start with?"),
                (
                    _(
                        "With your portal access request, those that were approved. As a rule that is all but Agency "
                        "Reports in New York, and in Pennsylvania, Delaware and West Virginia all but Agency Reports "
                        "and General Agency Administrator. The others you ask for, and get one by one."
                    ),
                ),
                owners=(Topic.CHANNEL_COMPENSATION,),
            ),
            Question(
                "producer-ga-administrator",
                _("What is General Agency Administrator for?"),
                (
                    _(
                        "Whoever holds it sees every small group case of the agency, not only those for which "
                        "somebody named them."
                    ),
                ),
                owners=(Topic.CHANNEL_COMPENSATION,),
            ),
            Question(
                "producer-statements",
                _("Who lets me see our commission statements?"),
                (
                    _(
                        "Channel compensation, where your agency writes business with us directly. Where it works "
                        "through a general agency, only that agency's own contact can grant it: we cannot do so for "
                        "them."
                    ),
                ),
                owners=(Topic.CHANNEL_COMPENSATION,),
                links=((_("My access"), "producers:access"),),
                person=_("your general agency's contact, where you write through one"),
            ),
            Question(
                "producer-renewals",
                _("Why do I miss a small group among my renewals?"),
                (
                    _(
                        "Where a general agency holds the case, it shows to you once that agency has named you its "
                        "case manager."
                    ),
                ),
                person=_("your general agency's contact"),
                links=((_("My access"), "producers:access"),),
            ),
            Question(
                "producer-quotes",
                _("Who may quote for a small group?"),
                (
                    _(
                        "Whoever holds Small Group Quotes; the client need not be open to you for it. Quotes cannot "
                        "be made on this website yet: channel compensation tells you how to get one."
                    ),
                ),
                owners=(Topic.CHANNEL_COMPENSATION,),
            ),
            Question(
                "producer-small-group",
                _("Where are the small group and support dashboards?"),
                (
                    _(
                        "Logging in as an employer is on your list of clients. Commission statements, small group "
                        "quotes and renewals have no page here yet: channel compensation tells you where you get "
                        "them until then."
                    ),
                ),
                owners=(Topic.CHANNEL_COMPENSATION,),
                links=((_("Your clients"), "producers:home"),),
            ),
        ),
        (Reader.PRODUCER,),
    ),
    *client_faq.GROUPS,
)
