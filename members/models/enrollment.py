"""Enrollment records: clients, groups, products, packages, people, contracts, coverage, member accounts.

Coverage is bitemporal: `effective` are the days covered, `known` is when we held that to be true (business time).
Both half-open. Nothing is deleted: a superseded row's `known` ends. Row policies on the tables of people stand in
the migrations.
"""

from __future__ import annotations

import uuid
from typing import TypeVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeOperators
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Case, F, FilteredRelation, OuterRef, Q, Subquery, When
from django.db.models.functions import JSONObject, Now, Upper

from billing.enums import CoverageLine
from billing.models import BillAccount, RatedProduct
from members import enums
from portals.crypto.values import BLIND_INDEX
from portals.models import StoredFile, User
from portals.scope import Portal, Scope

_Row = TypeVar("_Row", bound=models.Model)


class ClientQuerySet(models.QuerySet["Client"]):
    def visible_to(self, scope: Scope) -> ClientQuerySet:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.party and scope.party.kind == "client":
            return self.filter(pk=scope.party.id)
        return self.none()


class OfClient(models.QuerySet[_Row]):
    """Rows with a `client` column."""

    def visible_to(self, scope: Scope) -> OfClient[_Row]:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.party and scope.party.kind == "client":
            return self.filter(client_id=scope.party.id)
        return self.none()


class Client(models.Model):
    """An employer that buys coverage; `client_id` is the Client ID under which everyone knows it."""

    client_id = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=100)
    tax_id = models.CharField(max_length=9, blank=True)
    state = models.CharField(max_length=2)
    region = models.CharField(max_length=10, blank=True)
    address = models.CharField(max_length=100, blank=True)
    city = models.CharField(max_length=60, blank=True)
    zip = models.CharField(max_length=10, blank=True)
    contact_name = models.CharField(max_length=100, blank=True)
    contact_email = models.EmailField(blank=True)
    status = models.CharField(max_length=10, choices=enums.ClientStatus.choices, default=enums.ClientStatus.MIGRATED)
    migrated_on = models.DateField(null=True, blank=True)
    manager = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")  # at the plan

    objects = ClientQuerySet.as_manager()

    class Phi:
        protected = ("contact_name", "contact_email")
        cleared = (
            "id", "client_id", "name", "tax_id", "state", "region", "address", "city", "zip", "status", "migrated_on",
            "manager",
        )  # fmt: skip


class ClientAccount(models.Model):
    """A client's bill accounts (billing itself knows no party)."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="accounts")
    account = models.OneToOneField(BillAccount, on_delete=models.CASCADE, related_name="+")

    objects = OfClient.as_manager()

    class Phi:
        protected = ()
        cleared = ("id", "client", "account")


class Group(models.Model):
    """A group number of a client (subgroup, location or class)."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="groups")
    number = models.CharField(max_length=30, unique=True)
    name = models.CharField(max_length=100)

    objects = OfClient.as_manager()

    class Phi:
        protected = ()
        cleared = ("id", "client", "number", "name")


class Product(models.Model):
    """A plan design. Amounts are cents; copays are a list of [label, cents or text]."""

    rated = models.OneToOneField(RatedProduct, on_delete=models.PROTECT, related_name="+")
    plan_type = models.CharField(max_length=4)  # HMO, POS, EPO, PPO, FFS, DEN, VIS
    network = models.CharField(max_length=40)  # printed on the card (M6)
    deductible_single = models.BigIntegerField(default=0)
    deductible_family = models.BigIntegerField(default=0)
    oop_single = models.BigIntegerField(default=0)
    oop_family = models.BigIntegerField(default=0)
    copays = models.JSONField(default=list)
    formulary = models.CharField(max_length=40, blank=True)
    rx_bin = models.CharField(max_length=8, blank=True)
    rx_pcn = models.CharField(max_length=10, blank=True)
    rx_group = models.CharField(max_length=15, blank=True)
    wellness_cents = models.BigIntegerField(default=0)  # yearly wellness allowance of one contract
    service_area_states = models.CharField(max_length=40, blank=True)

    class Phi:
        protected = ()
        cleared = (
            "id", "rated", "plan_type", "network", "deductible_single", "deductible_family", "oop_single",
            "oop_family", "copays", "formulary", "rx_bin", "rx_pcn", "rx_group", "wellness_cents",
            "service_area_states",
        )  # fmt: skip


class BenefitPackage(models.Model):
    """A product offered to a group's class for a plan year, billed to one account (and COBRA to another)."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="packages")
    product = models.ForeignKey(Product, on_delete=models.PROTECT)
    line = models.CharField(max_length=10, choices=CoverageLine.choices)
    benefit_class = models.CharField(max_length=40, blank=True)
    account = models.ForeignKey(BillAccount, on_delete=models.PROTECT, related_name="+")
    cobra_account = models.ForeignKey(BillAccount, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    offered = DateRangeField()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_package_at_a_time",
                expressions=[
                    ("group", RangeOperators.EQUAL),
                    ("product", RangeOperators.EQUAL),
                    ("benefit_class", RangeOperators.EQUAL),
                    ("offered", RangeOperators.OVERLAPS),
                ],
            )
        ]

    class Phi:
        protected = ()
        cleared = ("id", "group", "product", "line", "benefit_class", "account", "cobra_account", "offered")


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, scope: Scope) -> PersonQuerySet:
        if scope.portal in (Portal.DESK, Portal.SYSTEM):
            return self
        if scope.party is None:
            return self.none()
        if scope.party.kind == "client":
            return self.filter(enrollees__contract__client_id=scope.party.id).distinct()
        if scope.party.kind == "person":
            # A spouse knows every fact on the card; finer limits (rulings 16) are the queries' business.
            return self.filter(
                Q(pk=scope.party.id) | Q(enrollees__contract__enrollees__person_id=scope.party.id)
            ).distinct()
        return self.none()

    def with_home(self) -> PersonQuerySet:
        """`subscriber_home`: the address on file of the subscriber on whose contract the person is covered longest,
        which is where a dependent lives until told otherwise (`members.queries.homes`). Never a confidential one."""
        held = FilteredRelation("coverages", condition=Q(coverages__known__endswith=None))
        found = (
            Enrollee.objects.filter(person=OuterRef("pk"))
            .annotate(held=held)
            .order_by(
                Case(When(held=None, then=1), default=0),
                F("held__effective__endswith").desc(nulls_first=True),
                Case(When(contract__subscriber=F("person"), then=1), default=0),
                "-pk",
            )
        )
        places = {name: f"contract__subscriber__{name}" for name in ("address", "address2", "city", "state", "zip")}
        return self.annotate(subscriber_home=Subquery(found.values(home=JSONObject(**places))[:1]))


class Person(models.Model):
    """A human being, once, however many contracts name them. Never keyed by SSN, which may be missing."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first_name = models.CharField(max_length=35)
    middle_name = models.CharField(max_length=25, blank=True)
    last_name = models.CharField(max_length=60)
    suffix = models.CharField(max_length=10, blank=True)
    sort_key = models.CharField(max_length=120)  # folded "last first": no database collation needed
    birth_date = models.DateField()
    sex = models.CharField(max_length=1, choices=enums.Sex.choices, default=enums.Sex.UNKNOWN)
    birth_sequence = models.CharField(max_length=9, blank=True)  # INS17: which of several born at once
    ssn_cipher = models.BinaryField(null=True, blank=True)  # context members_person.ssn.<uuid>
    ssn_index = models.CharField(max_length=50, blank=True)  # crypto.blind_index(purpose="ssn")
    ssn_last_four = models.CharField(max_length=4, blank=True)
    address = models.CharField(max_length=100, blank=True)
    address2 = models.CharField(max_length=60, blank=True)
    city = models.CharField(max_length=60, blank=True)
    state = models.CharField(max_length=2, blank=True)
    zip = models.CharField(max_length=10, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.EmailField(blank=True)
    # When a file put this e-mail in place of another or of none; empty: it came with the record.
    email_changed_at = models.DateTimeField(null=True, blank=True)
    confidential_address = models.TextField(blank=True)  # 164.522(b): overrides every mailing; no file shows it

    objects = PersonQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["ssn_index"], condition=~Q(ssn_index=""), name="person_by_ssn"),
            models.Index(fields=["sort_key"], name="person_by_name"),
            models.Index(fields=["birth_date"], name="person_by_birth"),
            models.Index(Upper("email"), name="person_by_email"),
        ]

    class Phi:
        protected = (
            "first_name", "middle_name", "last_name", "suffix", "sort_key", "birth_date", "sex", "birth_sequence",
            "ssn_cipher", "ssn_index", "ssn_last_four", "address", "address2", "city", "state", "zip", "phone", "email",
            "email_changed_at", "confidential_address",
        )  # fmt: skip
        cleared = ("id", "uuid")

    @property
    def full_name(self) -> str:
        parts = (self.first_name, self.middle_name, self.last_name, self.suffix)
        return " ".join(part for part in parts if part)


class Contract(models.Model):
    """A subscriber's enrollment with a client. `number` is what the cards print (with a two-digit suffix a person);
    `sender_number` is how the client's files name the subscriber (834 REF*0F). Where that looks like an SSN it is a
    blind index (purpose "sender_number") by which later files find the contract; the number itself is encrypted."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contracts")
    number = models.CharField(max_length=12, unique=True)  # NGH + 8 digits with check digit, not in sequence
    sender_number = models.CharField(max_length=50)
    sender_cipher = models.BinaryField(null=True, blank=True)  # context members_contract.sender.<uuid>
    subscriber = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="contracts")

    objects = OfClient.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["client", "sender_number"], name="contract_once"),
            models.CheckConstraint(condition=~Q(sender_number__regex=enums.SSN_FORM), name="no_plain_ssn"),
            models.CheckConstraint(
                condition=Q(sender_cipher=None) | Q(sender_number__regex=BLIND_INDEX), name="sender_by_index"
            ),
        ]

    class Phi:
        protected = ("number", "sender_number", "sender_cipher", "subscriber")
        cleared = ("id", "uuid", "client")


class Enrollee(models.Model):
    """A person on a contract. `member_id` is contract number + suffix: 01 the subscriber, 02 onward dependents.
    Card numbers may change later without orphaning an account: accounts hang on the person."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")  # the contract's, for row policies
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="enrollees")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="enrollees")
    relationship = models.CharField(max_length=2, choices=enums.Relationship.choices)
    suffix = models.CharField(max_length=2)
    member_id = models.CharField(max_length=14, unique=True)
    recorded_date = models.DateField()  # business date of the enrollment: W3 counts from it

    objects = OfClient.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contract", "person"], name="enrollee_once"),
            models.UniqueConstraint(fields=["contract", "suffix"], name="suffix_once"),
        ]
        indexes = [models.Index(fields=["person"], name="enrollee_by_person")]

    class Phi:
        protected = ("contract", "person", "relationship", "suffix", "member_id")
        cleared = ("id", "client", "recorded_date")


class Coverage(models.Model):
    """A person's days in a package. One line at a time for each person on a contract, whatever the package."""

    enrollee = models.ForeignKey(Enrollee, on_delete=models.PROTECT, related_name="coverages")
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="coverages")
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+", db_index=False)
    package = models.ForeignKey(BenefitPackage, on_delete=models.PROTECT, related_name="+")
    line = models.CharField(max_length=10, choices=CoverageLine.choices)
    cobra = models.BooleanField(default=False)
    effective = DateRangeField()
    known = DateTimeRangeField()
    reason = models.CharField(max_length=3, blank=True)  # INS04 of the change that wrote this row
    source_file = models.ForeignKey("EnrollmentFile", on_delete=models.PROTECT, null=True, blank=True, db_index=False)

    objects = OfClient.as_manager()

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="no_overlapping_coverage",
                expressions=[
                    ("enrollee", RangeOperators.EQUAL),
                    ("line", RangeOperators.EQUAL),
                    ("effective", RangeOperators.OVERLAPS),
                    ("known", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(condition=Q(effective__isempty=False), name="coverage_has_days"),
        ]

    class Phi:
        protected = ("enrollee", "contract", "package", "line", "cobra", "effective", "reason")
        cleared = ("id", "client", "known", "source_file")


class EnrollmentFile(models.Model):
    """An 834 as it came, with what became of it. The same content is taken once."""

    stored = models.ForeignKey(StoredFile, on_delete=models.PROTECT)
    sha256 = models.CharField(max_length=64)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, null=True, blank=True)  # what --client allowed
    control_number = models.CharField(max_length=9, blank=True)
    sender = models.CharField(max_length=15, blank=True)
    status = models.CharField(max_length=10, choices=enums.FileStatus.choices, default=enums.FileStatus.RECEIVED)
    received_at = models.DateTimeField()  # business time
    full_file = models.BooleanField(default=False)
    members_seen = models.IntegerField(default=0)
    members_accepted = models.IntegerField(default=0)
    members_refused = models.IntegerField(default=0)
    members_noted = models.IntegerField(default=0)  # taken, with something that the sender must know
    members_waiting = models.IntegerField(default=0)  # a person decides who is meant
    ack = models.ForeignKey(StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sha256"], name="enrollment_file_once")]

    class Phi:
        protected = ()
        cleared = (
            "id", "stored", "sha256", "client", "control_number", "sender", "status", "received_at", "full_file",
            "members_seen", "members_accepted", "members_refused", "members_noted", "members_waiting", "ack", "by",
        )  # fmt: skip


class EnrollmentError(models.Model):
    """What a file's sender must know of one member: why it was not taken, why it waits for a person, or what was taken
    otherwise than it was said. Where it stands and why, as a reason code with parameters."""

    file = models.ForeignKey(EnrollmentFile, on_delete=models.CASCADE, related_name="errors")
    segment = models.IntegerField()  # of the file, 1-based
    segment_id = models.CharField(max_length=3)
    sender_number = models.CharField(max_length=50, blank=True)  # an SSN by its last four digits
    outcome = models.CharField(max_length=8, choices=enums.RowOutcome.choices, default=enums.RowOutcome.REFUSED)
    reason = models.CharField(max_length=40)
    value = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(sender_number__regex=enums.SSN_FORM), name="no_plain_ssn_in_error")
        ]

    class Phi:
        protected = ("sender_number", "value")
        cleared = ("id", "file", "segment", "segment_id", "outcome", "reason")


class FormerFacts(models.Model):
    """What was on file of a person until a file or a decision changed it. Written once; of an SSN the last four."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="former_facts")
    until = models.DateTimeField()
    file = models.ForeignKey("EnrollmentFile", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by = models.CharField(max_length=60)
    facts = models.JSONField()  # field of Person: its former value

    class Meta:
        indexes = [models.Index(fields=["person", "until"], name="former_facts_of")]

    class Phi:
        protected = ("person", "facts")
        cleared = ("id", "until", "file", "by")


class Lookalike(models.Model):
    """A row of an enrollment file beside somebody on file who may be the one it means. A person decides; until then
    nothing of the row is applied and nobody ends for it. What was decided holds for the same row next week."""

    uuid = models.UUIDField(default=uuid.uuid4, db_default=RandomUUID(), unique=True, editable=False)
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    file = models.ForeignKey("EnrollmentFile", on_delete=models.PROTECT, related_name="lookalikes")
    segment = models.IntegerField()  # of the row's INS in the file
    row_key = models.CharField(max_length=64)  # of what the row says of who is meant (apply.stage)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")  # on file
    contract = models.ForeignKey(Contract, on_delete=models.PROTECT, related_name="+")  # of the person on file
    rule = models.IntegerField()  # of members.enrollment.matching.RULES
    said = models.JSONField()  # what the row says: no SSN but its last four digits
    status = models.CharField(
        max_length=9, choices=enums.LookalikeStatus.choices, default=enums.LookalikeStatus.WAITING
    )
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    reason = models.CharField(max_length=400, blank=True)  # as the person who decided wrote it
    proposed_status = models.CharField(max_length=9, blank=True)  # waits for a second person
    proposed_by = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["row_key", "person"], name="lookalike_once")]
        indexes = [models.Index(fields=["status", "opened_at"], name="lookalike_by_status")]

    class Phi:
        protected = ("person", "contract", "said", "reason")
        cleared = (
            "id", "uuid", "client", "file", "segment", "row_key", "rule", "status", "opened_at", "decided_at",
            "decided_by", "proposed_status", "proposed_by",
        )  # fmt: skip


class MemberAccount(models.Model):
    """A person's member account; one at a time. One that was not the person's own is disowned and frees them."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="accounts")
    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="member_account")
    created_at = models.DateTimeField(db_default=Now())
    disowned_at = models.DateTimeField(null=True, blank=True)  # "this was not me"

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=models.Q(disowned_at=None), name="one_member_account_at_a_time"
            )
        ]

    class Phi:
        protected = ("person", "user")
        cleared = ("id", "created_at", "disowned_at")
