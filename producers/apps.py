"""The producers' application: the top floor."""

from django.apps import AppConfig


class ProducersConfig(AppConfig):
    name = "producers"

    def ready(self) -> None:
        from portals import context
        from portals.scope import Portal
        from producers import access, views

        access.register()
        context.register_navigation(Portal.PRODUCER, views.navigation)
