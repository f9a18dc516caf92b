"""Statements that make people and contracts which are new, and change those which are known."""

from __future__ import annotations

import csv
import io
import secrets

from django.db.backends.utils import CursorWrapper

from members.enrollment.apply import matching_sql
from members.enrollment.apply.stage import Stage, copy, ssn_context
from members.rules import numbers
from portals.crypto import values as crypto

# Ids are taken first, so that rows refer to one another before they are inserted. Who is known already, under another
# number of the client or elsewhere, is the same person only where SSN, birth date and name all agree.
NEW = f"""
CREATE TEMPORARY TABLE stage_new ON COMMIT DROP AS
WITH fresh AS (
    SELECT person.seq, person.ckey, person.ekey, person.subscriber, person.client_id, person.contract_id,
           member.ssn_index, member.ssn_indexes, member.birth_date, member.fold
    FROM stage_person person JOIN stage_member member USING (seq)
    WHERE person.ekey = -person.seq AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = person.seq)
), elsewhere AS (
{matching_sql.ELSEWHERE}
), known AS (
    SELECT fresh.seq, min(coalesce(meant.person_id, elsewhere.person_id)) AS person_id
    FROM fresh
    LEFT JOIN stage_client_meant meant ON meant.seq = fresh.seq AND NOT meant.unsure
    LEFT JOIN elsewhere ON elsewhere.seq = fresh.seq
    GROUP BY fresh.seq HAVING min(coalesce(meant.person_id, elsewhere.person_id)) IS NOT NULL
), twice AS (
    SELECT ckey, ssn_index, birth_date, fold FROM fresh WHERE ssn_index IS NOT NULL
    GROUP BY ckey, ssn_index, birth_date, fold HAVING count(*) > 1
), one AS (
    SELECT fresh.*, known.person_id AS known_id,
           CASE WHEN fresh.ssn_index IS NOT NULL AND fresh.fold <> '' AND NOT EXISTS (
                    SELECT 1 FROM twice WHERE twice.ssn_index = fresh.ssn_index)
                THEN min(fresh.seq) OVER (PARTITION BY fresh.ssn_index, fresh.birth_date, fresh.fold)
                ELSE fresh.seq END AS first
    FROM fresh LEFT JOIN known USING (seq)
), given AS MATERIALIZED (
    SELECT seq, nextval(pg_get_serial_sequence('members_person', 'id')) AS person_id
    FROM one WHERE known_id IS NULL AND first = seq
)
SELECT one.seq, one.ckey, one.ekey, one.subscriber, one.client_id, coalesce(one.known_id, given.person_id) AS person_id,
       one.known_id IS NULL AND one.first = one.seq AS creates_person
FROM one LEFT JOIN given ON given.seq = one.first
"""  # noqa: S608 - our own words only

NEW_PEOPLE = """
INSERT INTO members_person (id, uuid, first_name, middle_name, last_name, suffix, sort_key, birth_date, sex, ssn_cipher,
    ssn_index, ssn_last_four, address, address2, city, state, zip, phone, email, confidential_address, birth_sequence)
SELECT fresh.person_id, uuid, first_name, coalesce(middle_name, ''), last_name, coalesce(suffix, ''), sort_key,
       birth_date, coalesce(sex, 'U'), ssn_cipher, coalesce(ssn_index, ''), coalesce(ssn_last_four, ''),
       coalesce(address, ''), coalesce(address2, ''), coalesce(city, ''), coalesce(state, ''), coalesce(zip, ''),
       coalesce(phone, ''), coalesce(email, ''), coalesce(confidential_address, ''), birth_sequence
FROM stage_new fresh JOIN stage_member USING (seq) WHERE creates_person
"""

FREE_NUMBERS = """
DELETE FROM stage_number WHERE number IN (SELECT number FROM members_contract)
"""

NEW_CONTRACTS = """
CREATE TEMPORARY TABLE stage_contract ON COMMIT DROP AS
WITH free AS (
    SELECT number, row_number() OVER (ORDER BY min(place), number) AS turn FROM stage_number GROUP BY number
), wanted AS (
    SELECT fresh.*, row_number() OVER (ORDER BY seq) AS turn FROM stage_new fresh WHERE subscriber
)
SELECT wanted.ckey, wanted.client_id, wanted.person_id, free.number, member.sender_number, member.sender_cipher,
       member.uuid,
       nextval(pg_get_serial_sequence('members_contract', 'id')) AS contract_id
FROM wanted JOIN free USING (turn) JOIN stage_member member USING (seq)
"""

INSERT_CONTRACTS = """
INSERT INTO members_contract (id, uuid, client_id, number, sender_number, sender_cipher, subscriber_id)
SELECT contract_id, uuid, client_id, number, sender_number, sender_cipher, person_id FROM stage_contract
"""

INSERT_ENROLLEES = """
INSERT INTO members_enrollee (id, client_id, contract_id, person_id, relationship, suffix, member_id, recorded_date)
SELECT enrollee_id, client_id, contract_id, person_id, relationship, suffix, number || suffix, %(recorded_date)s
FROM (
    SELECT key.enrollee_id, fresh.client_id, key.contract_id, fresh.person_id, member.relationship, contract.number,
           to_char(coalesce(taken.last, 0) + row_number() OVER (
               PARTITION BY key.contract_id ORDER BY NOT fresh.subscriber, fresh.seq
           ), 'FM00') AS suffix
    FROM stage_new fresh
    JOIN stage_key key USING (ekey)
    JOIN stage_member member ON member.seq = fresh.seq
    JOIN members_contract contract ON contract.id = key.contract_id
    LEFT JOIN (
        SELECT contract_id, max(suffix::integer) AS last FROM members_enrollee
        WHERE contract_id IN (SELECT contract_id FROM stage_key) GROUP BY contract_id
    ) AS taken ON taken.contract_id = key.contract_id
) AS numbered
"""

KEY = """
CREATE TEMPORARY TABLE stage_key ON COMMIT DROP AS
SELECT DISTINCT person.ekey, coalesce(person.enrollee_id, fresh.enrollee_id) AS enrollee_id,
       coalesce(person.person_id, fresh.person_id) AS person_id,
       coalesce(person.contract_id, contract.contract_id) AS contract_id, person.client_id
FROM stage_person person
LEFT JOIN (
    SELECT ekey, person_id, nextval(pg_get_serial_sequence('members_enrollee', 'id')) AS enrollee_id FROM stage_new
) AS fresh USING (ekey)
LEFT JOIN stage_contract contract USING (ckey)
WHERE person.ekey IS NOT NULL AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = person.seq)
"""

# Who somebody with an account is, the file alone does not change: a person looks first.
GUARDED = """
CREATE TEMPORARY TABLE stage_guarded ON COMMIT DROP AS
SELECT known.seq, key.person_id
FROM stage_person known
JOIN stage_key key USING (ekey)
JOIN stage_member member ON member.seq = known.seq
JOIN members_person person ON person.id = key.person_id
WHERE known.maintenance <> '024'
  AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = known.seq)
  AND EXISTS (SELECT 1 FROM members_memberaccount account
              WHERE account.person_id = person.id AND account.disowned_at IS NULL)
  AND (nullif(member.first_name, '') <> person.first_name OR member.last_name <> person.last_name
       OR member.birth_date <> person.birth_date
       OR member.ssn_index IS NOT NULL AND person.ssn_index <> '' AND NOT person.ssn_index = ANY(member.ssn_indexes))
  AND NOT EXISTS (SELECT 1 FROM members_lookalike decided
                  WHERE decided.row_key = member.row_key AND decided.person_id = person.id AND decided.status = 'same')
"""

GUARDED_NOTES = """
INSERT INTO stage_note
SELECT guarded.seq, known.segment, 'NM1', 'change_waits', ''
FROM stage_guarded guarded JOIN stage_person known USING (seq)
"""

# What was on file before is kept, for the privacy officer to read.
KEEP_FORMER = """
INSERT INTO members_formerfacts (person_id, until, file_id, by, facts)
SELECT DISTINCT ON (person.id) person.id, %(taken_at)s, %(file_id)s, %(by)s, jsonb_strip_nulls(jsonb_build_object(
    'first_name', CASE WHEN nullif(member.first_name, '') <> person.first_name THEN person.first_name END,
    'middle_name', CASE WHEN coalesce(member.middle_name, CASE WHEN member.corrects THEN '' END) <> person.middle_name
        THEN person.middle_name END,
    'last_name', CASE WHEN member.last_name <> person.last_name THEN person.last_name END,
    'suffix', CASE WHEN coalesce(member.suffix, CASE WHEN member.corrects THEN '' END) <> person.suffix
        THEN person.suffix END,
    'birth_date', CASE WHEN member.birth_date <> person.birth_date THEN person.birth_date END,
    'sex', CASE WHEN member.sex <> person.sex THEN person.sex END,
    'ssn_last_four', CASE WHEN NOT person.ssn_index = ANY(member.ssn_indexes)
                          THEN nullif(person.ssn_last_four, '') END,
    'address', CASE WHEN member.address <> person.address THEN person.address END,
    'city', CASE WHEN member.city <> person.city THEN person.city END,
    'state', CASE WHEN member.state <> person.state THEN person.state END,
    'zip', CASE WHEN member.zip <> person.zip THEN person.zip END,
    'phone', CASE WHEN member.phone <> person.phone THEN person.phone END,
    'email', CASE WHEN upper(member.email) <> upper(person.email) THEN person.email END))
FROM stage_person known
JOIN stage_key key USING (ekey)
JOIN stage_member member ON member.seq = known.seq
JOIN members_person person ON person.id = key.person_id
WHERE known.maintenance <> '024'
  AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = known.seq)
  AND NOT EXISTS (SELECT 1 FROM stage_new fresh WHERE fresh.seq = known.seq AND creates_person)
  AND NOT EXISTS (SELECT 1 FROM stage_guarded guarded WHERE guarded.seq = known.seq)
  AND ((nullif(member.first_name, '') <> person.first_name) IS TRUE
    OR (coalesce(member.middle_name, CASE WHEN member.corrects THEN '' END) <> person.middle_name) IS TRUE
    OR (coalesce(member.suffix, CASE WHEN member.corrects THEN '' END) <> person.suffix) IS TRUE
    OR (member.last_name <> person.last_name) IS TRUE
    OR (member.birth_date <> person.birth_date) IS TRUE OR (member.sex <> person.sex) IS TRUE
    OR (person.ssn_index <> '' AND NOT person.ssn_index = ANY(member.ssn_indexes)) IS TRUE
    OR (member.address <> person.address) IS TRUE OR (member.city <> person.city) IS TRUE
    OR (member.state <> person.state) IS TRUE OR (member.zip <> person.zip) IS TRUE
    OR (member.phone <> person.phone) IS TRUE OR (upper(member.email) <> upper(person.email)) IS TRUE)
ORDER BY person.id, known.seq DESC
"""

# What a row says of somebody on file; what it does not say stays, and so does a confidential address. Who had another
# e-mail is told so at that one, or by letter where the address is confidential: the file may be wrong, or a trick.
UPDATE_PEOPLE = """
WITH changed AS (
UPDATE members_person person SET
    first_name = told.first_name, middle_name = told.middle_name, last_name = told.last_name, suffix = told.suffix,
    sort_key = told.sort_key, birth_date = told.birth_date, sex = told.sex, address = told.address,
    address2 = told.address2, city = told.city, state = told.state, zip = told.zip, phone = told.phone,
    email = told.email, confidential_address = told.confidential_address,
    email_changed_at = CASE WHEN upper(told.email) <> upper(told.former_email) THEN %(taken_at)s
                            ELSE person.email_changed_at END
FROM (
    SELECT DISTINCT ON (old.id) old.id,
           CASE WHEN guarded.seq IS NULL THEN coalesce(nullif(member.first_name, ''), old.first_name)
                ELSE old.first_name END AS first_name,
           coalesce(member.middle_name, CASE WHEN member.corrects THEN '' ELSE old.middle_name END)
               AS middle_name,
           CASE WHEN guarded.seq IS NULL THEN coalesce(member.last_name, old.last_name)
                ELSE old.last_name END AS last_name,
           coalesce(member.suffix, CASE WHEN member.corrects THEN '' ELSE old.suffix END) AS suffix,
           CASE WHEN member.last_name IS NULL OR guarded.seq IS NOT NULL THEN old.sort_key
                ELSE member.sort_key END AS sort_key,
           CASE WHEN guarded.seq IS NULL THEN coalesce(member.birth_date, old.birth_date)
                ELSE old.birth_date END AS birth_date,
           coalesce(member.sex, old.sex) AS sex,
           coalesce(member.address, old.address) AS address,
           CASE WHEN member.address IS NULL THEN old.address2 ELSE coalesce(member.address2, '') END AS address2,
           coalesce(member.city, old.city) AS city, coalesce(member.state, old.state) AS state,
           coalesce(member.zip, old.zip) AS zip, coalesce(member.phone, old.phone) AS phone,
           coalesce(member.email, old.email) AS email, old.email AS former_email,
           old.confidential_address AS former_confidential,
           coalesce(nullif(old.confidential_address, ''), member.confidential_address, '') AS confidential_address
    FROM stage_person known
    JOIN stage_key key USING (ekey)
    JOIN stage_member member ON member.seq = known.seq
    JOIN members_person old ON old.id = key.person_id
    LEFT JOIN stage_guarded guarded ON guarded.seq = known.seq
    WHERE known.maintenance <> '024' AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = known.seq)
      AND NOT EXISTS (SELECT 1 FROM stage_new fresh WHERE fresh.seq = known.seq AND creates_person)
    ORDER BY old.id, known.seq DESC
) AS told
WHERE told.id = person.id AND (
    person.first_name, person.middle_name, person.last_name, person.suffix, person.sort_key, person.birth_date,
    person.sex, person.address, person.address2, person.city, person.state, person.zip, person.phone, person.email,
    person.confidential_address
) IS DISTINCT FROM (
    told.first_name, told.middle_name, told.last_name, told.suffix, told.sort_key, told.birth_date, told.sex,
    told.address, told.address2, told.city, told.state, told.zip, told.phone, told.email, told.confidential_address
)
RETURNING person.id, told.email, told.former_email, told.former_confidential
)
INSERT INTO portals_outboxmail (key, "to", subject, body, letter, postal_address, status, tries)
SELECT format('email_changed:%%s:%%s', id, %(file_id)s::text),
       CASE WHEN former_confidential = '' THEN former_email ELSE '' END, %(changed_subject)s, %(changed_body)s,
       former_confidential <> '', former_confidential, 'waiting', 0
FROM changed WHERE former_email <> '' AND upper(email) <> upper(former_email)
ON CONFLICT (key) DO NOTHING
"""

OTHER_SSNS = """
SELECT DISTINCT ON (person.id) person.id, person.uuid, known.seq
FROM stage_person known
JOIN stage_key key USING (ekey)
JOIN stage_member member ON member.seq = known.seq
JOIN members_person person ON person.id = key.person_id
WHERE known.maintenance <> '024' AND member.ssn_index IS NOT NULL AND NOT person.ssn_index = ANY(member.ssn_indexes)
  AND NOT EXISTS (SELECT 1 FROM stage_guarded guarded WHERE guarded.seq = known.seq AND person.ssn_index <> '')
  AND NOT EXISTS (SELECT 1 FROM stage_error error WHERE error.member_seq = known.seq)
ORDER BY person.id, known.seq DESC
"""

UPDATE_SSNS = """
UPDATE members_person person SET ssn_cipher = fresh.cipher, ssn_index = member.ssn_index,
       ssn_last_four = member.ssn_last_four
FROM stage_ssn fresh JOIN stage_member member USING (seq) WHERE person.id = fresh.person_id
"""


def create(stage: Stage, cursor: CursorWrapper) -> None:
    stage.make(cursor, "stage_new", NEW)
    stage.people = stage.run(cursor, NEW_PEOPLE)
    cursor.execute("SELECT count(*) FROM stage_new WHERE subscriber")
    _draw_numbers(cursor, int(cursor.fetchone()[0]))
    stage.contracts = stage.make(cursor, "stage_contract", NEW_CONTRACTS)
    stage.run(cursor, INSERT_CONTRACTS)
    stage.make(cursor, "stage_key", KEY)
    stage.run(cursor, INSERT_ENROLLEES)
    stage.make(cursor, "stage_guarded", GUARDED)
    stage.run(cursor, GUARDED_NOTES)
    stage.run(cursor, KEEP_FORMER)
    stage.run(cursor, UPDATE_PEOPLE)
    _update_ssns(stage, cursor)


def _update_ssns(stage: Stage, cursor: CursorWrapper) -> None:
    stage.run(cursor, OTHER_SSNS)
    fresh = io.StringIO()
    write = csv.writer(fresh).writerow
    for person_id, key, seq in cursor.fetchall():
        cipher = crypto.encrypt(stage.ssns[seq], context=ssn_context(key))
        write((person_id, seq, "\\x" + cipher.hex()))
    copy(cursor, "stage_ssn", {"person_id": "bigint", "seq": "integer", "cipher": "bytea"}, fresh)
    stage.run(cursor, UPDATE_SSNS)


def _draw_numbers(cursor: CursorWrapper, wanted: int) -> None:
    """Free contract numbers into `stage_number`, drawn at random; those that are taken are drawn again."""
    cursor.execute("CREATE TEMPORARY TABLE stage_number (place integer, number text) ON COMMIT DROP")
    missing = wanted
    while missing:
        drawn = dict.fromkeys(secrets.randbelow(numbers.PAYLOADS) for _ in range(missing + missing // 20 + 1))
        content = io.StringIO()
        csv.writer(content).writerows((place, numbers.contract_number(payload)) for place, payload in enumerate(drawn))
        content.seek(0)
        cursor.copy_expert("COPY stage_number FROM STDIN (FORMAT csv)", content)
        cursor.execute(FREE_NUMBERS)
        cursor.execute("SELECT count(DISTINCT number) FROM stage_number")
        missing = max(0, wanted - int(cursor.fetchone()[0]))
