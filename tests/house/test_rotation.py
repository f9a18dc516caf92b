"""Every column that holds a cipher is known to the rotation of keys."""

import pytest
from django.apps import apps
from django.db.models import BinaryField

from portals import rotation
from tests.house.test_models import FLOORS

NO_CIPHER = {
    "audit_block.previous_hash": "a hash, to be read by everyone who verifies the ledger",
    "audit_block.hash": "a hash",
    "audit_block.root": "a hash",
    "audit_block.leaves": "hashes",
    "audit_block.leaves_hash": "a hash",
    "audit_block.signature": "a signature; its key has its own change (docs/security.md)",
    "audit_archive.previous_hash": "a hash",
    "audit_archive.hash": "a hash",
    "audit_archive.signature": "a signature, like a block's",
    "portals_breachedpassword.sha1": "a hash of public lists, of nobody's own password",
    "portals_storedchunk.cipher": "stored files are rotated by their own key id (rotation._rotate_files)",
}
COLUMNS = [
    f"{model._meta.db_table}.{field.column}"
    for model in apps.get_models()
    if model._meta.app_label in FLOORS
    for field in model._meta.concrete_fields
    if isinstance(field, BinaryField)
]


@pytest.mark.parametrize("column", COLUMNS)
def test_every_binary_column_is_rotated_or_says_why_not(column: str) -> None:
    registered = {each.label for each in rotation.registered()}
    assert (column in registered) != (column in NO_CIPHER), column


def test_what_is_registered_names_real_columns() -> None:
    for each in rotation.registered():
        for name in filter(None, (each.column, each.uuid, each.index)):
            each.model._meta.get_field(name)
        assert each.model._meta.pk.name == "id"
