"""What every portal may ask for: by noun. The other kinds of this app have no form and stand beside their work."""

from portals.desk.request_kinds import website_help


def register() -> None:
    website_help.register()
