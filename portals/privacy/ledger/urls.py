"""The ledger at the service desk: URLs in its namespace."""

from django.urls import path

from portals.privacy.ledger import views

urlpatterns = [
    path("", views.ledger_list, name="ledger"),
    path("list.csv", views.ledger_csv, name="ledger_csv"),
    path("events/<int:event_id>/", views.event, name="ledger_event"),
    path("opened/<slug:kind>/<int:subject_id>/", views.opened, name="ledger_opened"),
    path("opened/<slug:kind>/<int:subject_id>/list.csv", views.opened_csv, name="ledger_opened_csv"),
    path("opened/<slug:kind>/<int:subject_id>/print/", views.opened_paper, name="ledger_opened_paper"),
]
