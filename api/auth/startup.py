"""What can be known before townhall listens: whether anybody could be let in by a key with a name."""

from __future__ import annotations

from tinytown.errors import Unavailable
from tinytown.patience import patience
from tinytown.town import Town

__all__ = ["has_live_keys"]

PATIENCE_SECONDS = 2.0


def has_live_keys(town: Town) -> bool | None:
    """Whether the town has a key with a name that opens anything; None when its Redis does not say."""
    try:
        with patience(PATIENCE_SECONDS):
            return any(key.is_live(town.desk.now()) for key in town.api_keys.list())
    except Unavailable:
        return None
