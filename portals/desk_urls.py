"""The service desk's URLs."""

from django.urls import path

from portals import access_reviews_desk_views, desk_views, invitations_views, sign_in_help_views

app_name = "desk"
urlpatterns = [
    path("", desk_views.home, name="home"),
    path("requests/<int:request_id>/", desk_views.request_page, name="request"),
    path("invitations/", invitations_views.invitation_list, name="invitations"),
    path("invitations/list.csv", invitations_views.invitation_csv, name="invitations_csv"),
    path("invitations/new/<slug:kind>/", invitations_views.invite, name="invite"),
    path("invitations/<uuid:invitation>/", invitations_views.invitation, name="invitation"),
    path("sign-in-help/", sign_in_help_views.look_up, name="sign_in_help"),
    path("sign-in-help/account/", sign_in_help_views.account, name="sign_in_help_account"),
    path("access-reviews/", access_reviews_desk_views.review_list, name="reviews"),
    path("access-reviews/list.csv", access_reviews_desk_views.review_csv, name="reviews_csv"),
    path("access-reviews/new/<slug:kind>/", access_reviews_desk_views.start, name="review_start"),
    path("access-reviews/<uuid:review>/", access_reviews_desk_views.review, name="review"),
    path("business-date/", desk_views.business_date, name="business_date"),
]
