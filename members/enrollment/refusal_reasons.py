"""What the reason codes of enrollment mean, in words. `%(value)s` is the parameter that came with the reason."""

from collections.abc import Mapping
from typing import Final

from django.utils.translation import gettext_lazy as _

REASONS: Final[Mapping[str, object]] = {
    "syntax": _("Not readable as an 834: %(value)s"),
    "bad_relationship": _(
        "The person is marked as subscriber or dependent, but relationship %(value)s says otherwise."
    ),
    "unknown_group": _("There is no group “%(value)s”."),
    "no_group": _("The row names no group (REF*1L), nor does another row of this subscriber or the file."),
    "group_of_another_client": _("Group “%(value)s” does not belong to the client of this file."),
    "no_subscriber": _("The subscriber of this dependent is neither on file nor taken from this file."),
    "unknown_member": _("This person is not on file."),
    "different_person": _("The number belongs to a subscriber with another name, birth date and SSN."),
    "looks_like": _("This may be somebody on file. The plan decides; until then nothing changes for either."),
    "subscriber_waits": _("Whether the subscriber is somebody on file is being decided; this person waits with them."),
    "twin_or_same": _(
        "Two rows have this name and birth date. Send middle names, the birth sequence (INS17) or each one's SSN."
    ),
    "renumbered": _("This subscriber was on file under another number and is now known by this one."),
    "name_changed": _("The first name on file was another; it was changed."),
    "birth_changed": _("The birth date on file was another; it was changed."),
    "ssn_changed": _("The Social Security number on file was another; it was changed."),
    "change_waits": _("The person has an account: the change of name, birth date or SSN waits for the plan."),
    "ssn_shared": _("The Social Security number is used for several people of this family; it was not kept."),
    "ssn_unusable": _("The Social Security number is none that was ever issued; it was not kept."),
    "no_birth_date": _("A birth date is needed to enroll a person."),
    "too_many_people": _("The contract has no room for another person."),
    "covered_by_nothing": _(
        "The row names no coverage (HD), and the subscriber's tier (HD05 %(value)s) does not say so."
    ),
    "covered_as_subscriber": _("The row names no coverage (HD); covered like the subscriber, whose tier is %(value)s."),
    "enrolled_uncovered": _("The row names no coverage (HD); the person is on file and not covered."),
    "tier_differs": _("Tier in the file (HD05) and tier of the people covered, by whom is billed: %(value)s."),
    "unknown_plan": _("The group does not offer “%(value)s” on that day."),
    "ambiguous_plan": _("“%(value)s” may mean several plans of the group; the file must name one."),
    "unknown_class": _("“%(value)s” is offered to several classes of the group; the file must name one (REF*17)."),
    "missing_date": _("The date of the change is missing, or so far away that it never comes."),
    "nothing_to_end": _("There is no coverage to end."),
    "nothing_to_reinstate": _("There is no coverage to reinstate."),
    "ended_in_other_plan": _("The coverage that ended was in another plan than “%(value)s”."),
    "goes_on_undated": _("The file names no day; the coverage goes on without a gap from %(value)s."),
    "not_ended": _("The coverage had not ended; there was nothing to reinstate."),
    "ends_before_start": _("The coverage would end before it starts. %(value)s"),
    "starts_before_group": _("The group offers this plan only from %(value)s."),
    "before_subscriber": _("The subscriber is covered only from %(value)s; a dependent cannot be covered before."),
    "later_start": _(
        "On file from %(value)s; the later start was not applied. To give up the days before, end the coverage before "
        "its first day and add it anew."
    ),
    "stays_cobra": _("On COBRA since %(value)s and still billed so: the file says active, but not from which day."),
    "stays_active": _("Still billed as active: the file says COBRA, but not from which day (DTP*340)."),
    "overlaps": _("Another plan of the same kind holds on these days (from %(value)s) and was not ended."),
    "zip_padded": _("The ZIP code “%(value)s” had lost a zero in front, which was put back."),
    "email_not_mailable": _("“%(value)s” is no e-mail address that can be mailed, and counts as none."),
}


def sentence(reason: str, value: str) -> str:
    return str(REASONS[reason]) % {"value": value}
