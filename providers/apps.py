"""The providers' application."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "providers"

    def ready(self) -> None:
        from portals import doors, parties
        from portals.desk import navigation as desk_navigation
        from portals.help import faq
        from providers import access, door, ledger_labels, party
        from providers.desk import request_kinds
        from providers.desk.navigation import PAGES
        from providers.faq import portal as portal_faq

        desk_navigation.register(*PAGES)
        access.register()
        faq.register(*portal_faq.GROUPS)
        doors.register(door.DOOR)
        parties.register(party.PARTY)
        ledger_labels.register()
        request_kinds.register()
