"""The stream of bells, for whoever wants to know how much work there is."""

from __future__ import annotations

import msgspec

from tinytown.store.keys import WORKERS_GROUP, Keys
from tinytown.store.scripts import Scripts

__all__ = ["Docket", "DocketStore"]

COUNTED = 1000
"""So many entries are counted one by one where the server does not know how many wait."""


class Docket(msgspec.Struct, frozen=True, kw_only=True):
    """How many bells nobody has taken (`lag`), and how many are being answered (`pending`)."""

    lag: int
    pending: int


class DocketStore:
    """Reads the stream of a town with `use_streams`; without one there is nothing on it."""

    def __init__(self, keys: Keys, scripts: Scripts) -> None:
        self._keys = keys
        self._scripts = scripts

    def read(self) -> Docket:
        """Both numbers at one moment. Where they cannot be told, `lag` is the length of the stream."""
        lag, pending = self._scripts.run("read_docket", [self._keys.docket], [WORKERS_GROUP, COUNTED])
        return Docket(lag=int(lag), pending=int(pending))
