"""The paper that shows an access review: who was reviewed, what was decided, by whom and when. Made by a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit import actions as audit
from audit.enums import Kind
from portals import jobs
from portals.access_reviews import queries as review_queries
from portals.access_reviews.kinds import kind_of
from portals.access_reviews.queries import EVIDENCE
from portals.files import pdf
from portals.files import stored as files
from portals.models import AccessReview, Job
from portals.plan import clock
from portals.plan.brand import brand
from portals.scope import PartyRef, Scope, entered


def register() -> None:
    jobs.register(EVIDENCE, run, label=gettext_lazy("What an access review decided, as PDF"))


def run(job: Job) -> Mapping[str, Any]:
    """The paper of a closed review, stored among the organization's files."""
    with entered(Scope.from_reference(job.scope)) as by, translation.override(job.payload["language"]):
        review = AccessReview.objects.visible_to(by).get(pk=job.payload["review"])
        party = PartyRef.parse(review.party)
        context = _context(review, party)
        stored = files.store(
            kind="access_review",
            owner=party,
            name=f"access-review-{review.due_date}.pdf",
            content_type="application/pdf",
            data=pdf.pdf("documents/access_review.html", context),
        )
        audit.record(
            kind=Kind.JOB,
            action="access_review.evidence",
            object_kind="stored_file",
            object_id=str(stored.uuid),
            subjects=[("user", row.user_id) for row in context["rows"]],
            fields=("user.name", "user.username"),
            **by.audit(),
        )
    return {"file": str(stored.uuid)}


def _context(review: AccessReview, party: PartyRef) -> dict[str, Any]:
    kind = kind_of(review)
    organization = kind.name_of(party.id)
    names = review_queries.names_of([review.opened_by, review.closed_by])
    rows = review_queries.rows(review, reader=None, as_of=clock.today(), at=timezone.now())
    opened_here = review.opened_by in {f"user:{row.user_id}" for row in rows}
    return {
        "review": review,
        "organization": organization,
        "number_label": kind.number_label,
        "opened_by": names[review.opened_by] if opened_here else brand()["name"],  # the plan speaks as one
        "closed_by": names.get(review.closed_by, ""),
        "rows": rows,
        "brand": brand(),
        "document_footer": _("Access review of %(organization)s, due %(day)s")
        % {"organization": organization.name, "day": review.due_date.isoformat()},
    }
