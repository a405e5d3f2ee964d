"""What every long-lived process of a town needs: ears for signals, and patience with Redis."""

from __future__ import annotations

from tinytown.process.leash import Leash
from tinytown.process.naming import process_name
from tinytown.process.opening import connect_patiently
from tinytown.process.outage import Outage
from tinytown.process.pulse import Pulse
from tinytown.process.signals import Signals

__all__ = ["Leash", "Outage", "Pulse", "Signals", "connect_patiently", "process_name"]
