"""URLs of the plan's news at the service desk."""

from django.urls import path

from portals.announcements import views as announcement_views

app_name = "news"
urlpatterns = [
    path("", announcement_views.announcements, name="list"),
    path("announcements.csv", announcement_views.announcements_csv, name="csv"),
    path("new/", announcement_views.new, name="new"),
    path("<int:announcement_id>/", announcement_views.announcement, name="announcement"),
    path("<int:announcement_id>/change/", announcement_views.change, name="change"),
    path("<int:announcement_id>/withdraw/", announcement_views.withdraw, name="withdraw"),
]
