"""The key file: a townhall that others can reach makes itself a key when nobody gave it one."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import structs

from tinytown.config import AuthMode, Settings, value_of
from tinytown.config.townhall import TownhallAuth
from tinytown.domain.scope import Scope
from tinytown.errors import SettingsError
from tinytown.services.key_hash import hashed, new_secret

__all__ = ["VARIABLE", "reads_key_of_file", "with_key_of_file"]

VARIABLE = "TINYTOWN_TOWNHALL_API_KEY_PATH"
SHORTEST = 20
"""Characters of a key that somebody put there: fewer can be guessed."""

_log = logging.getLogger(__name__)


def reads_key_of_file(auth: TownhallAuth, env: Mapping[str, str], *, exposed: bool) -> bool:
    """Whether townhall would take its key from the file that the environment names."""
    wanted = auth.mode is AuthMode.API_KEY or (auth.mode is AuthMode.NONE and exposed)
    return wanted and _lacks_hash(auth) and value_of(env, VARIABLE) is not None


def with_key_of_file(settings: Settings, env: Mapping[str, str], workspace: Path, *, exposed: bool) -> Settings:
    """The settings with the key of the file that the environment names; the file is made when it is missing.

    The key may do everything, unless `api_key_scopes` says otherwise. Where callers
    are told apart in another way already, and where only this machine can call a
    townhall without auth, nothing changes.

    Args:
        settings: of the town.
        env: the environment.
        workspace: where agents work; the key must not lie in there.
        exposed: whether other machines can reach this townhall.

    Raises:
        SettingsError: the file cannot be used.
    """
    auth = settings.townhall.auth
    if not reads_key_of_file(auth, env, exposed=exposed):
        return settings
    path = Path(env[VARIABLE].strip()).absolute()
    if path.resolve().is_relative_to(workspace.resolve()):
        raise SettingsError(VARIABLE, f"{path} lies where agents work, and they would commit the key: name a path outside {workspace}")
    key = _read(path) if path.exists() else _made(path)
    scopes = auth.api_key_scopes or (Scope.ADMIN.value,)
    known = structs.replace(auth, mode=AuthMode.API_KEY, api_key_hash=hashed(key), api_key_scopes=scopes)
    return structs.replace(settings, townhall=structs.replace(settings.townhall, auth=known))


def _lacks_hash(auth: TownhallAuth) -> bool:
    return auth.api_key_hash is None or not auth.api_key_hash.strip()


def _made(path: Path) -> str:
    """Write a new key, whole or not at all; of two that do so at once, one wins and both read that."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Not named for this process: in containers that share the folder, all are process 1.
        descriptor, name = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
        aside = Path(name)
        with os.fdopen(descriptor, "w") as file:
            file.write(new_secret() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            with suppress(FileExistsError):
                os.link(aside, path)
                _log.info("made a key for callers: it is in %s", path, extra={"action": "townhall.key_made"})
        finally:
            aside.unlink(missing_ok=True)
    except OSError as error:
        raise SettingsError(VARIABLE, f"a key cannot be written to {path}: {error.strerror}") from None
    return _read(path)


def _read(path: Path) -> str:
    try:
        key = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise SettingsError(VARIABLE, f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        key = ""
    if len(key) < SHORTEST or not key.isascii() or not key.isprintable() or " " in key:
        raise SettingsError(
            VARIABLE, f"{path} holds no key: it must be one word of at least {SHORTEST} characters; remove it, and one is made"
        )
    return key
