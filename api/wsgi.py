"""Townhall for any WSGI server: `gunicorn tinytown.api.wsgi:application` in a town's directory.

The server decides here who can connect and how that is encrypted, so it is
asked to bind loopback unless [townhall.auth] says who may call.
"""

from __future__ import annotations

from tinytown.api.awaiting import await_redis
from tinytown.api.safety import settings_problems
from tinytown.api.serving import Serving
from tinytown.bootstrap import load, open_unasked
from tinytown.config import environment
from tinytown.town import Town

__all__ = ["application"]


def _open() -> Town:
    """The town of the environment, or else of the working directory."""
    env = environment()
    root, settings = load(None, env)
    for problem in settings_problems(settings.townhall.auth):
        raise problem
    await_redis(root, settings, env)
    return open_unasked(root, settings, env)


application = Serving(_open)
