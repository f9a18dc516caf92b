"""Seeing a portal as its user at the service desk: URLs in its namespace."""

from django.urls import path

from portals.exceptional_access import views

urlpatterns = [
    path("", views.look_up, name="view_as"),
    path("begin/", views.begin, name="view_as_begin"),
    path("end/", views.end, name="view_as_end"),
]
