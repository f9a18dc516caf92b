"""URLs of the provider portal."""

from django.urls import path

from portals.desk.views import own_requests
from portals.pages import Audience
from providers import views

app_name = "providers"
urlpatterns = [
    path("", views.home, name="home"),
    path("staff/", views.staff_list, name="staff"),
    path("staff/add/", views.add_staff, name="staff_add"),
    path("staff/<int:place_id>/remove/", views.remove_staff, name="staff_remove"),
    path("access-review/", views.staff_review, name="staff_review"),
    path("access-review/end/", views.staff_review_end, name="staff_review_end"),
    path("access-review/rest/", views.staff_review_rest, name="staff_review_rest"),
    path("access-review/<uuid:review>/evidence.pdf", views.staff_review_evidence, name="staff_review_evidence"),
    path("help/", views.help_page, name="help"),
    *own_requests.urls(Audience.PROVIDER),
]
