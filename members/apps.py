"""The members' application: enrollment records and the member portal."""

from django.apps import AppConfig


class MembersConfig(AppConfig):
    name = "members"

    def ready(self) -> None:
        from members import access
        from members.views import home
        from portals import context
        from portals.scope import Portal

        access.register()
        context.register_navigation(Portal.MEMBER, home.navigation)
