"""URLs of the member portal."""

from django.urls import path

from members.accountings import views as accountings
from members.cards import views as home
from members.first_sign_in import views as first_sign_in
from members.who_opened import views as who_opened
from portals.desk.views import own_requests
from portals.pages import Audience

app_name = "members"
urlpatterns = [
    path("", home.home, name="home"),
    path("card/back/", home.card_back, name="card_back"),
    path("privacy/", who_opened.privacy, name="privacy"),
    path("privacy/<int:event_id>/ask/", who_opened.ask, name="privacy_ask"),
    path("help/", home.help_page, name="help"),
    path("disclosures/", accountings.mine, name="disclosures"),
    path("disclosures/<uuid:accounting>/", accountings.my_accounting, name="disclosures_accounting"),
    path("disclosures/<uuid:accounting>/pdf/", accountings.my_pdf, name="disclosures_pdf"),
    path("disclosures/<uuid:accounting>/accounting.pdf", accountings.my_file, name="disclosures_file"),
    path("disclosures/<uuid:accounting>/accounting.csv", accountings.my_csv, name="disclosures_csv"),
    path("first-sign-in/", first_sign_in.start, name="first_sign_in"),
    path("first-sign-in/code/", first_sign_in.code, name="first_sign_in_code"),
    *own_requests.urls(Audience.MEMBER, listed="privacy"),
]
