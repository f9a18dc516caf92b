"""What producers, and those who want to become some, ask the plan for: by noun. Each module registers its kind."""

from producers.desk.request_kinds import clients, entitlements, full_list, lost_client, portal_access


def register() -> None:
    portal_access.register()
    entitlements.register()
    clients.register()
    lost_client.register()
    full_list.register()
