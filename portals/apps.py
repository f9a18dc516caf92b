"""The door's application."""

from django.apps import AppConfig


class PortalsConfig(AppConfig):
    name = "portals"

    def ready(self) -> None:
        from portals import access, answers, break_glass, context, desk_views, rotation, viewing
        from portals.login import arrival, limits, notices, receivers
        from portals.models import AuthenticatorApp
        from portals.scope import Portal

        assert receivers
        access.register()
        answers.register(answers.SIGNING_IN)
        rotation.register(rotation.Encrypted(model=AuthenticatorApp, column="key"))
        limits.register()
        notices.register()
        arrival.register()
        break_glass.register()
        viewing.register()
        context.register_navigation(Portal.DESK, desk_views.navigation)
