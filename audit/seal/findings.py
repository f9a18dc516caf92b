"""What a check of the ledger says: what does not agree, how far it looked, where the chain ends."""

import dataclasses

MAX_FINDINGS = 20


@dataclasses.dataclass(frozen=True)
class Finding:
    """What does not agree: with a row (table, id, recorded_at as far as known) or with the chain itself."""

    # changed, removed, inserted, re-ordered, back-dated; partition, block, chain, checkpoint, guard, archive, hold
    what: str
    text: str
    table: str = ""
    row_id: int | None = None
    recorded_at: str = ""
    block: int | None = None


@dataclasses.dataclass(frozen=True)
class Checkpoint:
    """The chain's end at an instant, to be kept where the database's administrator cannot reach it."""

    number: int
    hash: str
    sealed_at: str
    key_id: str
    public_key: str


@dataclasses.dataclass(frozen=True)
class Archived:
    """A month's table that was put away: its manifest fits the chain, and `file_hash` is what the file must have."""

    table: str
    month: str  # YYYY-MM
    rows: int
    file: str
    file_hash: str
    compared: bool  # the file itself was read and compared, row by row


@dataclasses.dataclass
class VerificationReport:
    findings: list[Finding] = dataclasses.field(default_factory=list)
    blocks: int = 0
    rows: int = 0
    unsealed: int = 0
    lag_seconds: float = 0.0  # age of the oldest unsealed row
    horizon: int = 0
    tail: Checkpoint | None = None
    archived: list[Archived] = dataclasses.field(default_factory=list)
    more: int = 0  # findings beyond those listed

    def add(self, finding: Finding) -> None:
        if len(self.findings) < MAX_FINDINGS:
            self.findings.append(finding)
        else:
            self.more += 1
