"""A survey of the user's towns: which are there, which run, and who is in them."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import msgspec

from tinytown.bootstrap import open_town
from tinytown.config import TOWN_FILE, Settings, user_directory
from tinytown.domain.agent import AgentState
from tinytown.errors import NotFound, RedisUnavailable, TownError
from tinytown.registry import RegisteredTown, registered_towns

__all__ = ["Condition", "Surveyed", "survey"]

PATIENCE_SECONDS = 1.5

_NOT_FOR_ALL = {"TINYTOWN_TOWN", "TINYTOWN_TOWN_NAME"}
"""What the environment says about one town only."""


class Condition(StrEnum):
    """How a registered town is."""

    RUNNING = "running"
    """Its Redis answers."""
    STOPPED = "stopped"
    """Its Redis does not run; it would be started when needed."""
    UNREACHABLE = "unreachable"
    """Its Redis is run by others and cannot be used at the moment."""
    BROKEN = "broken"
    """Its settings make no sense."""
    MISSING = "missing"
    """There is no such directory, or no town in it any more."""


class Surveyed(msgspec.Struct, frozen=True, kw_only=True):
    """A registered town as it is now; the numbers are None when its Redis does not say."""

    name: str
    path: str
    state: Condition
    agents: int | None = None
    working: int | None = None
    problem: str | None = None


def survey(env: Mapping[str, str], patience: float = PATIENCE_SECONDS) -> list[Surveyed]:
    """How each registered town is. Asks all at the same time and starts nothing.

    Args:
        env: the environment.
        patience: seconds after which a town that has not answered is called unreachable.

    Raises:
        SettingsError: the registry cannot be understood.
    """
    home = user_directory(env)
    alike = {name: value for name, value in env.items() if name not in _NOT_FOR_ALL}
    towns = registered_towns(home)
    answers: dict[int, Surveyed] = {}

    def ask(number: int, town: RegisteredTown) -> None:
        answers[number] = _asked(town, alike, home)

    # Daemons, for a thread that hangs in a network file system cannot be ended.
    threads = [threading.Thread(target=ask, args=(number, town), daemon=True) for number, town in enumerate(towns)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + patience
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return [answers.get(number, _silent(town)) for number, town in enumerate(towns)]


def _asked(town: RegisteredTown, env: Mapping[str, str], home: Path) -> Surveyed:
    root = Path(town.path)
    if not (root / TOWN_FILE).exists():
        problem = f"there is no {TOWN_FILE} in {root}; `tt towns --forget {root}` removes it from the list"
        return Surveyed(name=town.name, path=town.path, state=Condition.MISSING, problem=problem)
    name, external = town.name, False
    try:
        settings = Settings.load(root, env, home)
        name, external = settings.name, settings.redis_address(root, home).external
        with open_town(root, env, light=True, start=False) as found:
            count = found.agents.count()
        return Surveyed(
            name=name, path=town.path, state=Condition.RUNNING, agents=sum(count.values()), working=count.get(AgentState.WORKING, 0)
        )
    except NotFound as error:
        return Surveyed(name=name, path=town.path, state=Condition.MISSING, problem=str(error))
    except RedisUnavailable as error:
        state = Condition.UNREACHABLE if external else Condition.STOPPED
        return Surveyed(name=name, path=town.path, state=state, problem=str(error) if external else None)
    except TownError as error:
        return Surveyed(name=name, path=town.path, state=Condition.BROKEN, problem=str(error))
    except OSError as error:
        return Surveyed(name=name, path=town.path, state=Condition.BROKEN, problem=str(error))


def _silent(town: RegisteredTown) -> Surveyed:
    return Surveyed(name=town.name, path=town.path, state=Condition.UNREACHABLE, problem="no answer in time")
