"""The providers' application."""

from django.apps import AppConfig


class ProvidersConfig(AppConfig):
    name = "providers"

    def ready(self) -> None:
        from portals import answers, context
        from portals.scope import Portal
        from providers import access, views
        from providers import answers as own_answers

        access.register()
        answers.register(*own_answers.GROUPS)
        context.register_navigation(Portal.PROVIDER, views.navigation)
