"""URLs of the plan's news at the service desk."""

from django.urls import path

from portals.announcements import views as announce_views

app_name = "news"
urlpatterns = [
    path("", announce_views.announcements, name="list"),
    path("announcements.csv", announce_views.announcements_csv, name="csv"),
    path("new/", announce_views.new, name="new"),
    path("<int:announcement_id>/", announce_views.announcement, name="announcement"),
    path("<int:announcement_id>/change/", announce_views.change, name="change"),
    path("<int:announcement_id>/withdraw/", announce_views.withdraw, name="withdraw"),
]
