"""What producers, and those who want to become some, ask the plan for: by noun. Each module registers its kind."""

from portals.access_reviews import kinds as review_kinds
from producers import party
from producers.desk.request_kinds import clients, entitlements, full_list, lost_client, portal_access


def register() -> None:
    portal_access.register()
    entitlements.register()
    clients.register()
    lost_client.register()
    full_list.register()
    review_kinds.register_not_done(party.PARTY)
