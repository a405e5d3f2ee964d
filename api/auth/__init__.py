"""Who is calling townhall: credentials are read, verified, remembered for a while. Knows nothing of HTTP frameworks."""

from __future__ import annotations

from tinytown.api.auth.authenticator import Authenticator, authenticator_for
from tinytown.api.auth.credentials import Offered
from tinytown.api.auth.startup import has_live_keys

__all__ = ["Authenticator", "Offered", "authenticator_for", "has_live_keys"]
