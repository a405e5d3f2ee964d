"""Named API keys: making, listing, revoking, and finding the one that a caller shows."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime, timedelta

import msgspec

from tinytown.domain.api_key import ApiKey, ApiKeyId, key_id_of, key_name, key_text, new_key_id
from tinytown.domain.scope import Scope
from tinytown.errors import AmbiguousReference, ApiKeyExists, ApiKeyNotFound, InvalidValue, RecordChanged, Unavailable
from tinytown.services.desk import Desk

__all__ = ["USE_NOTED_EVERY", "ApiKeyService", "NewKey"]

USE_NOTED_EVERY = timedelta(minutes=1)
_LONGEST = timedelta(days=3650)


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A key that was just made: its record, and the text that is shown this once."""

    record: ApiKey
    text: str

    def __repr__(self) -> str:
        return f"NewKey(record={self.record!r}, text='****')"


class ApiKeyService:
    """Everything that is done with named keys."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._store = desk.store.api_keys

    def create(self, name: str, scopes: Iterable[Scope], expires: timedelta | None = None) -> NewKey:
        """Make a key.

        Args:
            name: one that no live key has.
            scopes: what it may do, at least one.
            expires: how long it opens anything; None is until it is revoked.

        Raises:
            InvalidName: a key cannot have that name.
            InvalidValue: no scopes, or a lifetime that makes no sense.
            ApiKeyExists: a live key has that name.
        """
        from tinytown.services.key_hash import hashed, new_secret

        allowed = tuple(scope for scope in Scope if scope in set(scopes))
        if not allowed:
            raise InvalidValue("scope", f"a key without scopes may do nothing; give at least one of {', '.join(Scope)}")
        if expires is not None and not timedelta() < expires <= _LONGEST:
            raise InvalidValue("expires", f"must be more than nothing, and at most {_LONGEST.days} days")
        now, key = self._desk.now(), new_key_id()
        text = key_text(key, new_secret())
        ends = None if expires is None else now + expires
        record = ApiKey(id=key, name=key_name(name), hash=hashed(text), scopes=allowed, created_at=now, expires_at=ends)
        if not self._store.add(record, instead_of=self._dead_holder(name, now)):
            raise ApiKeyExists(name)
        return NewKey(record=record, text=text)

    def list(self) -> list[ApiKey]:
        """All keys, oldest first, those that open nothing any more among them."""
        return self._store.all()

    def find(self, reference: str) -> ApiKey:
        """The key with that name or id, or the only one whose id begins so.

        Of several keys that had the name one after the other it is the newest.

        Raises:
            ApiKeyNotFound: there is none.
            AmbiguousReference: several ids begin so.
        """
        holder = self._store.holder(reference)
        found = None if holder is None else self._store.get(holder)
        if found is not None:
            return found
        begun = [key for key in self.list() if len(reference) >= 4 and key.id.startswith(reference)]
        if len(begun) > 1:
            raise AmbiguousReference(reference, tuple(f"{key.id} ({key.name})" for key in begun))
        if not begun:
            raise ApiKeyNotFound(reference)
        return begun[0]

    def revoke(self, reference: str) -> ApiKey:
        """Take a key back, for good; doing so again changes nothing.

        Raises:
            ApiKeyNotFound: there is none.
            AmbiguousReference: the reference fits several.
        """
        now = self._desk.now()
        revoked = self._store.change(self.find(reference).id, lambda key: _revoked(key, now))
        if revoked is None:
            raise ApiKeyNotFound(reference)
        return revoked

    def shown(self, text: str) -> ApiKey | None:
        """The live key that a text claims to be, whose hash decides; None if there is no such one.

        Raises:
            RedisUnavailable: nobody can tell at the moment.
        """
        key = key_id_of(text)
        found = None if key is None else self._store.get(key)
        return found if found is not None and found.is_live(self._desk.now()) else None

    def verify(self, text: str) -> ApiKey | None:
        """The live key that a text is; whatever is wrong with it, the answer takes as long.

        Raises:
            RedisUnavailable: nobody can tell at the moment.
        """
        from tinytown.services.key_hash import matches

        found = self.shown(text)
        return found if matches(None if found is None else found.hash, text) else None

    def note_use(self, key: ApiKey) -> None:
        """Write down that a key is in use, at most once a minute; nothing depends on it."""
        now = self._desk.now()
        if key.last_used_at is None or now - key.last_used_at >= USE_NOTED_EVERY:
            with suppress(Unavailable, RecordChanged):
                self._store.change(key.id, lambda record: msgspec.structs.replace(record, last_used_at=now))

    def _dead_holder(self, name: str, now: datetime) -> ApiKeyId | None:
        """The key that has the name and opens nothing any more."""
        holder = self._store.holder(name)
        record = None if holder is None else self._store.get(holder)
        return None if record is not None and record.is_live(now) else holder


def _revoked(key: ApiKey, now: datetime) -> ApiKey:
    return key if key.revoked_at is not None else msgspec.structs.replace(key, revoked_at=now)
