"""The employers' application."""

from django.apps import AppConfig


class EmployersConfig(AppConfig):
    name = "employers"

    def ready(self) -> None:
        from employers import access, navigation
        from portals import context
        from portals.scope import Portal

        access.register()
        context.register_navigation(Portal.EMPLOYER, navigation.entries)
