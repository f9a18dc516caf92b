"""URLs of the help directory at the service desk."""

from django.urls import path

from portals.help import desk_views as help_views

app_name = "directory"
urlpatterns = [
    path("", help_views.contacts, name="contacts"),
    path("contacts.csv", help_views.contacts_csv, name="csv"),
    path("new/", help_views.new, name="new"),
    path("<int:contact_id>/", help_views.contact, name="contact"),
    path("<int:contact_id>/change/", help_views.change, name="change"),
    path("<int:contact_id>/end/", help_views.end, name="end"),
]
