"""The plan's keys: files under `<var>/keys`, 0600, made at first use outside production.

django      Django's secret
field       AES-256 keys of encrypted fields, one per line `key-id:hex`; the last line encrypts, every line decrypts
pepper      HMAC keys of blind indexes, the same shape: look-ups try every line
file        AES-256 keys of stored files, the same shape
seal        Ed25519 private key of the audit seal (hex)
A backup must name this folder apart from the data: who holds both can read and forge everything.
"""

import os
import secrets
from functools import cache
from pathlib import Path

RINGS = ("field", "pepper", "file")


class KeyMissing(RuntimeError):
    """A key file is absent where it may not be made on the fly (production)."""


def folder() -> Path:
    return Path(os.environ.get("PLAN_KEYS_DIR") or Path(os.environ.get("PLAN_VAR_DIR", "var")) / "keys")


def _content(name: str) -> str:
    path = folder() / name
    if not path.exists():
        if os.environ.get("DJANGO_SETTINGS_MODULE", "").endswith("production"):
            raise KeyMissing(f"key file {name} is missing in the keys folder")
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        value = f"k1:{secrets.token_hex(32)}" if name in RINGS else secrets.token_hex(32)
        temporary = path.with_name(f".{name}.{os.getpid()}")
        temporary.touch(mode=0o600)
        temporary.write_text(value + "\n")
        try:
            os.link(temporary, path)  # the first of several starting processes wins
        except FileExistsError:
            pass
        finally:
            temporary.unlink()
    return path.read_text().strip()


@cache
def secret(name: str) -> str:
    """A single secret in hex."""
    return _content(name)


@cache
def ring(name: str) -> dict[str, bytes]:
    """Key id to key, oldest first; the last one is current."""
    pairs = (line.split(":", 1) for line in _content(name).splitlines() if line.strip())
    return {key_id: bytes.fromhex(value) for key_id, value in pairs}


def current(name: str) -> tuple[str, bytes]:
    return list(ring(name).items())[-1]
