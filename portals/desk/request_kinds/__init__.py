"""What every portal may ask for: by noun. The other kinds of this app have no form and stand beside their work."""

from portals.desk.request_kinds import failures, website_help


def register() -> None:
    failures.register()
    website_help.register()
