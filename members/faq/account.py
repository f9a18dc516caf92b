"""Questions that members ask, and their answers."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from members.faq import wellness as wellness_faq
from portals.enums import Reader, Topic
from portals.help.faq import Group, Question

GROUPS = (
    Group(
        _("Your account"),
        (
            Question(
                "first-sign-in",
                _("How do I sign in for the first time?"),
                (
                    _(
                        "Take your new ID card and choose “First time?” on the front page. Type the member ID from "
                        "the card, your birth date and ZIP code; we send a code to the address that we have on file, "
                        "and with it you choose your username and password."
                    ),
                    _("No card yet? Your Social Security number does in place of the member ID."),
                ),
                owners=(Topic.MEMBER_SERVICES,),
                links=((_("Start"), "members:first_sign_in"),),
            ),
            Question(
                "regional-site",
                _("Which web address is mine?"),
                (
                    _(
                        "Yours is %(website)s. Members of some regions have an address of their own; it stands on "
                        "your ID card's back, and the front page lists them all."
                    ),
                ),
                owners=(Topic.MEMBER_SERVICES,),
            ),
            Question(
                "who-looked",
                _("Who can see my information, and how do I see who opened it?"),
                (
                    _(
                        "You, the plan's own people as far as their work needs it, and for its enrollment and bills "
                        "your employer. Each of them signs in by name, and each opening is written down with the day "
                        "and the hour."
                    ),
                    _(
                        "Under Privacy you read who opened your record, what they saw and, where it is known, why. "
                        "You can ask about each entry there; the privacy officer answers. A subscriber reads the "
                        "list of a child under 18 too, and of nobody else."
                    ),
                ),
                owners=(Topic.PRIVACY,),
                links=((_("Who opened my record"), "members:privacy"), (_("Your privacy on this site"), "privacy")),
            ),
            Question(
                "disclosures",
                _("Whom has the plan told about me?"),
                (
                    _(
                        "Outside of your care and of paying for it there is little: a court, public health, an agency. "
                        "On the page “Privacy” you see six years of it at once, and may have it as a PDF or by letter. "
                        "It costs nothing there."
                    ),
                    _(
                        "By letter or telephone the privacy officer answers within 60 days. You may ask for a child "
                        "under 18 on your contract, not for your spouse or a grown child: they ask themselves."
                    ),
                ),
                owners=(Topic.PRIVACY,),
                links=((_("Disclosures of your information"), "members:disclosures"),),
            ),
        ),
        (Reader.MEMBER,),
    ),
    Group(
        _("Your ID card"),
        (
            Question(
                "new-card",
                _("Do I get a new ID card?"),
                (
                    _(
                        "Yes, every member does. It stands on your home page from the day we know of your coverage, "
                        "and a printed one comes by mail. Show the new one from the day printed on it."
                    ),
                ),
                owners=(Topic.MEMBER_SERVICES,),
            ),
            Question(
                "card-on-telephone",
                _("Can I have my ID card on my telephone?"),
                (
                    _(
                        "Yes: sign in with the telephone's browser, and the card is the first thing you see. There "
                        "is no app to get from a store."
                    ),
                    _("The page needs a connection. Where you may have none, carry the printed card."),
                ),
                owners=(Topic.MEMBER_SERVICES,),
                links=((_("Your ID card"), "members:home"),),
            ),
            Question(
                "name-cut",
                _("Why is my name shortened on the card?"),
                (
                    _(
                        "A card holds 26 characters for a name. A longer one is shortened in print only: we know you "
                        "under your full name, and your coverage is not affected."
                    ),
                ),
                owners=(Topic.MEMBER_SERVICES,),
            ),
            Question(
                "card-network",
                _("What does the network on my card mean?"),
                (
                    _(
                        "It tells a doctor's office which network of providers your plan uses. Some plans print the "
                        "name of a network for services near your home: HMO POS 200, for instance, on plan EX. Show "
                        "the card; the office looks it up."
                    ),
                ),
                owners=(Topic.MEMBER_SERVICES,),
            ),
            Question(
                "same-doctors",
                _("Can I keep my doctors and pharmacies?"),
                (
                    _(
                        "Yes. The move to this website changes your card and your sign-in, not the doctors, other "
                        "providers and pharmacies that you may use."
                    ),
                ),
                owners=(Topic.MEMBER_SERVICES,),
            ),
        ),
        (Reader.MEMBER,),
    ),
    Group(
        _("Covered drugs"),
        (
            Question(
                "covered-drugs",
                _("Which drugs does my plan cover, and at which tier?"),
                (
                    _(
                        "Each plan has a list of covered drugs, sorted into tiers; the tier decides what you pay. "
                        "The list changes from time to time."
                    ),
                    _(
                        "It cannot be looked up on this website yet. Call with the name of the drug and your member "
                        "ID, and we tell you its tier on your plan."
                    ),
                ),
                owners=(Topic.MEMBER_SERVICES,),
            ),
            Question(
                "drug-changes",
                _("Does a drug of mine change with the move?"),
                (
                    _(
                        "Most stay as they are; some go to another tier. We announce changes, with their day, on the "
                        "front page and on your home page."
                    ),
                    _(
                        "Call to hear whether yours is among them. If it is, your doctor or pharmacist can say "
                        "whether another drug would do."
                    ),
                ),
                owners=(Topic.MEMBER_SERVICES,),
            ),
        ),
        (Reader.MEMBER,),
    ),
    Group(
        _("Drugs by mail, and specialty drugs"),
        (
            Question(
                "mail-order",
                _("Whom do I call about drugs by mail?"),
                (
                    _(
                        "The mail-order pharmacy, which fills and sends them. Call it about an order, a refill or a "
                        "delivery."
                    ),
                ),
                owners=(Topic.MAIL_ORDER,),
            ),
            Question(
                "mail-order-account",
                _("Do I need a new account at the mail-order pharmacy?"),
                (
                    _(
                        "No. Sign in there as before: your prescriptions that are still good and your history are "
                        "all there."
                    ),
                ),
                owners=(Topic.MAIL_ORDER,),
            ),
            Question(
                "specialty",
                _("Whom do I call about specialty drugs?"),
                (
                    _(
                        "The specialty pharmacy. Its hours, and when one of its pharmacists answers, stand beside "
                        "the number."
                    ),
                ),
                owners=(Topic.SPECIALTY,),
            ),
            Question(
                "specialty-account",
                _("Do I need a new account at the specialty pharmacy?"),
                (_("No. Your sign-in there, your prescriptions and your history stay as they are."),),
                owners=(Topic.SPECIALTY,),
            ),
        ),
        (Reader.MEMBER,),
    ),
    *wellness_faq.GROUPS,
)
