"""URLs of the provider portal."""

from django.urls import path  # noqa: F401 - the first page arrives with its view

app_name = "providers"
urlpatterns: list[object] = []
