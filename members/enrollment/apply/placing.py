"""Statements that place a file's rows: contract and person of each, and what is on file of them."""

from __future__ import annotations

import csv
import io

from django.db.backends.utils import CursorWrapper

from members.enrollment.apply import matching_sql, tables
from members.enrollment.apply.stage import Stage, copy, sender_context
from portals.crypto import values as crypto

FEW = 500  # rows that are looked up one by one

# Whoever changes coverage holds the client's bill accounts, in key order, before looking at anything.
LOCK = """
SELECT id FROM billing_billaccount WHERE id IN (
    WITH client AS (
        SELECT client_id FROM members_group WHERE number IN (SELECT group_number FROM stage_member)
        UNION SELECT client_id FROM members_enrollee WHERE id IN (SELECT enrollee_id FROM stage_member)
        UNION SELECT %(client_id)s::bigint
    )
    SELECT unnest(ARRAY[package.account_id, package.cobra_account_id])
    FROM members_benefitpackage package JOIN members_group ON members_group.id = package.group_id
    JOIN client ON client.client_id = members_group.client_id
) ORDER BY id FOR NO KEY UPDATE
"""

# An SSN that a contract still holds under an older pepper comes under the current one, by which everything below looks.

# Whose client, group and contract: a row without a group number takes that of its contract's other rows.
PLACE = """
CREATE TEMPORARY TABLE stage_place ON COMMIT DROP AS
WITH fallback AS (
    SELECT sender_number, min(group_number) AS group_number FROM stage_member
    WHERE group_number IS NOT NULL GROUP BY sender_number
), placed AS (
    SELECT member.*, coalesce(member.group_number, fallback.group_number) AS named_group, groups.id AS group_id,
           given.contract_id AS given_contract,
           coalesce(given.client_id, groups.client_id, CASE
               WHEN coalesce(member.group_number, fallback.group_number) IS NULL THEN %(client_id)s::bigint END
           ) AS client_id
    FROM stage_member member
    LEFT JOIN fallback USING (sender_number)
    LEFT JOIN members_group groups ON groups.number = coalesce(member.group_number, fallback.group_number)
    LEFT JOIN members_enrollee given ON given.id = member.enrollee_id
), found AS (
    SELECT placed.seq, placed.segment, placed.subscriber, placed.relationship, placed.maintenance, placed.creates,
           placed.full_file, placed.sender_number, placed.birth_date, named_group, group_id, placed.client_id,
           coalesce(given_contract, named.id, ours.id) AS contract_id,
           CASE WHEN placed.subscriber <> (placed.relationship = '18') THEN 'bad_relationship'
                WHEN named_group IS NOT NULL AND group_id IS NULL THEN 'unknown_group'
                WHEN placed.client_id IS NULL THEN 'no_group'
                WHEN placed.client_id <> %(client_id)s::bigint THEN 'group_of_another_client' END AS reason
    FROM placed
    LEFT JOIN members_contract named
        ON named.client_id = placed.client_id AND named.sender_number = placed.sender_number
    LEFT JOIN members_contract ours
        ON ours.number = left(placed.sender_number, %(number_length)s) AND ours.client_id = placed.client_id
), keyed AS (
    SELECT *, coalesce(contract_id, -min(seq) FILTER (
        WHERE subscriber AND creates AND reason IS NULL AND birth_date IS NOT NULL
    ) OVER (PARTITION BY client_id, sender_number))::bigint AS ckey
    FROM found
)
SELECT seq, segment, subscriber, relationship, maintenance, creates, full_file, sender_number, birth_date, named_group,
       group_id, client_id, contract_id, ckey,
       coalesce(reason, CASE
           WHEN ckey IS NOT NULL THEN NULL
           WHEN maintenance = '024' THEN 'nothing_to_end'
           WHEN NOT subscriber THEN 'no_subscriber'
           WHEN maintenance IN ('021', '030') THEN 'no_birth_date'
           ELSE 'unknown_member' END) AS reason
FROM keyed
"""

PLACE_ERRORS = """
INSERT INTO stage_error
SELECT seq, segment, 'INS', reason,
       CASE reason WHEN 'bad_relationship' THEN relationship WHEN 'unknown_group' THEN coalesce(named_group, '')
                   WHEN 'group_of_another_client' THEN named_group ELSE '' END
FROM stage_place WHERE reason IS NOT NULL
"""

# What we hold to be true of these contracts, and of every contract in the groups of a full file.
NOW = """
CREATE TEMPORARY TABLE stage_now ON COMMIT DROP AS
WITH contract AS (
    SELECT contract_id FROM stage_place WHERE contract_id IS NOT NULL
    UNION
    SELECT cover.contract_id FROM members_coverage cover
    JOIN members_benefitpackage package ON package.id = cover.package_id
    WHERE upper_inf(cover.known)
      AND package.group_id IN (SELECT group_id FROM stage_place WHERE full_file AND reason IS NULL)
)
SELECT cover.id, cover.enrollee_id, cover.contract_id, cover.line, cover.package_id, cover.cobra,
       package.group_id, package.product_id, package.benefit_class, enrollee.relationship = '18' AS subscriber,
       lower(cover.effective) AS lo, coalesce(upper(cover.effective), 'infinity') AS hi, lower(cover.known) AS since
FROM contract
JOIN members_coverage cover USING (contract_id)
JOIN members_enrollee enrollee ON enrollee.id = cover.enrollee_id
JOIN members_benefitpackage package ON package.id = cover.package_id
WHERE upper_inf(cover.known)
"""

GIVE_NUMBERS = """
UPDATE members_contract contract SET sender_number = fresh.sender_number, sender_cipher = fresh.sender_cipher
FROM stage_renumbered fresh WHERE contract.id = fresh.contract_id
"""

# Whom each row means (`matching_sql`), then whom a row creates: our id of the person on the contract, else minus the
# `seq` of the row that creates it.
PERSON = """
CREATE TEMPORARY TABLE stage_person ON COMMIT DROP AS
SELECT place.seq, place.segment, place.ckey, place.subscriber, place.maintenance, place.creates, place.group_id,
       place.client_id, place.contract_id, place.full_file, member.birth_date, member.fold,
       coalesce(given.id, meant.enrollee_id) AS enrollee_id, coalesce(given.person_id, meant.person_id) AS person_id,
       CASE WHEN given.id IS NOT NULL THEN given.id
            WHEN meant.seq IS NOT NULL THEN meant.enrollee_id
            WHEN place.subscriber THEN CASE
                WHEN place.ckey = -place.seq THEN place.ckey
                WHEN place.ckey < 0 AND (
                    creator.fold = member.fold AND creator.birth_date = coalesce(member.birth_date, creator.birth_date)
                    OR creator.ssn_index = member.ssn_index AND (
                        creator.fold = member.fold OR creator.birth_date = member.birth_date)
                    OR creator.fold = coalesce(member.former_fold, member.fold)
                       AND creator.birth_date = coalesce(member.former_birth_date, member.birth_date)
                ) THEN place.ckey END
            ELSE -grouped.one
       END::bigint AS ekey
FROM stage_place place
JOIN stage_member member USING (seq)
LEFT JOIN members_enrollee given ON given.id = member.enrollee_id AND given.contract_id = place.contract_id
LEFT JOIN stage_meant meant ON meant.seq = place.seq AND NOT meant.unsure
LEFT JOIN stage_group grouped ON grouped.seq = place.seq
LEFT JOIN stage_member creator ON creator.seq = -place.ckey
WHERE place.reason IS NULL
"""

# Of whom a person must say who is meant: the row, and with a new subscriber everybody of the contract.
WAITING = """
WITH waiting AS (
    SELECT seq FROM stage_meant WHERE unsure
    UNION SELECT seq FROM stage_client_meant WHERE unsure
), rows AS (
    SELECT person.seq, person.segment, person.ekey, waiting.seq IS NOT NULL AS own
    FROM stage_person person LEFT JOIN waiting USING (seq)
    WHERE waiting.seq IS NOT NULL OR -person.ckey IN (SELECT seq FROM stage_client_meant WHERE unsure)
), marked AS (
    INSERT INTO stage_wait SELECT seq FROM rows
)
INSERT INTO stage_error
SELECT seq, segment, 'INS', CASE WHEN own THEN 'looks_like' ELSE 'subscriber_waits' END, '' FROM rows
"""

PERSON_ERRORS = """
INSERT INTO stage_error
SELECT person.seq, person.segment, 'INS',
       CASE WHEN subscriber THEN 'different_person' WHEN grouped.unclear THEN 'twin_or_same'
            WHEN maintenance = '024' THEN 'nothing_to_end'
            WHEN creates AND birth_date IS NULL THEN 'no_birth_date' ELSE 'unknown_member' END, ''
FROM stage_person person LEFT JOIN stage_group grouped USING (seq)
WHERE ekey IS NULL AND NOT EXISTS (SELECT 1 FROM stage_wait wait WHERE wait.member_seq = person.seq)
UNION ALL
SELECT seq, segment, 'INS', 'too_many_people', ''
FROM (
    SELECT person.seq, person.segment, count(*) OVER (PARTITION BY ckey ORDER BY person.seq) AS place,
           (SELECT coalesce(max(suffix::integer), 0) FROM members_enrollee WHERE contract_id = person.ckey) AS taken
    FROM stage_person person WHERE person.ekey = -person.seq
) AS numbered
WHERE place + taken > %(last_suffix)s
"""

# What the sender must know of whoever is taken: what was put right on file, and what was not believed.
PERSON_NOTES = """
WITH shared AS (
    SELECT seq FROM stage_shared
    UNION
    SELECT pair.seq FROM stage_pair pair JOIN stage_person person USING (seq)
    WHERE pair.shared OR pair.ssn = 'same' AND pair.enrollee_id IS DISTINCT FROM person.enrollee_id
)
INSERT INTO stage_note
SELECT person.seq, person.segment, 'NM1', found.note, ''
FROM stage_person person
JOIN stage_pair pair ON pair.seq = person.seq AND pair.enrollee_id = person.enrollee_id AND NOT pair.former
CROSS JOIN LATERAL (
    SELECT 'name_changed' AS note WHERE pair.first = 'other'
    UNION ALL SELECT 'birth_changed' WHERE pair.birth = 'other'
    UNION ALL SELECT 'ssn_changed' WHERE pair.ssn = 'other'
) AS found
WHERE person.maintenance <> '024'
UNION ALL
SELECT person.seq, person.segment, 'NM1', 'ssn_shared', ''
FROM stage_person person JOIN shared USING (seq) WHERE NOT person.subscriber
UNION ALL
SELECT person.seq, person.segment, 'NM1', 'ssn_unusable', ''
FROM stage_person person JOIN stage_member member USING (seq) WHERE member.ssn_unusable
"""

# An SSN that stands for several people of a family is kept of none but the subscriber.
FORGET_SHARED = """
UPDATE stage_member member SET ssn_index = NULL, ssn_indexes = NULL, ssn_cipher = NULL, ssn_last_four = NULL
FROM stage_note note WHERE note.member_seq = member.seq AND note.reason = 'ssn_shared'
"""


def place(stage: Stage, cursor: CursorWrapper) -> None:
    """Whose client, group, contract and person each row means."""
    stage.run(cursor, LOCK)
    stage.make(cursor, "stage_place", PLACE)
    stage.run(cursor, PLACE_ERRORS)
    stage.make(cursor, "stage_now", NOW)
    stage.make(cursor, "stage_shared", matching_sql.SHARED)
    if stage.count > FEW:
        # Right after a first large file nobody knows how large the tables are, and each row would be looked up alone.
        cursor.execute("SET LOCAL enable_nestloop = off")
    _find_by_client(stage, cursor)
    stage.make(cursor, "stage_pair", matching_sql.PAIR)
    cursor.execute("SET LOCAL enable_nestloop = on")
    stage.run(cursor, matching_sql.DECIDED)
    stage.make(cursor, "stage_meant", matching_sql.MEANT)
    stage.make(cursor, "stage_group", matching_sql.GROUPED)
    stage.make(cursor, "stage_person", PERSON)
    stage.run(cursor, WAITING)
    stage.run(cursor, PERSON_ERRORS)
    stage.run(cursor, PERSON_NOTES)
    stage.run(cursor, FORGET_SHARED)


def _find_by_client(stage: Stage, cursor: CursorWrapper) -> None:
    """Whom the client had under another number; where a full file gave up the old one, the contract goes on under the
    new."""
    stage.make(cursor, "stage_client_pair", matching_sql.CLIENT_PAIR)
    stage.run(cursor, matching_sql.CLIENT_DECIDED)
    stage.make(cursor, "stage_client_meant", matching_sql.CLIENT_MEANT)
    stage.run(cursor, matching_sql.RENUMBERED)
    renumbered = cursor.fetchall()
    if not renumbered:
        return
    digits = {indexes[-1]: number for number, indexes in stage.senders.items()}
    fresh = io.StringIO()
    write = csv.writer(fresh).writerow
    for contract_id, key, sender_number in renumbered:
        number = digits.get(sender_number)
        write(
            (
                contract_id,
                sender_number,
                "\\x" + crypto.encrypt(number, context=sender_context(key)).hex() if number else "",
            )
        )
    copy(cursor, "stage_renumbered", tables.RENUMBERED_COLUMNS, fresh)
    stage.run(cursor, GIVE_NUMBERS)
    stage.run(cursor, matching_sql.RENUMBER)
    cursor.execute("DROP TABLE stage_now")
    stage.make(cursor, "stage_now", NOW)
