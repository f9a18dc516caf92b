"""Requests at the service desk, as the buttons of their pages send them."""

from portals.models import DeskProposal, DeskRequest


def approval(row: DeskRequest, do: str = "approve", **more: str) -> dict[str, object]:
    """What the second person's button sends: the proposal that their page shows now."""
    waiting = DeskProposal.objects.filter(request=row, decided_at=None, taken_back_at=None).first()
    prefix = "back-" if do == "send_back" else ""
    return {"do": do, f"{prefix}proposal": waiting.pk if waiting else 0, **more}
