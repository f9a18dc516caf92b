"""URLs of the producer portal."""

from django.urls import path

from producers import views

app_name = "producers"
urlpatterns = [
    path("", views.home, name="home"),
    path("clients/<str:client_id>/log-in/", views.act, name="act"),
    path("leave/", views.leave, name="leave"),
    path("access-review/", views.people_review, name="people_review"),
    path("access-review/end/", views.people_review_end, name="people_review_end"),
    path("access-review/rest/", views.people_review_rest, name="people_review_rest"),
    path("access-review/<uuid:review>/evidence.pdf", views.people_review_evidence, name="people_review_evidence"),
    path("help/", views.help_page, name="help"),
]
