"""What the environment says, which stands above every file; a misspelt name is refused."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_origin

import msgspec

from tinytown.config.settings import TownSettings
from tinytown.errors import SettingsError

__all__ = [
    "ALIASES",
    "KNOWN",
    "environment",
    "export",
    "forced_to_socket",
    "overrides",
    "user_directory",
    "value_of",
    "working_directory",
]

PREFIX = "TINYTOWN_"

KNOWN = frozenset(
    {
        "TINYTOWN_HOME",  # in place of ~/.tt
        "TINYTOWN_TOWN",  # the directory of the town
        "TINYTOWN_TOWN_DIR",  # the directory to work in, in place of the current one
        "TINYTOWN_TOWN_NAME",
        "TINYTOWN_REDIS_PASSWORD",
        "TINYTOWN_AGENT_NAME",  # an agent that `tt worker` makes sure of; in a turn, whose turn it is
        "TINYTOWN_AGENT_CLI",
        "TINYTOWN_AGENT_ROLE",
        "TINYTOWN_AGENT_MAX_ROUNDS",
        "TINYTOWN_REPO_URL",  # what `tt worker` clones into an empty directory
        "TINYTOWN_REPO_REF",
        "TINYTOWN_POD_NAME",  # which pod of Kubernetes a worker is
        "TINYTOWN_POD_NAMESPACE",
        "TINYTOWN_PULSE_FILE",  # a file that workers and clocks touch, for probes
        "TINYTOWN_ENABLE_MCP_HTTP",  # the rest of MCP goes unused as long as nothing serves it
        "TINYTOWN_MCP_BIND",
        "TINYTOWN_MCP_PORT",
        "TINYTOWN_TOWNHALL_URL",  # the townhall through which `tt` reaches a town elsewhere
        "TINYTOWN_TOWNHALL_API_KEY",
        "TINYTOWN_TOWNHALL_API_KEY_PATH",  # a file with the key: townhall makes it, `tt` reads it
        "TINYTOWN_TOWNHALL_CA_CERT",
        "TINYTOWN_SCALER_ACTION",  # what `tt scaler` tells the commands that start and remove workers
        "TINYTOWN_SCALER_PRESENT",
        "TINYTOWN_SCALER_TOWN",
        "TINYTOWN_SCALER_WANTED",
        "TINYTOWN_SCALER_WORKER",
        "TINYTOWN_SCALER_WORKER_HOST",
        "TINYTOWN_SCALER_WORKER_PID",
        "TINYTOWN_AGENT_ID",  # the rest is set by a turn for the program it runs
        "TINYTOWN_TASK_ID",
        "TINYTOWN_TURN_EPOCH",
        "TINYTOWN_RUN",
    }
)
"""Names that are no settings. Any other is `TINYTOWN_KEY` or `TINYTOWN_TABLE__KEY`, as `TINYTOWN_AGENT__LEASE_SECS`."""


ALIASES = {
    "TINYTOWN_REST_BIND": ("townhall", "bind"),
    "TINYTOWN_REST_PORT": ("townhall", "rest_port"),
}
"""Other names of settings, which images have always had; the setting's own name stands above."""


def environment() -> Mapping[str, str]:
    """The environment of this process: asked for once, at the edge."""
    return dict(os.environ)


def export(name: str, value: str) -> None:
    """Set a variable of this process, for a library that is told of it in no other way."""
    os.environ[name] = value


def value_of(env: Mapping[str, str], name: str) -> str | None:
    """The variable, stripped; None if it is unset or blank."""
    text = env.get(name, "").strip()
    return text or None


def working_directory(env: Mapping[str, str]) -> Path:
    """The directory that this process works in when it is not told otherwise: the current one, or what TINYTOWN_TOWN_DIR says."""
    named = value_of(env, "TINYTOWN_TOWN_DIR")
    return Path.cwd() if named is None else Path(named).absolute()


def user_directory(env: Mapping[str, str]) -> Path:
    """The user's own directory: `~/.tt`, or what TINYTOWN_HOME says."""
    named = value_of(env, "TINYTOWN_HOME")
    if named is not None:
        return Path(named).absolute()
    home = value_of(env, "HOME")
    if home is not None:
        return Path(home).absolute() / ".tt"
    try:
        return Path.home() / ".tt"
    except RuntimeError:
        raise SettingsError("HOME", "is not set; set it, or TINYTOWN_HOME to a directory for Tinytown's own files") from None


def forced_to_socket(env: Mapping[str, str]) -> bool:
    """Whether TT_USE_SOCKET asks for a Redis of the town's own on a socket."""
    return env.get("TT_USE_SOCKET", "").strip().lower() in {"1", "true"}


def overrides(env: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The settings that the environment makes: their keys and values.

    Raises:
        SettingsError: a variable has our prefix and is unknown, or is no such value.
    """
    for name in sorted(env):
        if name.startswith(PREFIX) and name not in KNOWN and not name.startswith("TINYTOWN_TEST_"):
            if name in ALIASES and value_of(env, name) is None:
                continue
            keys = ALIASES.get(name, tuple(name.removeprefix(PREFIX).lower().split("__")))
            yield keys, _converted(name, keys, env[name])


def _converted(name: str, keys: tuple[str, ...], text: str) -> Any:
    from tinytown.config.keys import parts_of, scalars

    kinds = {path: kind for path, kind in scalars(TownSettings) if path != ("name",)}
    if keys not in kinds:
        from tinytown.config.blame import near

        known = KNOWN | ALIASES.keys() | {PREFIX + "__".join(path).upper() for path in kinds}
        raise SettingsError(name, f"there is no such variable{near(name, known)}")
    try:
        said = parts_of(text) if get_origin(kinds[keys]) is tuple else text.strip()
        return msgspec.to_builtins(msgspec.convert(said, kinds[keys], strict=False))
    except msgspec.ValidationError as error:
        from tinytown.config.blame import misfit

        raise SettingsError(name, misfit(error, text.strip(), kinds[keys])) from None
