"""Keys are exchanged while everything stays readable and can be looked up."""

import io
import json
import stat
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.core.management import call_command
from django.db import transaction

from audit.models import Event
from billing.models import BankAccount
from members.models import Person
from portals import rotation
from portals import scope as scopes
from portals.crypto import codes, keys
from portals.crypto import values as crypto
from portals.enums import CodePurpose
from portals.files import stored as files
from portals.models import StoredChunk, StoredFile
from portals.scope import PartyRef
from tests.factories import ledger, people

pytestmark = pytest.mark.django_db
BY = scopes.system("rotate_keys")
SSN = "900554321"


@pytest.fixture(autouse=True)
def own_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of this test's own: it begins with k1 in every ring."""
    monkeypatch.setenv("PLAN_KEYS_DIR", str(tmp_path / "keys"))
    return tmp_path / "keys"


@pytest.fixture
def system() -> Iterator[None]:
    with scopes.entered(scopes.system("test")):
        yield


def with_ssn(ssn: str = SSN) -> Person:
    person = people.person(ssn_index=crypto.blind_index(ssn, purpose="ssn"), ssn_last_four=ssn[-4:])
    person.ssn_cipher = crypto.encrypt(ssn, context=f"members_person.ssn.{person.uuid}")
    person.save()
    return person


def ssn_of(person: Person) -> str:
    person.refresh_from_db()
    return crypto.decrypt(bytes(person.ssn_cipher or b""), context=f"members_person.ssn.{person.uuid}")


def rotate(*arguments: str) -> dict[str, Any]:
    told = io.StringIO()
    try:
        call_command("rotate_keys", "--json", *arguments, stdout=told, stderr=io.StringIO())
    except SystemExit as end:
        return {"code": end.code, **json.loads(told.getvalue())}
    return {"code": 0, **json.loads(told.getvalue())}


def column(report: dict[str, Any], label: str) -> dict[str, int]:
    return next({k: v for k, v in each.items() if k != "label"} for each in report["columns"] if each["label"] == label)


def remove_key(folder: Path, ring: str, key_id: str) -> None:
    lines = [line for line in (folder / ring).read_text().splitlines() if not line.startswith(f"{key_id}:")]
    (folder / ring).write_text("\n".join(lines) + "\n")


def test_a_new_key_is_current_at_once_and_the_old_one_still_opens(own_keys: Path, system: None) -> None:
    person = with_ssn()
    told = rotate("--new", "field")
    assert (told["ring"], told["key"], keys.current("field")[0]) == ("field", "k2", "k2")
    assert ssn_of(person) == SSN
    assert stat.S_IMODE((own_keys / "field").stat().st_mode) == 0o600
    assert [path.name for path in own_keys.iterdir() if path.name.endswith(".new")] == []
    row = Event.objects.get(action="portals.new_key")
    assert (row.actor, row.object_id) == ("system:rotate_keys", "field")


def test_another_process_follows_a_ring_that_grew(own_keys: Path) -> None:
    cipher = crypto.encrypt("a", context="x")
    text = (own_keys / "field").read_text()
    (own_keys / "field").write_text(f"{text}k7:{'ab' * 32}\n")  # as another process would leave it
    assert crypto.encrypt("b", context="x").startswith(b"k7:")
    assert crypto.decrypt(cipher, context="x") == "a"
    assert keys.add("field") == "k8"


def test_fields_and_blind_indexes_go_under_the_current_keys_and_the_old_ones_may_go(
    own_keys: Path, system: None
) -> None:
    person = with_ssn()
    own = uuid.uuid4()
    account = BankAccount.objects.create(
        uuid=own,
        holder="client:1",
        nickname="Main",
        name_on_account="Acme",
        kind="checking",
        routing="021000021",
        number_cipher=crypto.encrypt("12345678", context=f"billing_bankaccount.number.{own}"),
        last_four="5678",
        added_by=people.user(),
    )
    old_index = person.ssn_index
    for ring in ("field", "pepper"):
        rotate("--new", ring)
    assert old_index in crypto.blind_indexes(SSN, purpose="ssn"), "a look-up still finds it"
    report = rotate()
    assert report["code"] == 0
    assert column(report, "members_person.ssn_cipher") == {"rewritten": 1, "unreadable": 0, "remaining": 0}
    assert report["unused"] == {"field": ["k1"], "pepper": ["k1"], "file": []}
    for ring in ("field", "pepper"):
        remove_key(own_keys, ring, "k1")
    assert ssn_of(person) == SSN
    assert person.ssn_index == crypto.blind_index(SSN, purpose="ssn") != old_index
    account.refresh_from_db()
    context = f"billing_bankaccount.number.{own}"
    assert crypto.decrypt(bytes(account.number_cipher), context=context) == "12345678"


def test_a_pepper_alone_renews_the_indexes(system: None) -> None:
    person = with_ssn()
    rotate("--new", "pepper")
    assert column(rotate(), "members_person.ssn_cipher")["rewritten"] == 1
    assert ssn_of(person) == SSN
    assert person.ssn_index == crypto.blind_index(SSN, purpose="ssn")


def test_a_second_run_has_nothing_to_do(system: None) -> None:
    with_ssn()
    rotate("--new", "field")
    rotate()
    assert [each["rewritten"] for each in rotate()["columns"]] == [0] * (len(rotation.registered()) + 1)


def test_a_run_that_was_killed_goes_on_where_it_stopped(system: None) -> None:
    everybody = [with_ssn(f"90055432{n}") for n in range(5)]
    rotate("--new", "field")

    class Killed(Exception):
        pass

    def kill(words: str) -> None:
        if words.startswith("members_person.ssn_cipher: 4"):
            raise Killed

    with pytest.raises(Killed):
        rotation.run(by=BY, tell=kill, batch=2)
    begun = [bytes(Person.objects.get(pk=person.pk).ssn_cipher or b"")[:3] for person in everybody]
    assert begun == [b"k2:"] * 4 + [b"k1:"], "what was done stays done"
    assert column(rotate(), "members_person.ssn_cipher") == {"rewritten": 1, "unreadable": 0, "remaining": 0}
    assert [ssn_of(person) for person in everybody] == [f"90055432{n}" for n in range(5)]


def test_a_value_that_no_key_opens_is_told_and_holds_up_nobody(own_keys: Path, system: None) -> None:
    moved, sound = with_ssn("900554320"), with_ssn()
    moved.uuid = uuid.uuid4()  # a cipher that was carried to another row
    moved.save(update_fields=["uuid"])
    rotate("--new", "field")
    report = rotate()
    assert report["code"] == 1
    assert column(report, "members_person.ssn_cipher") == {"rewritten": 1, "unreadable": 1, "remaining": 1}
    assert report["used"]["field"] == {"k1": 1, "k2": 1}
    assert report["unused"]["field"] == []
    assert ssn_of(sound) == SSN


def test_an_index_without_its_cipher_keeps_its_pepper_in_use(system: None) -> None:
    people.person(ssn_index=crypto.blind_index(SSN, purpose="ssn"))
    rotate("--new", "pepper")
    report = rotate()
    assert (report["code"], report["remaining"], report["unused"]["pepper"]) == (1, 1, [])


def test_what_somebody_stores_with_the_old_key_meanwhile_is_met_by_the_next_run(system: None) -> None:
    with_ssn()
    rotate("--new", "field")
    late = with_ssn("900554320")
    Person.objects.filter(pk=late.pk).update(ssn_cipher=_under(late, "k1", "900554320"))
    assert rotate()["unused"]["field"] == ["k1"]
    assert ssn_of(late) == "900554320"


def _under(person: Person, key_id: str, ssn: str) -> bytes:
    nonce = bytes(12)
    sealed = AESGCM(keys.ring("field")[key_id]).encrypt(
        nonce, ssn.encode(), f"members_person.ssn.{person.uuid}".encode()
    )
    return f"{key_id}:".encode() + nonce + sealed


def test_codes_on_paper_outlive_a_new_pepper_and_end_with_the_removed_one(own_keys: Path, system: None) -> None:
    subject = PartyRef("person", 1)
    given: dict[str, Any] = {"purpose": CodePurpose.FIRST_SIGN_IN, "subject": subject}
    code = codes.issue(**given, lives=codes.MAILED)
    rotate("--new", "pepper")
    assert codes.redeem(**given, typed=code)
    code = codes.issue(**given, lives=codes.MAILED)
    rotate("--new", "pepper")
    remove_key(own_keys, "pepper", "k2")
    assert not codes.redeem(**given, typed=code)


def test_stored_files_are_encrypted_anew_and_read_by_who_held_the_old_row(system: None) -> None:
    data = bytes(range(256)) * 4096 * 2 + b"end"  # three chunks
    with transaction.atomic():
        row = files.store(kind="834", owner="plan", name="a", content_type="text/plain", data=data)
    before = [bytes(part) for part in StoredChunk.objects.values_list("cipher", flat=True)]
    rotate("--new", "file")
    report = rotate()
    assert column(report, "portals_storedfile") == {"rewritten": 1, "unreadable": 0, "remaining": 0}
    assert report["unused"]["file"] == ["k1"]
    assert StoredFile.objects.get(pk=row.pk).key_id == "k2"
    assert row.key_id == "k1"
    assert files.read(row) == data
    assert not set(before) & {bytes(part) for part in StoredChunk.objects.values_list("cipher", flat=True)}


def test_each_run_is_in_the_ledger_with_its_counts_and_no_value(system: None) -> None:
    with_ssn()
    rotate("--new", "field")
    rotate()
    begin = ledger.expect("portals.rotate_keys.begin", by="system")
    end = ledger.expect("portals.rotate_keys", by="system")
    assert begin.pk < end.pk
    assert begin.detail["current"] == {"field": "k2", "pepper": "k1", "file": "k1"}
    assert end.detail["members_person.ssn_cipher"] == {"rewritten": 1, "unreadable": 0, "remaining": 0}
    assert SSN not in json.dumps([begin.detail, end.detail])
