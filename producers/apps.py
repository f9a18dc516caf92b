"""The producers' application: the top floor."""

from django.apps import AppConfig


class ProducersConfig(AppConfig):
    name = "producers"

    def ready(self) -> None:
        from employers import producer_grants
        from portals import doors, parties
        from portals.desk import navigation as desk_navigation
        from portals.explain_access import queries as explain_access
        from portals.help import faq
        from portals.privacy.alerts import rule_settings
        from producers import access, door, ledger_labels, party
        from producers import explain_access as explain
        from producers.actions import clients as client_grants
        from producers.desk import request_kinds
        from producers.desk.navigation import PAGES
        from producers.faq import portal as portal_faq
        from producers.queries import market, volume

        desk_navigation.register(*PAGES)
        access.register()
        rule_settings.register(volume.RULE)
        request_kinds.register()
        producer_grants.register(market.accesses_to)
        producer_grants.register_ender(client_grants.end_as_asked)
        faq.register(*portal_faq.GROUPS)
        doors.register(door.DOOR)
        parties.register(party.PARTY)
        ledger_labels.register()
        explain_access.register_panel("producers/_explain.html", explain.panel)
