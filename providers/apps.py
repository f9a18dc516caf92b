"""The providers' application."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "providers"

    def ready(self) -> None:
        from portals import context
        from portals.scope import Portal
        from providers import access, views

        access.register()
        context.register_navigation(Portal.PROVIDER, views.navigation)
