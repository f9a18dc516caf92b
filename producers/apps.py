"""The producers' application: the top floor."""

from django.apps import AppConfig


class ProducersConfig(AppConfig):
    name = "producers"

    def ready(self) -> None:
        from portals import access_reviews, answers, context, invitations
        from portals.enums import ReviewKind
        from portals.scope import Portal
        from producers import access, actions, views
        from producers import answers as own_answers

        access.register()
        answers.register(*own_answers.GROUPS)
        context.register_navigation(Portal.PRODUCER, views.navigation)
        invitations.register("producer", actions.INVITATIONS)
        access_reviews.register(ReviewKind.AGENCY, actions.REVIEWED)
