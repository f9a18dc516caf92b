"""The service desk's URLs."""

from django.urls import path

from portals import desk_views

app_name = "desk"
urlpatterns = [
    path("", desk_views.home, name="home"),
]
