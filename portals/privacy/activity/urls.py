"""Activity reviews at the service desk: URLs in its namespace."""

from django.urls import path

from portals.privacy.activity import views

urlpatterns = [
    path("", views.review_list, name="activity"),
    path("list.csv", views.review_csv, name="activity_csv"),
    path("<int:review_id>/", views.review, name="activity_review"),
    path("<int:review_id>/report.pdf", views.report, name="activity_report"),
]
