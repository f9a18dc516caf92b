"""What the desk does for members and their enrollment: by noun. Each module registers its kind."""

from members.desk.request_kinds import accounting, enrollment_file, who_opened


def register() -> None:
    who_opened.register()
    enrollment_file.register()
    accounting.register()
