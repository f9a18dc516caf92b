"""What an employer's people ask client management for: by noun. Each module registers its kind."""

from employers.desk.request_kinds import end_producer, full_list, separate_invoices


def register() -> None:
    full_list.register()
    separate_invoices.register()
    end_producer.register()
