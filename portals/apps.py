"""The door's application."""

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "portals"

    def ready(self) -> None:
        from portals import access, context, desk_views
        from portals.login import limits, notices, receivers
        from portals.scope import Portal

        assert receivers
        access.register()
        limits.register()
        notices.register()
        context.register_navigation(Portal.DESK, desk_views.navigation)
