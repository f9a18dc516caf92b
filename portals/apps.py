"""The door's application."""

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "portals"

    def ready(self) -> None:
        from portals import access
        from portals.login import receivers

        assert receivers
        access.register()
