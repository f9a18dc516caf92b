"""Enrollment records, and what of a person was told to others outside of treatment, payment and operations."""

from members.models.disclosures import Accounting, Disclosure, DisclosureEnd, Suspension
from members.models.enrollment import (
    BenefitPackage,
    Client,
    ClientAccount,
    Contract,
    Coverage,
    Enrollee,
    EnrollmentError,
    EnrollmentFile,
    FormerFacts,
    Group,
    Lookalike,
    MemberAccount,
    Person,
    Product,
)

__all__ = [
    "Accounting",
    "BenefitPackage",
    "Client",
    "ClientAccount",
    "Contract",
    "Coverage",
    "Disclosure",
    "DisclosureEnd",
    "Enrollee",
    "EnrollmentError",
    "EnrollmentFile",
    "FormerFacts",
    "Group",
    "Lookalike",
    "MemberAccount",
    "Person",
    "Product",
    "Suspension",
]
