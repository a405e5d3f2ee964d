"""Hashes of API keys: making them, and comparing a text with one. Nothing else knows Argon2.

Keys are 256 random bits, which nobody guesses from a hash of any kind; the
parameters are those of the earlier program, so that its hashes stay valid.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from tinytown.errors import InvalidValue

if TYPE_CHECKING:
    from argon2 import PasswordHasher

__all__ = ["check_hash", "hashed", "matches", "new_secret"]

_DUMMY = "$argon2id$v=19$m=19456,t=2,p=1$YmxpbmQgbWFuJ3MgYnVmZg$ED0jJfoNyXQFHWVKl4cIi9z9tXyjh3zIA5MxF0sMPWs"
"""Of no key: what costs as much to compare with as a hash that exists."""


def new_secret() -> str:
    """256 random bits as 43 characters that are safe in addresses and headers."""
    return secrets.token_urlsafe(32)


def hashed(key: str) -> str:
    """The Argon2id hash of a key, as a PHC string."""
    return _hasher().hash(key)


def matches(known: str | None, key: str) -> bool:
    """Is this the key of that hash? No hash is that of no key, which takes as long to find out."""
    from argon2.exceptions import Argon2Error, InvalidHashError

    try:
        return _hasher().verify(_DUMMY if known is None else known, key.encode("utf-8", "surrogatepass")) and known is not None
    except (Argon2Error, InvalidHashError, UnicodeError):
        return False


def check_hash(text: str) -> None:
    """Make sure that a text is an Argon2 hash.

    Raises:
        InvalidValue: it is none.
    """
    from argon2.exceptions import VerifyMismatchError

    try:
        _hasher().verify(text, b"")
    except VerifyMismatchError:
        return
    except Exception:  # noqa: BLE001  # whatever else it is, a key cannot be compared with it
        raise InvalidValue("api_key_hash", "is no Argon2 hash; `tt auth gen-key` prints one") from None
    raise InvalidValue("api_key_hash", "is the hash of an empty key")


def _hasher() -> PasswordHasher:
    from argon2 import PasswordHasher, Type

    return PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)
