"""The records of named API keys in Redis."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tinytown.domain.api_key import ApiKey, ApiKeyId
from tinytown.errors import RecordChanged, RecordUnreadable
from tinytown.store.connection import Arg, Connection, text
from tinytown.store.keys import Keys
from tinytown.store.scripts import Scripts

__all__ = ["ApiKeyStore"]

_RETRIES = 50
_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(ApiKey)


class ApiKeyStore:
    """Keeps the records of keys."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts

    def get(self, key: ApiKeyId) -> ApiKey | None:
        """The record of a key."""
        raw = self._connection.call("HGET", self._keys.api_keys, key)
        return None if raw is None else self._decode(raw)

    def all(self) -> list[ApiKey]:
        """Every record, oldest first."""
        found = self._connection.call("HVALS", self._keys.api_keys)
        return sorted((self._decode(raw) for raw in found), key=lambda key: (key.created_at, key.id))

    def holder(self, name: str) -> ApiKeyId | None:
        """The newest key of that name, whatever became of it."""
        raw = self._connection.call("HGET", self._keys.api_key_names, name)
        return None if raw is None else ApiKeyId(text(raw))

    def add(self, key: ApiKey, *, instead_of: ApiKeyId | None) -> bool:
        """Keep a new key, if its name is still that of `instead_of`, or of none."""
        slots = [self._keys.api_keys, self._keys.api_key_names]
        args: list[Arg] = [key.id, key.name, _encode(key), "" if instead_of is None else instead_of]
        return self._scripts.word("add_api_key", slots, args) == "added"

    def change(self, key: ApiKeyId, change: Callable[[ApiKey], ApiKey]) -> ApiKey | None:
        """Change a record; answers the new one, or None if there is none.

        Raises:
            RecordChanged: others kept changing it.
        """
        for _ in range(_RETRIES):
            raw = self._connection.call("HGET", self._keys.api_keys, key)
            if raw is None:
                return None
            new = change(self._decode(raw))
            if self._scripts.word("change_api_key", [self._keys.api_keys], [key, raw, _encode(new)]) == "changed":
                return new
        raise RecordChanged(f"API key {key}")

    def _decode(self, raw: bytes) -> ApiKey:
        try:
            return _decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise RecordUnreadable(self._keys.api_keys, str(error)) from error
