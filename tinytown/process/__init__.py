"""What every long-lived process of a town needs: ears for signals, patience with Redis, and a directory to work in."""

from __future__ import annotations

from tinytown.process.checkout import fill_working_directory
from tinytown.process.leash import Leash
from tinytown.process.naming import process_name
from tinytown.process.opening import connect_patiently
from tinytown.process.outage import Outage
from tinytown.process.pulse import Pulse
from tinytown.process.signals import Signals

__all__ = ["Leash", "Outage", "Pulse", "Signals", "connect_patiently", "fill_working_directory", "process_name"]
