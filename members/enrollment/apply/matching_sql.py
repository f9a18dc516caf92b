"""`members.enrollment.matching` for a whole file at once: the same facts as columns, the same table as SQL.

`stage_pair` is a row beside each person whom it may mean, fact by fact and judged; `stage_meant` what came of each row.
"""

from __future__ import annotations

from members.enrollment.matching import RULES, Rule, Verdict

# Beside the row's own columns, whoever is on file: `person` and the relationship held to be theirs.
_KNOWN = """
    CROSS JOIN LATERAL (SELECT
        CASE WHEN lower(person.first_name) = said.fold THEN said.fold
             ELSE regexp_replace(lower(normalize(person.first_name, NFKD)), '[^a-z]', '', 'g') END AS fold,
        CASE WHEN person.middle_name = '' THEN ''
             WHEN lower(person.middle_name) = said.middle_fold THEN said.middle_fold
             ELSE regexp_replace(lower(normalize(person.middle_name, NFKD)), '[^a-z]', '', 'g') END AS middle,
        CASE WHEN lower(person.last_name) = said.last_fold THEN said.last_fold
             ELSE regexp_replace(lower(normalize(person.last_name, NFKD)), '[^a-z]', '', 'g') END AS last,
        regexp_replace(lower(person.suffix), '[^a-z]', '', 'g') AS suffix,
        person.ssn_index <> '' AND coalesce(person.ssn_index = ANY(said.ssn_indexes), false) AS same_ssn,
        person.ssn_index <> '' AND coalesce(person.ssn_index = ANY(said.former_ssn_indexes), false) AS same_former_ssn
    ) AS known
"""

# What `matching.compare` answers, of `said` (a row), `person` and `known` (on file), and `shared`.
_EVIDENCE = """
    CASE WHEN said.ssn_index IS NULL OR person.ssn_index = '' OR {shared} THEN 'unknown'
         WHEN known.same_ssn THEN 'same' ELSE 'other' END AS ssn,
    CASE WHEN said.birth_date IS NULL THEN 'unknown' WHEN said.birth_date = person.birth_date THEN 'same'
         ELSE 'other' END AS birth,
    CASE WHEN said.fold = '' AND known.fold = '' THEN CASE
              WHEN said.last_fold = '' OR known.last = '' THEN 'unknown'
              WHEN said.last_fold = known.last THEN 'same' ELSE 'other' END
         WHEN said.fold = '' OR known.fold = '' THEN 'unknown'
         WHEN said.fold IN (known.fold, known.fold || known.middle)
              OR said.fold || said.middle_fold IN (known.fold, known.fold || known.middle) THEN 'same'
         ELSE 'other' END AS first,
    CASE WHEN said.last_fold = '' OR known.last = '' THEN 'unknown' WHEN said.last_fold = known.last THEN 'same'
         ELSE 'other' END AS last,
    CASE WHEN coalesce(said.sex, 'U') = 'U' OR person.sex = 'U' THEN 'unknown' WHEN said.sex = person.sex THEN 'same'
         ELSE 'other' END AS sex,
    said.middle_fold <> '' AND known.middle <> '' AND NOT starts_with(said.middle_fold, known.middle)
        AND NOT starts_with(known.middle, said.middle_fold)
      OR said.suffix_fold <> '' AND known.suffix <> '' AND said.suffix_fold <> known.suffix
      OR said.birth_sequence <> '' AND person.birth_sequence <> '' AND said.birth_sequence <> person.birth_sequence
      AS apart,
    (said.relationship IN ('01', '53')) = ({relationship} IN ('01', '53')) AS kin,
    (said.former_fold IS NOT NULL OR said.former_birth_date IS NOT NULL OR said.former_ssn_indexes IS NOT NULL)
      AND (said.former_ssn_indexes IS NULL OR person.ssn_index = '' OR known.same_former_ssn)
      AND CASE WHEN known.same_former_ssn THEN
               coalesce(said.former_fold, said.fold) <> '' AND coalesce(said.former_fold, said.fold) = known.fold
               OR coalesce(coalesce(said.former_birth_date, said.birth_date) = person.birth_date, false)
          ELSE coalesce(said.former_fold, said.fold) <> '' AND coalesce(said.former_fold, said.fold) = known.fold
               AND coalesce(coalesce(said.former_birth_date, said.birth_date) = person.birth_date, false) END AS former,
    said.corrects, said.creates,
    CASE WHEN coalesce(said.address, '') = '' OR person.address = '' THEN 'unknown'
         WHEN upper(said.address) = upper(person.address) THEN 'same' ELSE 'other' END AS address,
    said.nameless OR known.fold = ANY(%(nameless)s) AS nameless
"""

SAID = """
SELECT place.seq, place.ckey, place.subscriber, place.contract_id, place.client_id, place.group_id, place.creates,
       place.full_file, place.maintenance, place.relationship, member.enrollee_id AS given, member.fold,
       member.middle_fold, member.last_fold, member.suffix_fold, member.sort_key, member.birth_date, member.sex,
       member.ssn_index, member.ssn_indexes, member.former_fold, member.former_birth_date, member.former_ssn_indexes,
       member.birth_sequence, member.corrects, member.nameless, member.address, shared.seq IS NOT NULL AS shared_ssn,
       member.row_key
FROM stage_place place JOIN stage_member member USING (seq) LEFT JOIN stage_shared shared USING (seq)
WHERE place.reason IS NULL
"""

# One SSN for several people of a family in this file (a filler, or the parent's): it says nothing of any of them.
SHARED = """
CREATE TEMPORARY TABLE stage_shared ON COMMIT DROP AS
WITH used AS (
    SELECT sender_number, ssn_index FROM stage_member WHERE ssn_index IS NOT NULL
    GROUP BY sender_number, ssn_index
    HAVING count(DISTINCT (subscriber, coalesce(former_fold, fold))) > 1
        OR count(DISTINCT coalesce(former_birth_date, birth_date)) > 1
)
SELECT seq FROM stage_member JOIN used USING (sender_number, ssn_index)
"""


def _condition(rule: Rule, absent: str) -> str:
    parts = []
    for name, values in rule.when.items():
        column = absent if name == "absent" else name
        if isinstance(values[0], bool):
            parts.append(column if values[0] else f"NOT {column}")
        else:
            parts.append(f"{column} IN ({', '.join(repr(str(value)) for value in values)})")
    return " AND ".join(parts)


def _judged(absent: str) -> str:
    """`matching.judge` over columns named as the fields of Evidence."""
    lines = (f"WHEN {_condition(rule, absent)} THEN {number}" for number, rule in enumerate(RULES))
    return "CASE " + "\n".join(lines) + " END"


def _numbers(verdict: Verdict) -> str:
    return ", ".join(str(number) for number, rule in enumerate(RULES) if rule.verdict is verdict)


SAME, UNSURE = _numbers(Verdict.SAME), _numbers(Verdict.UNSURE)

# The row's SSN is held by two people of the contract, or by one of the other kind: the parent's, sent for a child.
_SHARED = """(said.shared_ssn OR count(*) FILTER (WHERE known.same_ssn) OVER (PARTITION BY said.seq) > 1
    OR count(*) FILTER (WHERE known.same_ssn AND said.subscriber <> (enrollee.relationship = '18'))
       OVER (PARTITION BY said.seq) > 0)"""
_CONTRACT = _EVIDENCE.format(shared=_SHARED, relationship="enrollee.relationship")
_CLIENT = _EVIDENCE.format(shared="said.shared_ssn", relationship="'18'")

# Everybody on the contract is looked at, for an SSN that two of them have; who is meant is of the row's own kind.
PAIR = f"""
CREATE TEMPORARY TABLE stage_pair ON COMMIT DROP AS
WITH said AS ({SAID} AND place.contract_id IS NOT NULL AND member.enrollee_id IS NULL),
pair AS (
    SELECT said.seq, said.full_file, said.row_key, enrollee.id AS enrollee_id, enrollee.person_id, enrollee.contract_id,
           said.subscriber = (enrollee.relationship = '18') AS fits,
           CASE WHEN said.subscriber THEN 'subscriber' ELSE 'dependent' END AS place, {_SHARED} AS shared,
           said.subscriber, {_CONTRACT}
    FROM said
    JOIN members_enrollee enrollee ON enrollee.contract_id = said.contract_id
    JOIN members_person person ON person.id = enrollee.person_id
    {_KNOWN}
)
SELECT pair.*, {_judged("false")} AS rule, {_judged("true")} AS absent_rule
FROM pair WHERE fits
"""  # noqa: S608 - our own words only

# What the desk decided of just this row and person goes before what the table says.
DECIDED = """
UPDATE stage_pair pair SET rule = CASE decided.status WHEN 'same' THEN -1 ELSE 1000 END,
       absent_rule = CASE decided.status WHEN 'same' THEN -1 ELSE 1000 END
FROM members_lookalike decided
WHERE decided.row_key = pair.row_key AND decided.person_id = pair.person_id AND decided.status IN ('same', 'two')
"""

MEANT = f"""
CREATE TEMPORARY TABLE stage_meant ON COMMIT DROP AS
WITH same AS (
    SELECT DISTINCT ON (seq) seq, enrollee_id, person_id, rule, count(*) OVER (PARTITION BY seq, rule) > 1 AS several
    FROM stage_pair WHERE rule IN (-1, {SAME}) ORDER BY seq, rule, enrollee_id
), claimed AS (
    SELECT DISTINCT enrollee_id FROM same WHERE NOT several
), covered AS (
    SELECT DISTINCT enrollee_id FROM stage_now WHERE hi > %(full_from)s
), open AS (
    SELECT pair.seq, pair.enrollee_id, pair.person_id, pair.creates, claimed.enrollee_id IS NOT NULL AS claimed,
           CASE WHEN pair.full_file AND covered.enrollee_id IS NOT NULL AND claimed.enrollee_id IS NULL
                THEN pair.absent_rule ELSE pair.rule END AS rule
    FROM stage_pair pair
    LEFT JOIN claimed USING (enrollee_id)
    LEFT JOIN covered USING (enrollee_id)
    WHERE NOT EXISTS (SELECT 1 FROM same WHERE same.seq = pair.seq)
), unsure AS (
    SELECT DISTINCT ON (seq) seq, enrollee_id, person_id, rule FROM open
    WHERE rule IN ({UNSURE}) AND NOT (creates AND claimed) ORDER BY seq, rule, enrollee_id
)
SELECT seq, enrollee_id, person_id, rule, several AS unsure FROM same
UNION ALL SELECT seq, enrollee_id, person_id, rule, true FROM unsure
"""  # noqa: S608 - our own words only

# Anybody else on file with this SSN: only where everything agrees, and never somebody of the row's own contract.
ELSEWHERE = f"""
    SELECT DISTINCT ON (pair.seq) pair.seq, pair.person_id
    FROM (
        SELECT said.seq, person.id AS person_id, 'elsewhere' AS place, {_CLIENT}
        FROM ({SAID}) AS said
        JOIN fresh ON fresh.seq = said.seq
        CROSS JOIN LATERAL unnest(said.ssn_indexes) AS hash
        JOIN members_person person ON person.ssn_index = hash
        {_KNOWN}
        WHERE NOT EXISTS (SELECT 1 FROM members_enrollee here
                          WHERE here.contract_id = said.contract_id AND here.person_id = person.id)
    ) AS pair
    WHERE ({_judged("false")}) IN ({SAME})
    ORDER BY pair.seq, pair.person_id
"""  # noqa: S608 - our own words only

# A number that is new to the client: is somebody meant whom it had numbered otherwise? Then the family comes along.
CLIENT_PAIR = f"""
CREATE TEMPORARY TABLE stage_client_pair ON COMMIT DROP AS
WITH said AS ({SAID} AND place.ckey = -place.seq),
near AS (
    SELECT said.seq, contract.id AS contract_id FROM said
    JOIN members_contract contract ON contract.client_id = said.client_id
    JOIN members_person person ON person.id = contract.subscriber_id AND person.birth_date = said.birth_date
    UNION
    SELECT said.seq, contract.id FROM said CROSS JOIN LATERAL unnest(said.ssn_indexes) AS hash
    JOIN members_person person ON person.ssn_index = hash
    JOIN members_contract contract ON contract.subscriber_id = person.id AND contract.client_id = said.client_id
    UNION
    SELECT said.seq, contract.id FROM said
    JOIN members_contract contract ON contract.client_id = said.client_id
    JOIN members_person person ON person.id = contract.subscriber_id AND person.sort_key = said.sort_key
    WHERE said.full_file
), pair AS (
    SELECT said.seq, said.row_key, enrollee.id AS enrollee_id, enrollee.person_id, enrollee.contract_id,
           'client' AS place, {_CLIENT},
           said.full_file
             AND NOT EXISTS (SELECT 1 FROM stage_place named WHERE named.contract_id = near.contract_id)
             AND EXISTS (
                 SELECT 1 FROM stage_now now WHERE now.contract_id = near.contract_id AND now.hi > %(full_from)s)
             AS absent
    FROM said JOIN near USING (seq)
    JOIN members_enrollee enrollee ON enrollee.contract_id = near.contract_id AND enrollee.relationship = '18'
    JOIN members_person person ON person.id = enrollee.person_id
    {_KNOWN}
)
SELECT pair.*, {_judged("absent")} AS rule FROM pair
"""  # noqa: S608 - our own words only

CLIENT_DECIDED = """
UPDATE stage_client_pair pair SET rule = CASE decided.status WHEN 'same' THEN -1 ELSE 1000 END
FROM members_lookalike decided
WHERE decided.row_key = pair.row_key AND decided.person_id = pair.person_id AND decided.status IN ('same', 'two')
"""

CLIENT_MEANT = f"""
CREATE TEMPORARY TABLE stage_client_meant ON COMMIT DROP AS
WITH same AS (
    SELECT DISTINCT ON (seq) seq, enrollee_id, person_id, contract_id, absent, rule,
           min(person_id) OVER (PARTITION BY seq, rule) <> max(person_id) OVER (PARTITION BY seq, rule) AS several
    FROM stage_client_pair WHERE rule IN (-1, {SAME}) ORDER BY seq, rule, absent DESC, enrollee_id
), unsure AS (
    SELECT DISTINCT ON (seq) seq, enrollee_id, person_id, contract_id, absent, rule FROM stage_client_pair pair
    WHERE rule IN ({UNSURE}) AND NOT EXISTS (SELECT 1 FROM same WHERE same.seq = pair.seq)
    ORDER BY seq, rule, enrollee_id
)
SELECT seq, enrollee_id, person_id, contract_id, absent, rule, several AS unsure FROM same
UNION ALL SELECT seq, enrollee_id, person_id, contract_id, absent, rule, true FROM unsure
"""  # noqa: S608 - our own words only

# The same person under a new number of the client, whose old number a full file no longer names (or the desk said so):
# the contract keeps its card numbers and is known by the new one from here on.
RENUMBER = """
WITH renumbered AS (
    SELECT meant.seq, meant.contract_id FROM stage_client_meant meant
    WHERE NOT meant.unsure AND (meant.absent OR meant.rule = -1)
), told AS (
    INSERT INTO stage_note SELECT place.seq, place.segment, 'REF', 'renumbered', ''
    FROM renumbered JOIN stage_place place USING (seq)
)
UPDATE stage_place place SET contract_id = renumbered.contract_id, ckey = renumbered.contract_id
FROM renumbered WHERE place.ckey = -renumbered.seq
"""

RENUMBERED = """
SELECT meant.contract_id, contract.uuid, member.sender_number
FROM stage_client_meant meant
JOIN members_contract contract ON contract.id = meant.contract_id
JOIN stage_member member USING (seq)
WHERE NOT meant.unsure AND (meant.absent OR meant.rule = -1)
"""

# Several rows of one file for one who is new: name and birth date make them one, unless they themselves tell two apart.
# `one` is the row that creates the person; NULL where it cannot be told whose row this is.
GROUPED = """
CREATE TEMPORARY TABLE stage_group ON COMMIT DROP AS
WITH fresh AS (
    SELECT place.seq, place.ckey, place.creates AND member.birth_date IS NOT NULL AS creates, member.birth_date,
           member.fold, CASE WHEN shared.seq IS NULL THEN coalesce(member.ssn_index, '') ELSE '' END AS ssn,
           member.middle_fold, member.suffix_fold, member.birth_sequence
    FROM stage_place place JOIN stage_member member USING (seq)
    LEFT JOIN stage_shared shared USING (seq)
    WHERE place.reason IS NULL AND NOT place.subscriber AND member.enrollee_id IS NULL
      AND NOT EXISTS (SELECT 1 FROM stage_meant meant WHERE meant.seq = place.seq)
), bucket AS (
    SELECT ckey, birth_date, fold, count(DISTINCT nullif(ssn, '')) AS ssns, bool_and(ssn <> '') AS all_ssn,
           count(DISTINCT nullif(middle_fold, '')) > 1 OR count(DISTINCT nullif(suffix_fold, '')) > 1 AS named_apart,
           bool_and(middle_fold || suffix_fold <> '') AS all_named,
           count(DISTINCT nullif(birth_sequence, '')) AS sequences, bool_and(birth_sequence <> '') AS all_sequences
    FROM fresh GROUP BY ckey, birth_date, fold
), keyed AS (
    SELECT fresh.*, CASE WHEN sequences > 1 THEN CASE WHEN all_sequences THEN birth_sequence END
                         WHEN ssns > 1 THEN CASE WHEN all_ssn THEN ssn END
                         WHEN named_apart
                         THEN CASE WHEN ssns = 0 AND all_named THEN middle_fold || ' ' || suffix_fold END
                         ELSE '' END AS key,
           min(seq) FILTER (WHERE creates) OVER (PARTITION BY ckey, fresh.birth_date, fold) AS first
    FROM fresh JOIN bucket USING (ckey, fold)
    WHERE fresh.birth_date IS NOT DISTINCT FROM bucket.birth_date
)
SELECT seq, CASE WHEN key IS NOT NULL
                 THEN min(seq) FILTER (WHERE creates) OVER (PARTITION BY ckey, birth_date, fold, key)
                 WHEN seq = first THEN seq END AS one,
       key IS NULL AS unclear
FROM keyed
"""
