"""The scaler in Redis: which one leads, and what it keeps in mind."""

from __future__ import annotations

import msgspec

from tinytown.domain.scaler import ScalerMemory
from tinytown.store.connection import Connection
from tinytown.store.keys import Keys
from tinytown.store.scripts import Scripts
from tinytown.store.workers import Leadership

__all__ = ["ScalerStore"]

_decode = msgspec.json.Decoder(ScalerMemory).decode
_encode = msgspec.json.Encoder(order="deterministic").encode


class ScalerStore:
    """Keeps the lease on scaling, and what the one who has it must not forget."""

    def __init__(self, connection: Connection, keys: Keys, scripts: Scripts) -> None:
        self._connection = connection
        self._keys = keys
        self._scripts = scripts
        self.leadership = Leadership(connection, keys.scaler, keys.scaler_epoch, scripts)

    def memory(self) -> ScalerMemory:
        """What the last scaler kept in mind; nothing when there was none, or it was of another version."""
        raw = self._connection.call("GET", self._keys.scaler_memory)
        try:
            return ScalerMemory() if raw is None else _decode(raw)
        except msgspec.MsgspecError:
            return ScalerMemory()

    def keep(self, who: str, memory: ScalerMemory) -> bool:
        """Keep that in mind; False when another scaler leads by now."""
        keys = [self._keys.scaler, self._keys.scaler_memory]
        return self._scripts.word("keep_in_mind", keys, [who, _encode(memory)]) == "kept"
