"""The producers' application: the top floor."""

from django.apps import AppConfig


class ProducersConfig(AppConfig):
    name = "producers"

    def ready(self) -> None:
        from employers import producer_grants
        from portals import doors
        from portals.access_reviews import kinds as review_kinds
        from portals.desk import mail as desk_mail
        from portals.desk import navigation as desk_navigation
        from portals.enums import ReviewKind
        from portals.explain_access import queries as explain_access
        from portals.help import faq
        from portals.invitations import kinds as invitation_kinds
        from portals.privacy.alerts import rule_settings
        from portals.privacy.ledger import subjects as ledger_subjects
        from producers import access, door, ledger_labels
        from producers import explain_access as explain
        from producers.actions import clients as client_grants
        from producers.actions import invitations as own_invitations
        from producers.actions import reviews
        from producers.desk import request_kinds
        from producers.desk.navigation import PAGES
        from producers.faq import portal as portal_faq
        from producers.queries import market, volume

        desk_navigation.register(*PAGES)
        access.register()
        rule_settings.register(volume.RULE)
        ledger_subjects.register_names("agency", volume.agency_names)
        request_kinds.register()
        producer_grants.register(market.accesses_to)
        producer_grants.register_ender(client_grants.end_as_asked)
        desk_mail.register_page("agency", "producers:request")
        faq.register(*portal_faq.GROUPS)
        doors.register(door.DOOR)
        invitation_kinds.register("producer", own_invitations.INVITATIONS)
        ledger_labels.register()
        explain_access.register_panel("producers/_explain.html", explain.panel)
        review_kinds.register(ReviewKind.AGENCY, reviews.REVIEWED)
