"""The door's own URLs; allauth's are wrapped one by one, never included whole."""

from django.urls import include, path

from portals.login.views import invitation, not_me, passwords, security, sessions, sign_in, step_up, try_address

app_name = "door"
urlpatterns = [
    path("sign-in/", sign_in.sign_in, name="sign_in"),
    path("sign-in/second-step/", sign_in.second_step, name="second_step"),
    path("sign-in/asleep/", sign_in.dormant, name="dormant"),
    path("sign-in/closed/", sign_in.closed, name="closed"),
    path("sign-out/", sign_in.sign_out, name="sign_out"),
    path("home/", sign_in.home, name="home"),
    path("confirm/", step_up.confirm, name="confirm"),
    path("password/", passwords.change_password, name="change_password"),
    path("password/forgotten/", passwords.forgotten, name="forgotten"),
    path("password/new/", passwords.reset_password, name="reset"),
    path("email/", security.email, name="email"),
    path("email/test/", try_address.test_mail, name="test_mail"),
    path("security/", security.security, name="security"),
    path("security/app/", security.add_app, name="add_app"),
    path("security/passkey/", security.add_passkey, name="add_passkey"),
    path("security/email-codes/", security.add_email_codes, name="add_email_codes"),
    path("security/recovery-codes/", security.recovery_codes, name="recovery_codes"),
    path("security/remove/<slug:factor>/", security.remove_factor, name="remove_factor"),
    path("security/sessions/end/", sessions.end_others, name="end_others"),
    path("security/sessions/<int:session>/end/", sessions.end_session, name="end_session"),
    path("session/stay/", sessions.stay, name="stay"),
    path("session/keep/", sessions.keep, name="keep"),
    path("session/resume/", sessions.resume, name="resume"),
    path("invitation/<slug:token>/", invitation.invitation, name="invitation"),
    path("not-me/", not_me.type_token, name="not_me_token"),
    path("not-me/<slug:token>/", not_me.not_me, name="not_me"),
    path("requests/", include("portals.desk.door_urls")),
]
