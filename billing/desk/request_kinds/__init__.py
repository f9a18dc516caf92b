"""What billing operations looks into: by noun. Each module registers its kind."""

from billing.desk.request_kinds import change_notice, return_differs, returns_unread, statement_differs


def register() -> None:
    return_differs.register()
    change_notice.register()
    returns_unread.register()
    statement_differs.register()
