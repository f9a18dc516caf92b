"""URLs of members' records at the service desk."""

from django.urls import path

from members.records import views as records

app_name = "records"
urlpatterns = [
    path("", records.search, name="search"),
    path("found/", records.found, name="found"),
    path("closed/", records.closed, name="closed"),
    path("<uuid:person>/", records.person, name="person"),
    path("<uuid:person>/card/", records.card, name="card"),
    path("<uuid:person>/emergency/", records.emergency, name="emergency"),
    path("<uuid:person>/emergency/end/", records.end, name="emergency_end"),
]
