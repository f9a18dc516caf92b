"""URLs of the employer portal."""

from django.urls import path  # noqa: F401 - the first page arrives with its view

app_name = "employers"
urlpatterns: list[object] = []
