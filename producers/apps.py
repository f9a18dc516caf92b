"""The producers' application: the top floor."""

from django.apps import AppConfig


class ProducersConfig(AppConfig):
    name = "producers"

    def ready(self) -> None:
        from employers import producer_grants as producer_access
        from portals import context
        from portals.access_reviews import kinds as review_kinds
        from portals.desk import mail as desk_mail
        from portals.enums import ReviewKind
        from portals.explain_access import queries as explain
        from portals.help import faq as answers
        from portals.invitations import kinds as invitation_kinds
        from portals.privacy.alerts import ledger_sql as alerts_found
        from portals.privacy.alerts import rule_settings
        from portals.privacy.ledger import subjects as ledger_names
        from portals.scope import Portal
        from producers import access, navigation
        from producers import ledger_labels as ledger_telling
        from producers import places as explaining
        from producers.actions import clients as client_grants
        from producers.actions import invitations as own_invitations
        from producers.actions import reviews
        from producers.desk import request_kinds as desk_kinds
        from producers.faq import portal as own_answers
        from producers.queries import market, volume

        access.register()
        rule_settings.register(volume.RULE)
        ledger_names.register_names("agency", volume.agency_names)
        alerts_found.register_places("producer", "SELECT user_id, started_at, ended_at FROM producers_produceruser")
        desk_kinds.register()
        producer_access.register(market.accesses_to)
        producer_access.register_ender(client_grants.end_as_asked)
        desk_mail.register_page("agency", "producers:request")
        answers.register(*own_answers.GROUPS)
        context.register_navigation(Portal.PRODUCER, navigation.entries)
        invitation_kinds.register("producer", own_invitations.INVITATIONS)
        ledger_telling.register()
        explain.register(Portal.PRODUCER, explaining.places)
        explain.register_panel("producers/_explain.html", explaining.panel)
        review_kinds.register(ReviewKind.AGENCY, reviews.REVIEWED)
