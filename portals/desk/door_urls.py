"""How somebody without an account follows what they asked: URLs in the door's namespace."""

from django.urls import path

from portals.desk.views import own_requests

urlpatterns = [path("<uuid:request_uuid>/<slug:key>/", own_requests.stranger, name="request_status")]
