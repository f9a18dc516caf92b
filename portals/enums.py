"""Statuses of the door's own nouns and who may change what into what."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class UserKind(TextChoices):
    """Member accounts stay apart from work accounts (rulings 14)."""

    MEMBER = "member", _("Member")
    WORK = "work", _("Work")


class JobStatus(TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class MailStatus(TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")


class RequestStatus(TextChoices):
    OPEN = "open", _("Open")
    IN_WORK = "in_work", _("In work")
    WAITING = "waiting", _("Waits for an answer")
    PROPOSED = "proposed", _("Waits for a second person")
    DONE = "done", _("Done")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", pgettext_lazy("a request", "Withdrawn")


REQUEST_OVER = (RequestStatus.DONE, RequestStatus.DECLINED, RequestStatus.WITHDRAWN)
REQUEST_TODO = (RequestStatus.OPEN, RequestStatus.IN_WORK, RequestStatus.WAITING, RequestStatus.PROPOSED)
_ANY_END = frozenset(REQUEST_OVER)
REQUEST_TRANSITIONS: dict[str, frozenset[str]] = {
    RequestStatus.OPEN: frozenset({RequestStatus.IN_WORK, RequestStatus.WAITING, RequestStatus.PROPOSED}) | _ANY_END,
    RequestStatus.IN_WORK: frozenset({RequestStatus.OPEN, RequestStatus.WAITING, RequestStatus.PROPOSED}) | _ANY_END,
    RequestStatus.WAITING: frozenset({RequestStatus.IN_WORK, RequestStatus.PROPOSED}) | _ANY_END,
    RequestStatus.PROPOSED: frozenset({RequestStatus.IN_WORK, RequestStatus.DONE, RequestStatus.WITHDRAWN}),
    RequestStatus.DONE: frozenset({RequestStatus.OPEN}),
    RequestStatus.DECLINED: frozenset({RequestStatus.OPEN}),
    RequestStatus.WITHDRAWN: frozenset(),
}


class Team(TextChoices):
    """The plan's own people; one queue each."""

    HELP_DESK = "help_desk", _("Web Help Desk")
    CLIENT_MANAGEMENT = "client_management", _("Client management")
    CHANNEL_COMPENSATION = "channel_compensation", _("Channel compensation")
    BILLING_OPERATIONS = "billing_operations", _("Billing operations")
    ENROLLMENT = "enrollment", _("Enrollment")
    MEMBER_SERVICES = "member_services", _("Member services")
    CUSTOMER_CARE = "customer_care", _("Customer Care")
    PRIVACY = "privacy", _("Privacy officer")


class ExceptionalAccessKind(TextChoices):
    """The two ways in which plan staff see what their role alone does not open, each with reason, ticket and end."""

    BREAK_GLASS = "break-glass", _("Record opened in an emergency")
    VIEW_AS = "view-as", _("Portal seen as a user")


class Finding(TextChoices):
    """What the review of such access came to."""

    JUSTIFIED = "justified", _("Justified")
    NOT_JUSTIFIED = "not_justified", _("Not justified")


class CodePurpose(TextChoices):
    FIRST_SIGN_IN = "first_sign_in", _("First sign-in")
    SECOND_STEP = "second_step", _("Second step of signing in")
    RESET = "reset", _("Forgotten password")
    EMAIL = "email", _("Proof of an e-mail address")


class Factor(TextChoices):
    """Second factors, the strongest first. Recovery codes are the way out, never a factor of their own."""

    PASSKEY = "passkey", _("Passkey")
    APP = "app", _("Authenticator app")
    EMAIL = "email", _("Code by e-mail")
    RECOVERY = "recovery", _("Recovery code")


class SignedInEnd(TextChoices):
    SIGNED_OUT = "signed_out", _("Signed out")
    IDLE = "idle", _("Nobody clicked")
    AGE = "age", _("Full age")
    ELSEWHERE = "elsewhere", _("Ended from another place")
    CLOSED = "closed", _("Ended by the plan")


class NoticeKind(TextChoices):
    """What a person is told of, and may answer with "this was not me"."""

    REGISTERED = "registered", _("An account was made")
    NEW_BROWSER = "new_browser", _("A sign-in from a new device")
    PASSWORD = "password", _("The password was changed")
    EMAIL = "email", _("The e-mail was changed")
    FACTOR = "factor", _("The second step was changed")
    WRONG_CODES = "wrong_codes", _("Wrong codes after your password")
    HELPED = "helped", _("Our help desk changed how you sign in")


class HelpStep(TextChoices):
    """What the help desk can do for a caller who cannot sign in."""

    WAKE = "wake", _("Wake the account")
    CODE = "code", _("Send a code for a new password: the caller types it where Forgot your password? leads")
    FACTORS = "factors", _("Take away the second step: the caller sets up a new one at the next sign-in")
    SESSIONS = "sessions", _("Sign out everywhere")
    EMAIL = "email", _("Correct the e-mail: the caller confirms the new one at the next sign-in")
    CLOSE = "close", _("Close the account: it is not this person's")


class CallerCheck(TextChoices):
    """How the help desk made sure who is calling."""

    CALLED_BACK = "called_back", _("I called back at the telephone number on file")
    VOUCHED = "vouched", _("Their office manager or administrator, on file, vouched for them")
    RECORDS = "records", _("They told three facts of our records that others do not know")
    IN_PERSON = "in_person", _("They showed an identity card")


class InvitationState(TextChoices):
    OPEN = "open", pgettext_lazy("an invitation", "Open")
    ACCEPTED = "accepted", pgettext_lazy("an invitation", "Accepted")
    EXPIRED = "expired", _("Run out")
    WITHDRAWN = "withdrawn", pgettext_lazy("an invitation", "Withdrawn")


class ReviewKind(TextChoices):
    """Whose people an access review is about."""

    EMPLOYER = "employer", _("Employer")
    PRACTICE = "practice", _("Practice")
    AGENCY = "agency", _("Agency")


class ReviewStatus(TextChoices):
    OPEN = "open", pgettext_lazy("an access review", "Open")
    CLOSED = "closed", pgettext_lazy("an access review", "Done")
    LAPSED = "lapsed", pgettext_lazy("an access review", "Ended on its due day")
    CALLED_OFF = "called_off", pgettext_lazy("an access review", "Called off")


REVIEW_TRANSITIONS: dict[str, frozenset[str]] = {
    ReviewStatus.OPEN: frozenset({ReviewStatus.CLOSED, ReviewStatus.LAPSED, ReviewStatus.CALLED_OFF}),
    ReviewStatus.CLOSED: frozenset(),
    ReviewStatus.LAPSED: frozenset(),
    ReviewStatus.CALLED_OFF: frozenset(),
}


class ReviewDecision(TextChoices):
    """What became of a person in an access review; blank is not decided yet."""

    CONFIRMED = "confirmed", _("Confirmed")
    ENDED = "ended", _("Access ended")
    LAPSED = "lapsed", _("Access ended: not confirmed by the due day")
    LEFT = "left", _("Left meanwhile")
    MANAGER = "manager", _("A manager's own account: not ended by a review")


class AlertState(TextChoices):
    OPEN = "open", pgettext_lazy("an alert", "Open")
    IN_WORK = "in_work", _("In work")
    CLOSED = "closed", pgettext_lazy("an alert", "Closed")


ALERT_TRANSITIONS: dict[str, frozenset[str]] = {
    AlertState.OPEN: frozenset({AlertState.IN_WORK, AlertState.CLOSED}),
    AlertState.IN_WORK: frozenset({AlertState.OPEN, AlertState.IN_WORK, AlertState.CLOSED}),
    AlertState.CLOSED: frozenset({AlertState.OPEN}),
}


class AlertFinding(TextChoices):
    """What somebody found who looked into an alert."""

    EXPLAINED = "explained", _("Explained: it was part of the work")
    FALSE_ALARM = "false_alarm", _("False alarm: the rule saw what was not there")
    POLICY_CHANGED = "policy_changed", _("Explained, and a rule or a way of working changes")
    NOT_JUSTIFIED = "not_justified", _("Not justified: it is followed up")


class AlertStep(TextChoices):
    """What somebody did with an alert, as its history says it."""

    TAKEN = "taken", pgettext_lazy("an alert", "Taken into work")
    GIVEN_BACK = "given_back", pgettext_lazy("an alert", "Given back")
    NOTE = "note", _("Note")
    CLOSED = "closed", pgettext_lazy("an alert", "Closed")
    REOPENED = "reopened", pgettext_lazy("an alert", "Opened again")
    MORE = "more", _("More was seen after it was closed")


class ActivityState(TextChoices):
    """Where the review of a week stands."""

    TO_SIGN = "to_sign", _("To sign")
    LATE = "late", _("Late")
    SIGNED = "signed", _("Signed")


class NewsState(TextChoices):
    """Where an announcement stands on a day."""

    SHOWN = "shown", _("Shown now")
    COMING = "coming", _("Coming")
    PAST = "past", _("Past")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class Topic(TextChoices):
    """What the help directory is asked for: refusals, answers and pages name these."""

    PORTAL = "portal", _("Portal and signing in")
    PRIVACY = "privacy", _("Privacy")
    MEMBER_SERVICES = "member-services", _("Member services")
    MAIL_ORDER = "mail-order-pharmacy", _("Mail-order pharmacy")
    SPECIALTY = "specialty-pharmacy", _("Specialty pharmacy")
    WELLNESS_CARD = "wellness-card", _("Wellness card")
    BILLING_ENROLLMENT = "billing-enrollment", _("Billing and enrollment")
    CLIENT_MANAGEMENT = "client-management", _("Client management")
    CHANNEL_COMPENSATION = "channel-compensation", _("Channel compensation")
    WEB_HELP_DESK = "web-help-desk", _("Web Help Desk")
    CUSTOMER_CARE = "customer-care", _("Customer Care")
    DENTAL_CLAIMS = "dental-claims", _("Dental claims")


class Reader(TextChoices):
    """Whom news, contacts and answers are for; blank is everybody."""

    MEMBER = "member", _("Members")
    EMPLOYER = "employer", _("Employers")
    PRODUCER = "producer", _("Producers")
    PROVIDER = "provider", _("Providers")


class FileType(TextChoices):
    """What an upload may be, told by its content."""

    PDF = "pdf", "PDF"
    JPEG = "jpeg", "JPEG"
    PNG = "png", "PNG"
    CSV = "csv", "CSV (UTF-8)"


class FileRefusal(TextChoices):
    """Why an upload was not taken, and what the person can do; with the parameters that `uploads` fills in."""

    MISSING = "missing", _("Choose a file.")
    EMPTY = "empty", _("This file is empty. Check that it opens on your device, then choose it again.")
    LARGE = "large", _("This file is larger than %(limit)s. Scan it with a lower resolution, or split it.")
    COUNT = "count", _("Choose at most %(limit)s files at once.")
    TYPE = "type", _("We can take %(allowed)s only. Save a letter as PDF, a photo as JPEG, and choose that file.")
    BROKEN = "broken", _("We cannot read this file. Open it, print or save it as a new file, and choose that one.")
    ENCRYPTED = "encrypted", _("This PDF is locked. Save it without a password, and choose that file.")
    ACTIVE = "active", _("This PDF has a script or another file inside. Print it to a new PDF, and choose that one.")
    MIXED = "mixed", _("This file holds something else beside its pages. Print it to a new PDF, and choose that one.")
    MOVING = "moving", _("This picture is animated. Save it as a JPEG, and choose that file.")
    PAGES = "pages", _("This PDF has more than %(limit)s pages. Split it, and send the parts.")
    PIXELS = "pixels", _("This picture has more than %(limit)s million pixels. Make it smaller, and choose that file.")
    COMPLEX = "complex", _("This file takes too much work to read. Print it to a new PDF, and choose that one.")
    TEXT = "text", _("This is no plain text. Save the table as CSV UTF-8, and choose that file.")
    FORMULA = "formula", _("This table holds formulas. Save it with their values alone, and choose that file.")
    BUSY = "busy", _("We are reading other files at this moment. Choose this one again in a minute.")
    QUOTA = "quota", _("You have sent as many files as we take from one person in a day. Go on tomorrow, or call us.")
    VIRUS = "virus", _("Our scanner found something harmful in this file. It was not kept. Check your device.")
    UNSCANNED = "unscanned", _("We cannot check files for viruses at this moment. Nothing was kept. Try again later.")
