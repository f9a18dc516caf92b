"""A database that goes away, or never answers: a page says "try again", and the next request finds it again."""

import socket
import threading
import time

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, connection, connections
from django.test import Client, RequestFactory

from portals.http import Request
from portals.pages import NOTHING, Audience, page
from portals.scope import NOBODY


def test_a_connection_that_is_killed_under_a_page_is_no_broken_page(committed: str) -> None:
    @page(audience=Audience.ANYONE, discloses=NOTHING)
    def view(request: Request) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    request = RequestFactory().get("/")
    request.scope, request.user, request.session, request.resolver_match = NOBODY, AnonymousUser(), {}, None
    response = view(request)
    assert response.status_code == 503
    assert b"try again" in response.content.lower()
    assert Client().get("/health/").status_code == 200


def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(committed: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as mute:
        held: list[socket.socket] = []
        threading.Thread(target=lambda: held.append(mute.accept()[0]), daemon=True).start()
        alias = connections.create_connection("default")
        alias.settings_dict = {**alias.settings_dict, "HOST": "127.0.0.1", "PORT": mute.getsockname()[1]}
        begun = time.monotonic()
        with pytest.raises(OperationalError):
            alias.ensure_connection()
        assert time.monotonic() - begun < 30, "without a limit it would wait for ever"
        for each in held:
            each.close()
