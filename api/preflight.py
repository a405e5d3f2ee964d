"""The preflight: what would keep townhall from starting with these settings, found without starting it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from tinytown.api.auth import has_live_keys
from tinytown.api.binding import Binding, binding_of
from tinytown.api.key_file import reads_key_of_file
from tinytown.api.refusals import CannotListen, KeyMissing, OpenToAnybody
from tinytown.api.safety import is_local, problems, warnings
from tinytown.clock import SystemClock
from tinytown.config import AuthMode
from tinytown.errors import TownError
from tinytown.town import Town

__all__ = ["Preflight", "preflight"]


class Preflight(msgspec.Struct, frozen=True, kw_only=True):
    """What was found."""

    problems: tuple[TownError, ...]
    """Each forbids to start, the worst first."""
    warnings: tuple[str, ...]
    """What an operator should know."""
    auth: AuthMode
    """How callers will be told apart."""


def preflight(town: Town, env: Mapping[str, str]) -> Preflight:
    """Look at everything that townhall looks at before it listens; nothing is made and no address is taken.

    Args:
        town: whose townhall it is; its keys are asked for.
        env: the environment.
    """
    hall, root, now = town.settings.townhall, town.root, SystemClock().now()
    binding = binding_of(hall, None, None)
    found = problems(hall, (binding,), root, now=now, has_named_keys=lambda: has_live_keys(town))
    if reads_key_of_file(hall.auth, env, exposed=_is_exposed(binding)):
        # It makes itself a key when it starts.
        found = [problem for problem in found if not isinstance(problem, OpenToAnybody | KeyMissing)]
        mode = AuthMode.API_KEY
    else:
        mode = hall.auth.mode
    said = [] if found else warnings(hall, (binding,), root, now=now)
    return Preflight(problems=tuple(found), warnings=tuple(said), auth=mode)


def _is_exposed(binding: Binding) -> bool:
    try:
        return not is_local(binding)
    except CannotListen:  # which is among the problems
        return False
