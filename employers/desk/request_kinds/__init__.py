"""What an employer's people ask client management for: by noun. Each module registers its kind."""

from employers import party
from employers.desk.request_kinds import end_producer, full_list, separate_invoices
from portals.access_reviews import kinds as review_kinds


def register() -> None:
    full_list.register()
    separate_invoices.register()
    end_producer.register()
    review_kinds.register_not_done(party.PARTY)
