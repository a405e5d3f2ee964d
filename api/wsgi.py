"""Townhall for any WSGI server: `gunicorn tinytown.api.wsgi:application` in a town's directory.

The server decides here who can connect and how that is encrypted, so it is
asked to bind loopback unless [townhall.auth] says who may call.
"""

from __future__ import annotations

from pathlib import Path

from tinytown.api.auth import has_live_keys
from tinytown.api.awaiting import await_redis
from tinytown.api.metrics.requests import FOLDER_VARIABLE
from tinytown.api.safety import settings_problems
from tinytown.api.serving import Serving
from tinytown.bootstrap import load, open_unasked
from tinytown.config import environment, value_of
from tinytown.town import Town

__all__ = ["application"]


def _open() -> Town:
    """The town of the environment, or else of the working directory."""
    env = environment()
    root, settings = load(None, env)
    await_redis(root, settings, env)
    town = open_unasked(root, settings, env)
    for problem in settings_problems(settings.townhall.auth, lambda: has_live_keys(town)):
        raise problem
    return town


_shared = value_of(environment(), FOLDER_VARIABLE)
application = Serving(_open, metrics=None if _shared is None else Path(_shared))
