"""The seal's Ed25519 key: `settings.AUDIT_SEAL_KEY` (hex) or the file `seal` of the keys folder (one line of hex).

Verifying needs public keys only. `<PLAN_VAR_DIR>/seal.pub` may list older ones, one line of hex each, so that blocks
sealed before a change of key still verify; a verifier elsewhere is given such a file and no private key.
"""

import hashlib
import os
import secrets
from functools import cache
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings


class SealKeyMissingError(RuntimeError):
    """There is no seal key, and production does not make one on the fly."""


def private_key() -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(getattr(settings, "AUDIT_SEAL_KEY", "") or _stored()))


def key_id(public: Ed25519PublicKey) -> str:
    return hashlib.sha256(public_bytes(public)).hexdigest()[:16]


def public_bytes(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def trusted(file: Path | None = None) -> dict[str, Ed25519PublicKey]:
    """The public keys whose seals count: those of `file`, or without one our own and those of `seal.pub`."""
    if file is not None:
        listed = read_public(file)
    else:
        older = var_folder() / "seal.pub"
        listed = [private_key().public_key(), *(read_public(older) if older.exists() else [])]
    return {key_id(public): public for public in listed}


def read_public(file: Path) -> list[Ed25519PublicKey]:
    lines = (line.split("#")[0].strip() for line in file.read_text().splitlines())
    return [Ed25519PublicKey.from_public_bytes(bytes.fromhex(line)) for line in lines if line]


def var_folder() -> Path:
    return Path(os.environ.get("PLAN_VAR_DIR", "var"))


def _stored() -> str:
    return _read(Path(os.environ.get("PLAN_KEYS_DIR") or var_folder() / "keys") / "seal")


@cache
def _read(path: Path) -> str:
    if not path.exists():
        if os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith("production"):
            raise SealKeyMissingError("the key file of the audit seal is missing in the keys folder")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_hex(32) + "\n")
        try:
            os.link(temporary, path)  # the first of several starting processes wins
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text().strip()
