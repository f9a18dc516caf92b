"""The producers' application: the top floor."""

from django.apps import AppConfig


class ProducersConfig(AppConfig):
    name = "producers"

    def ready(self) -> None:
        from portals import answers, context, desk_mail, invitations
        from portals.scope import Portal
        from producers import access, actions, views
        from producers import answers as own_answers

        access.register()
        desk_mail.register_page("agency", "producers:request")
        answers.register(*own_answers.GROUPS)
        context.register_navigation(Portal.PRODUCER, views.navigation)
        invitations.register("producer", actions.INVITATIONS)
