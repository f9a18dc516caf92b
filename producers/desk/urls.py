"""URLs of agencies, and of clients with their managers and producers, at the service desk."""

from django.urls import path

from producers.desk import agencies as desk_agencies
from producers.desk import clients as desk_clients

app_name = "market"
urlpatterns = [
    path("agencies/", desk_agencies.agencies, name="agencies"),
    path("agencies/<int:agency_id>/", desk_agencies.agency, name="agency"),
    path("agencies/<int:agency_id>/propose/<int:place_id>/", desk_agencies.propose, name="agency_propose"),
    path("agencies/entitlements/<int:grant_id>/end/", desk_agencies.end, name="agency_end"),
    path("clients/", desk_clients.client_list, name="clients"),
    path("clients/list.csv", desk_clients.client_csv, name="clients_csv"),
    path("clients/<str:client_id>/", desk_clients.client, name="client"),
    path("clients/<str:client_id>/open/", desk_clients.propose, name="client_propose"),
    path("clients/grants/<int:grant_id>/end/", desk_clients.end, name="client_end"),
]
