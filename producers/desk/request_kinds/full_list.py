"""The full employee list of a client of the book (P13, E12): a producer asks, the client gets it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from employers.actions import full_lists
from portals.desk import own_requests
from portals.desk.own_requests import RequestForm, RequestFormPage, purpose_field
from portals.models import DeskRequest
from portals.plan import clock
from portals.scope import Portal, Scope
from producers.access import Producer
from producers.queries import book


class FullListForm(RequestForm):
    client = forms.ChoiceField(
        label=gettext_lazy("Client"), help_text=gettext_lazy("Client ID and name, of your book.")
    )
    purpose = purpose_field()

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, scope=scope, **kwargs)
        rows = [row.client for row in book.book(scope, as_of=clock.today()) if row.client.migrated]
        field = self.fields["client"]
        assert isinstance(field, forms.ChoiceField)
        found = [(row.client_id, f"{row.client_id} · {row.name}") for row in rows]
        field.choices = [("", _("Choose a client")), *found]


def _full_list(scope: Scope, data: dict[str, Any]) -> list[DeskRequest]:
    rows = book.book(scope, as_of=clock.today())
    client = next(row.client for row in rows if row.client.client_id == data["client"])
    return [full_lists.ask(by=scope, client_id=client.id, purpose=data["purpose"], once=data["once"])]


def register() -> None:
    own_requests.register(
        "client-full-list",
        RequestFormPage(
            portals={Portal.PRODUCER: Producer.ASK_FULL_LIST},
            title=gettext_lazy("A full employee list for a client"),
            lead=gettext_lazy(
                "Client management makes it and puts it among the client's documents. It names people, so you do not "
                "get it: you read here when the client has it."
            ),
            form=FullListForm,
            open=_full_list,
        ),
    )
