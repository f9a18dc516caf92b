"""Statements that place a file's rows: contract and person of each, and what is on file of them."""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from members.enrollment.apply.stage import Stage

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
                WHEN named_group IS NOT NULL AND group_id IS NULL OR placed.client_id IS NULL THEN 'unknown_group'
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

# Which person of the contract is meant: birth date and first name, then what the sender had told us before, then the
# SSN. A subscriber must agree in one of them with the person on file, or it is somebody else. A first name
# is folded here as staging.fold does.
PERSON = """
CREATE TEMPORARY TABLE stage_person ON COMMIT DROP AS
WITH matched AS (
    SELECT DISTINCT ON (place.seq) place.seq, enrollee.id AS enrollee_id, enrollee.person_id
    FROM stage_place place
    JOIN stage_member member USING (seq)
    JOIN members_enrollee enrollee ON enrollee.contract_id = place.contract_id
    JOIN members_person person ON person.id = enrollee.person_id
    CROSS JOIN LATERAL (
        SELECT regexp_replace(lower(normalize(person.first_name, NFKD)), '[^a-z]', '', 'g') AS fold
    ) AS known
    CROSS JOIN LATERAL (
        SELECT known.fold = member.fold AS same_name, person.birth_date = member.birth_date AS same_birth
    ) AS it
    CROSS JOIN LATERAL (SELECT CASE
        WHEN member.enrollee_id IS NOT NULL THEN CASE WHEN enrollee.id = member.enrollee_id THEN 0 END
        WHEN place.subscriber <> (enrollee.relationship = '18') THEN NULL
        WHEN same_birth AND same_name THEN 1
        WHEN (member.former_fold IS NOT NULL OR member.former_birth_date IS NOT NULL)
             AND known.fold = coalesce(member.former_fold, member.fold)
             AND person.birth_date = coalesce(member.former_birth_date, member.birth_date) THEN 2
        WHEN person.ssn_index = ANY(member.ssn_indexes || member.former_ssn_indexes) THEN 3
        WHEN place.subscriber AND (same_birth OR same_name) THEN 4
        WHEN member.birth_date IS NULL AND same_name THEN 5 END AS rank) AS judged
    WHERE place.reason IS NULL AND rank IS NOT NULL
    ORDER BY place.seq, rank, enrollee.id
)
SELECT place.seq, place.segment, place.ckey, place.subscriber, place.maintenance, place.creates, place.group_id,
       place.client_id, place.contract_id, place.full_file, member.birth_date, member.fold, matched.enrollee_id,
       matched.person_id,
       CASE WHEN matched.enrollee_id IS NOT NULL THEN matched.enrollee_id
            WHEN place.subscriber THEN CASE
                WHEN place.ckey < 0 AND (creator.birth_date = member.birth_date OR creator.fold = member.fold)
                THEN place.ckey END
            ELSE -min(place.seq) FILTER (
                WHERE matched.enrollee_id IS NULL AND place.creates AND member.birth_date IS NOT NULL
            ) OVER (PARTITION BY place.ckey, place.subscriber, member.birth_date, member.fold)
       END::bigint AS ekey
FROM stage_place place
JOIN stage_member member USING (seq)
LEFT JOIN matched USING (seq)
LEFT JOIN stage_member creator ON creator.seq = -place.ckey
WHERE place.reason IS NULL
"""

PERSON_ERRORS = """
INSERT INTO stage_error
SELECT seq, segment, 'INS',
       CASE WHEN subscriber THEN 'different_person' WHEN maintenance = '024' THEN 'nothing_to_end'
            WHEN creates AND birth_date IS NULL THEN 'no_birth_date' ELSE 'unknown_member' END, ''
FROM stage_person WHERE ekey IS NULL
UNION ALL
SELECT seq, segment, 'INS', 'too_many_people', ''
FROM (
    SELECT person.seq, person.segment, count(*) OVER (PARTITION BY ckey ORDER BY person.seq) AS place,
           (SELECT coalesce(max(suffix::integer), 0) FROM members_enrollee WHERE contract_id = person.ckey) AS taken
    FROM stage_person person WHERE person.ekey = -person.seq
) AS numbered
WHERE place + taken > %(last_suffix)s
"""


def place(stage: Stage, cursor: CursorWrapper) -> None:
    """Whose client, group, contract and person each row means."""
    stage.run(cursor, LOCK)
    stage.make(cursor, "stage_place", PLACE)
    stage.run(cursor, PLACE_ERRORS)
    stage.make(cursor, "stage_now", NOW)
    stage.make(cursor, "stage_person", PERSON)
    stage.run(cursor, PERSON_ERRORS)
