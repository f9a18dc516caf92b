"""URLs of the producer portal."""

from django.urls import path

from portals import desk_asking_views
from portals.pages import Audience
from producers import views

app_name = "producers"
urlpatterns = [
    path("", views.home, name="home"),
    path("clients/<str:client_id>/log-in/", views.act, name="act"),
    path("leave/", views.leave, name="leave"),
    path("help/", views.help_page, name="help"),
    *desk_asking_views.urls(Audience.PRODUCER),
]
