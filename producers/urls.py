"""URLs of the producer portal."""

from django.urls import path  # noqa: F401 - the first page arrives with its view

app_name = "producers"
urlpatterns: list[object] = []
