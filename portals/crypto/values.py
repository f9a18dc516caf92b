"""Encrypted values and blind indexes. The associated data names table, column and the row's uuid, so that a cipher
cannot be moved to another row or column unseen, and rows can still be copied set-wise."""

import hashlib
import hmac
import secrets

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portals.crypto import keys

NONCE = 12
BLIND_INDEX = "^[^:]+:[0-9a-f]{40}$"  # what `blind_index` answers; a column of it may hold plain values as well


def encrypt(value: str, *, context: str) -> bytes:
    """`key-id:` nonce cipher. `context` is `table.column.row-uuid`."""
    key_id, key = keys.current("field")
    nonce = secrets.token_bytes(NONCE)
    return key_id.encode() + b":" + nonce + AESGCM(key).encrypt(nonce, value.encode(), context.encode())


def decrypt(cipher: bytes, *, context: str) -> str:
    key_id, _, rest = bytes(cipher).partition(b":")
    key = keys.ring("field")[key_id.decode()]
    return AESGCM(key).decrypt(rest[:NONCE], rest[NONCE:], context.encode()).decode()


def blind_index(value: str, *, purpose: str) -> str:
    """The keyed hash that a value is looked up by; made with the current key. `purpose` keeps columns apart."""
    key_id, key = keys.current("pepper")
    return f"{key_id}:{_digest(key, purpose, value)}"


def blind_indexes(value: str, *, purpose: str) -> list[str]:
    """Under every live key: what a look-up must try."""
    return [f"{key_id}:{_digest(key, purpose, value)}" for key_id, key in keys.ring("pepper").items()]


def keyed_hash(text: str) -> str:
    """What is kept of a code or token that somebody else holds; made with the current pepper."""
    return _hash(keys.current("pepper")[1], text)


def keyed_hashes(text: str) -> list[str]:
    """Under every live pepper: what a typed code is compared with, since its hash cannot be made anew."""
    return [_hash(pepper, text) for pepper in keys.ring("pepper").values()]


def _hash(pepper: bytes, text: str) -> str:
    return hmac.new(pepper, text.encode(), hashlib.sha256).hexdigest()


def _digest(key: bytes, purpose: str, value: str) -> str:
    return hmac.new(key, f"{purpose}|{value}".encode(), hashlib.sha256).hexdigest()[:40]
