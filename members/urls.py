"""URLs of the member portal."""

from django.urls import path  # noqa: F401 - the first page arrives with its view

app_name = "members"
urlpatterns: list[object] = []
