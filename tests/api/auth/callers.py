"""Callers with API keys, and what their keys are compared with."""

from __future__ import annotations

from threading import Event, Lock
from typing import Any

import pytest

from tests.api.auth.absent import Switchable
from tinytown.api.auth import Offered
from tinytown.api.auth.keys import KeyAuthenticator
from tinytown.domain.principal import Principal
from tinytown.errors import TownError
from tinytown.services import key_hash
from tinytown.testing import Rehearsal, rehearse

__all__ = ["ADDRESS", "CONFIGURED", "Watched", "refused", "show", "town_with"]

CONFIGURED = "0123456789abcdef" * 4
ADDRESS = "192.0.2.7"


class Watched:
    """The comparisons with hashes that were made, and how many at a time."""

    def __init__(self) -> None:
        self.known: list[str | None] = []
        self.at_once = self.most_at_once = 0
        self.go = Event()
        self.go.set()
        self._lock = Lock()

    def matches(self, known: str | None, key: str) -> bool:
        """Compare, as the real one does."""
        with self._lock:
            self.known.append(known)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        self.go.wait(10)
        try:
            return key_hash.matches(known, key)
        finally:
            with self._lock:
                self.at_once -= 1


def town_with(connection: Switchable, **auth: Any) -> Rehearsal:
    return rehearse(connection=connection, townhall={"auth": {"mode": "api_key", "failed_tries": 1000, **auth}})


def show(keys: KeyAuthenticator, key: str, address: str | None = ADDRESS) -> Principal:
    return keys.authenticate(Offered(x_api_key=key), address=address)


def refused(keys: KeyAuthenticator, key: str | None, address: str | None = ADDRESS) -> TownError:
    with pytest.raises(TownError) as caught:
        keys.authenticate(Offered(x_api_key=key), address=address)
    return caught.value
