"""A town's own processes on this machine: whether they run, starting them in the background, ending them."""

from __future__ import annotations

from tinytown.runtime.detached import ensure_up, may_live, start_detached
from tinytown.runtime.ending import end
from tinytown.runtime.hold import Hold, Holder, holder_of

__all__ = ["Hold", "Holder", "end", "ensure_up", "holder_of", "may_live", "start_detached"]
