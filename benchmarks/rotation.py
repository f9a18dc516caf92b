"""The rotation of keys against a bare UPDATE of the same rows, in one run.

    python -m benchmarks.rotation [--people 100000]

People with an encrypted SSN and its blind index. Both keys are new, so every row is decrypted, encrypted, hashed and
written by `portals.rotation.run` in batches of their own transactions. The bare UPDATE writes as many bytes into the
same two columns of the same table, by one statement. The goal of a million rows in five minutes is 3,300 rows a second.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time

from launch import postgres, testbed

os.environ.update(testbed.environment())

_PEOPLE = """
INSERT INTO members_person (uuid, first_name, middle_name, last_name, suffix, sort_key, birth_date, sex, ssn_cipher,
    ssn_index, ssn_last_four, address, address2, city, state, zip, phone, email, confidential_address)
SELECT uuid, 'Iris', '', 'Invented', '', 'invented iris', '1985-04-28', 'F', cipher, index, '4321', '1 Made-up Street',
       '', 'Albany', 'NY', '12207', '', '', ''
FROM unnest(%s::uuid[], %s::bytea[], %s::text[]) AS made(uuid, cipher, index)
"""
# As many bytes, other ones.
_BARE = """
UPDATE members_person SET ssn_cipher = set_byte(ssn_cipher, 5, (get_byte(ssn_cipher, 5) + 1) %% 256),
    ssn_index = left(ssn_index, 3) || reverse(substring(ssn_index FROM 4))
"""


def measure(people: int) -> dict[str, float]:
    import django

    lease = testbed.Lease()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PLAN_KEYS_DIR"] = folder
        try:
            testbed.clone(lease, testbed.NAME)
            django.setup()
            return _measure(people)
        finally:
            from django.db import connection

            connection.close()
            testbed.drop(testbed.NAME)
            lease.release()


def _measure(people: int) -> dict[str, float]:
    from django.db import connection

    from portals import rotation
    from portals import scope as scopes

    by = scopes.system("benchmark")
    _enroll(people)
    with connection.cursor() as cursor:
        _vacuum()
        began = time.perf_counter()
        with scopes.entered(by, bulk=True):
            cursor.execute(_BARE, [])
        bare = time.perf_counter() - began
        with scopes.entered(by, bulk=True):
            cursor.execute(_BARE.replace("+ 1", "+ 255"), [])  # back again
    _vacuum()
    for ring in ("field", "pepper"):
        rotation.new_key(ring, by=by)
    began = time.perf_counter()
    report = rotation.run(by=by)
    seconds = time.perf_counter() - began
    done = next(each for each in report.columns if each.label == "members_person.ssn_cipher")
    if (done.rewritten, report.remaining) != (people, 0):
        raise SystemExit(f"only {done.rewritten} of {people} were rewritten")
    began = time.perf_counter()
    rotation.run(by=by)
    again = time.perf_counter() - began
    return {
        "people": people,
        "bare_seconds": bare,
        "rotation_seconds": seconds,
        "ratio": seconds / bare,
        "rows_a_second": people / seconds,
        "minutes_of_a_million": 1e6 / people * seconds / 60,
        "again_seconds": again,
    }


def _enroll(people: int) -> None:
    import uuid

    from django.db import connection

    from portals import scope as scopes
    from portals.crypto import values as crypto

    with scopes.entered(scopes.system("benchmark"), bulk=True), connection.cursor() as cursor:
        for start in range(0, people, 10_000):
            numbers = [f"{900_000_000 + n}" for n in range(start, min(start + 10_000, people))]
            own = [uuid.uuid4() for _ in numbers]
            ciphers = [crypto.encrypt(n, context=f"members_person.ssn.{u}") for n, u in zip(numbers, own, strict=True)]
            indexes = [crypto.blind_index(n, purpose="ssn") for n in numbers]
            cursor.execute(_PEOPLE, [[str(u) for u in own], ciphers, indexes])


def _vacuum() -> None:
    """Both sides begin with a table without dead rows."""
    with postgres.session(os.environ["DATABASE_OWNER_URL"]) as owner, owner.cursor() as cursor:
        cursor.execute("VACUUM FULL ANALYZE members_person")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=100_000)
    for name, value in measure(parser.parse_args().people).items():
        print(f"{name:20} {value:12,.2f}")


if __name__ == "__main__":
    main()
