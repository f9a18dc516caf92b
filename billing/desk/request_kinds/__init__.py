"""What billing operations looks into: by noun. Each module registers its kind."""

from billing.desk.request_kinds import change_notice, return_differs, statement_differs


def register() -> None:
    return_differs.register()
    change_notice.register()
    statement_differs.register()
