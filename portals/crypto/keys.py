"""The plan's keys: files under `<var>/keys`, 0600, made at first use outside production.

django      Django's secret
field       AES-256 keys of encrypted fields, one per line `key-id:hex`; the last line encrypts, every line decrypts
pepper      HMAC keys of blind indexes, the same shape: look-ups try every line
file        AES-256 keys of stored files, the same shape
seal        Ed25519 private key of the audit seal (hex)

A ring grows by `add` and is read anew when its file changes, so that a running site follows; `portals.rotation` brings
what is stored under the current key. A backup must name this folder apart from the data: who holds both can read and
forge everything.
"""

import fcntl
import os
import re
import secrets
from functools import cache, lru_cache
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


def ring(name: str) -> dict[str, bytes]:
    """Key id to key, oldest first; the last one is current."""
    environ = os.environ  # asked for each value that is encrypted: no Path here, which costs more than the cipher
    path = f"{environ.get('PLAN_KEYS_DIR') or environ.get('PLAN_VAR_DIR', 'var') + '/keys'}/{name}"
    try:
        found = os.stat(path)
    except FileNotFoundError:
        _content(name)  # makes it, or refuses
        found = os.stat(path)
    return _ring(path, found.st_ino, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=len(RINGS))
def _ring(path: str, *_stamp: int) -> dict[str, bytes]:
    pairs = (line.split(":", 1) for line in Path(path).read_text().splitlines() if line.strip())
    return {key_id: bytes.fromhex(value) for key_id, value in pairs}


def current(name: str) -> tuple[str, bytes]:
    held = ring(name)
    key_id = next(reversed(held))
    return key_id, held[key_id]


def add(name: str) -> str:
    """Append a fresh key to a ring: from now on it encrypts, and all others still decrypt. Answers its id. The file is
    replaced as a whole, so that no reader meets half of it; two at once both get in."""
    if name not in RINGS:
        raise ValueError(f"{name} is no ring of keys")
    ring(name)  # made, if this is the first use
    folder_fd = os.open(folder(), os.O_RDONLY)
    try:
        fcntl.flock(folder_fd, fcntl.LOCK_EX)
        held = ring(name)
        highest = max((int(number) for key_id in held for number in re.findall(r"^k(\d+)$", key_id)), default=0)
        key_id = f"k{highest + 1}"
        path = folder() / name
        temporary = path.with_name(f".{name}.new")
        temporary.unlink(missing_ok=True)  # of a run that was killed
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(f"{path.read_text().strip()}\n{key_id}:{secrets.token_hex(32)}\n")
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(path)
        os.fsync(folder_fd)
    finally:
        os.close(folder_fd)
    return key_id
