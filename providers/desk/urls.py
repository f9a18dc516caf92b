"""URLs of practices' calls at the service desk."""

from django.urls import path

from providers.desk import views as desk_views

app_name = "provider_calls"
urlpatterns = [
    path("", desk_views.home, name="home"),
    path("office/", desk_views.office, name="office"),
    path("office/call/", desk_views.office_call, name="office_call"),
    path("left/", desk_views.left, name="left"),
    path("left/practice/", desk_views.left_practice, name="left_practice"),
    path("manages/", desk_views.manages, name="manages"),
    path("manages/person/", desk_views.manages_person, name="manages_person"),
    path("registration/", desk_views.registration, name="registration"),
]
