"""URLs of the provider portal."""

from django.urls import path

from portals import desk_asking_views
from portals.pages import Audience
from providers import views

app_name = "providers"
urlpatterns = [
    path("", views.home, name="home"),
    path("staff/", views.staff_list, name="staff"),
    path("staff/add/", views.add_staff, name="staff_add"),
    path("staff/<int:place_id>/remove/", views.remove_staff, name="staff_remove"),
    path("help/", views.help_page, name="help"),
    *desk_asking_views.urls(Audience.PROVIDER),
]
