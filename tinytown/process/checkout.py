"""The checkout: an empty working directory is filled with a clone, once, and whole or not at all."""

from __future__ import annotations

import base64
import logging
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO
from urllib.parse import unquote, urlsplit, urlunsplit

import msgspec

from tinytown.config import find_town, redacted, value_of, working_directory
from tinytown.errors import SettingsError, Unavailable
from tinytown.process.group import end_group
from tinytown.process.signals import Signals
from tinytown.runtime.lock_file import claim

__all__ = ["fill_working_directory"]

URL = "TINYTOWN_REPO_URL"
REF = "TINYTOWN_REPO_REF"
OWN = ".tt"
OF_NO_ACCOUNT = {OWN, "lost+found"}
"""What an empty directory may hold: our own folder, and what a file system puts into a new volume."""
PAUSE = 0.2  # seconds between two looks whether git has ended, or whether others are through
LAST_WORDS = 2000  # bytes of what git said

_log = logging.getLogger(__name__)


def fill_working_directory(path: Path | None, env: Mapping[str, str], signals: Signals) -> bool:
    """Clone TINYTOWN_REPO_URL, at TINYTOWN_REPO_REF, into the working directory if that is empty; False when told to end before.

    A clone of that repository that is there already is left as it is: agents may have work in it.

    Args:
        path: the town's directory, if that was said.
        env: the environment.
        signals: what may end the waiting.

    Raises:
        SettingsError: the address or the ref is unusable, git is missing, or the directory holds something else.
        Unavailable: the repository cannot be cloned, or the directory not be written.
    """
    url = value_of(env, URL)
    if url is None or value_of(env, "TINYTOWN_AGENT_ID") is not None:
        return True
    source = _source(url, value_of(env, REF), env)
    place = _place(path, env)
    try:
        place.mkdir(parents=True, exist_ok=True)
        if not _needs_a_clone(place, source):
            return True
        return _filled(place, source, signals)
    except OSError as error:
        raise Unavailable(f"{place} cannot be filled with a clone: {error.strerror}") from error


def _place(path: Path | None, env: Mapping[str, str]) -> Path:
    """Where agents will work: the town's directory, once there is one."""
    start = working_directory(env) if path is None else path
    found = find_town(start, env if path is None else {})
    return start if found is None else found


class _Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where the clone comes from: an address without secrets, and what git needs to be let in."""

    url: str
    ref: str | None
    env: dict[str, str]
    secrets: tuple[str, ...] = ()

    def without_secrets(self, text: str) -> str:
        """What git said, for the log."""
        for secret in self.secrets:
            text = text.replace(secret, "****")
        return text


def _source(url: str, ref: str | None, env: Mapping[str, str]) -> _Source:
    """An address that can be shown. Who is let in is told to git by its environment alone: arguments are seen by all, and files stay."""
    if ref is not None and ref.startswith("-"):
        raise SettingsError(REF, f"{ref[:40]!r} is the name of no branch, tag or commit")
    if url.startswith("-"):
        raise SettingsError(URL, "is no address of a repository")
    quiet = {**env, "GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": env.get("GIT_SSH_COMMAND", "ssh -o BatchMode=yes")}
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        raise SettingsError(URL, f"{redacted(url)} is no address of a repository") from None
    if parts.scheme not in {"http", "https"}:
        if "://" in url and parts.password:
            raise SettingsError(URL, f"{redacted(url)}: only an https address may carry a password")
        return _Source(url=url, ref=ref, env=quiet)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    token = value_of(env, "GITHUB_TOKEN")
    if host == "github.com" and parts.scheme == "https" and not password and token is not None:
        user, password = user or "x-access-token", token
    where = parts.netloc.rpartition("@")[2]
    plain = urlunsplit((parts.scheme, where, parts.path, parts.query, ""))
    if not (user or password):
        return _Source(url=plain, ref=ref, env=quiet)
    said = base64.b64encode(f"{user}:{password}".encode()).decode()
    return _Source(url=plain, ref=ref, env={**quiet, **_header(parts.scheme, where, said, env)}, secrets=(said, password or user))


def _header(scheme: str, host: str, said: str, env: Mapping[str, str]) -> dict[str, str]:
    """Settings of git for this process and no other, beside those it has been given in this way."""
    count = env.get("GIT_CONFIG_COUNT", "0")
    number = int(count) if count.isascii() and count.isdigit() else 0
    return {
        "GIT_CONFIG_COUNT": str(number + 1),
        f"GIT_CONFIG_KEY_{number}": f"http.{scheme}://{host}/.extraHeader",
        f"GIT_CONFIG_VALUE_{number}": f"Authorization: Basic {said}",
    }


def _needs_a_clone(place: Path, source: _Source) -> bool:
    """Whether the directory is empty, or was being filled when that was cut short; False: it is the clone.

    Raises:
        SettingsError: it is neither.
    """
    if (place / OWN / "clone").exists() or not {entry.name for entry in place.iterdir()} - OF_NO_ACCOUNT:
        return True
    if not (place / ".git").exists():
        raise SettingsError(URL, f"{place} is not empty and no clone of {source.url}: empty it, or unset {URL}")
    origin = _git(["-C", str(place), "-c", "safe.directory=*", "config", "--get", "remote.origin.url"], source.env).strip()
    if _compared(origin) != _compared(source.url):
        other = redacted(origin) or "no other repository"
        raise SettingsError(URL, f"{place} is a clone of {other}, and not of {source.url}: empty it, or unset {URL}")
    _log.info("%s is a clone of %s already, and stays as it is", place, source.url, extra={"action": "checkout.known"})
    return False


def _filled(place: Path, source: _Source, signals: Signals) -> bool:
    """Fill the directory, alone; others that came for the same wait, and find it done.

    git inherits the lock: one that outlives a killed worker is waited for, too.
    """
    lock = claim(place / OWN / "clone.lock")
    if lock is None:
        _log.info("waiting for another process that clones into %s", place, extra={"action": "checkout.awaited"})
    while lock is None:
        signals.wait(PAUSE)
        if signals.count:
            return False
        lock = claim(place / OWN / "clone.lock")
    try:
        if not _needs_a_clone(place, source):
            return True
        part, whole = place / OWN / "clone.part", place / OWN / "clone"
        if not whole.exists():
            shutil.rmtree(part, ignore_errors=True)
            _log.info("cloning %s into %s", source.url, place, extra={"action": "checkout.began"})
            if not _cloned(part, source, signals, lock):
                return False
            if (part / OWN).exists():
                raise SettingsError(URL, f"{source.url} has an entry {OWN} of its own, which is Tinytown's folder for a town")
            with (part / ".git" / "info" / "exclude").open("a", encoding="utf-8") as file:
                file.write(f"/{OWN}/\n")  # logs and prompts of turns are no part of the work
            part.rename(whole)  # from here on it is whole, whatever happens
        _move(whole, place)
    finally:
        os.close(lock)
    _log.info("%s is a clone of %s", place, source.url, extra={"action": "checkout.made"})
    return True


def _move(whole: Path, place: Path) -> None:
    """Move everything from one directory into another, going on where it was cut short."""
    for entry in sorted(whole.iterdir()):
        entry.rename(place / entry.name)
    whole.rmdir()


def _cloned(part: Path, source: _Source, signals: Signals, lock: int) -> bool:
    """Clone, and check the ref out; False when told to end."""
    flags = ["--quiet"] if source.ref is None else ["--quiet", "--no-checkout"]
    if not _runs(["clone", *flags, "--", source.url, str(part)], source, signals, lock):
        return False
    if source.ref is None:
        return True
    there = ["-C", str(part)]
    try:
        return _runs([*there, "checkout", "--quiet", source.ref, "--"], source, signals, lock)
    except Unavailable:  # a commit that no branch has, or something like refs/pull/7/head
        try:
            fetched = _runs([*there, "fetch", "--quiet", "origin", source.ref], source, signals, lock)
            return fetched and _runs([*there, "checkout", "--quiet", "FETCH_HEAD", "--"], source, signals, lock)
        except Unavailable:
            raise SettingsError(REF, f"{source.url} has no branch, tag or commit {source.ref!r}") from None


def _runs(words: list[str], source: _Source, signals: Signals, lock: int) -> bool:
    """Run git to its end; False when told to end before, and then git has ended, too.

    Raises:
        Unavailable: it failed; with the last that it said.
    """
    with tempfile.TemporaryFile() as said:
        process = _started(words, source.env, said, lock)
        while process.poll() is None and not signals.count:
            signals.wait(PAUSE)
        if process.poll() is None:
            end_group(process)
            return False
        if process.returncode:
            said.seek(max(0, os.fstat(said.fileno()).st_size - LAST_WORDS))
            text = source.without_secrets(said.read().decode(errors="replace")).strip()
            raise Unavailable(f"{source.url} cannot be cloned: {text or f'git ended with status {process.returncode}'}")
    return True


def _started(words: list[str], env: Mapping[str, str], said: IO[bytes], lock: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            ["git", *words], env=dict(env), stdin=subprocess.DEVNULL, stdout=said, stderr=said, pass_fds=(lock,), start_new_session=True
        )
    except FileNotFoundError:
        raise _no_git() from None


def _git(words: list[str], env: Mapping[str, str]) -> str:
    """What git answers; nothing if it fails."""
    try:
        return subprocess.run(["git", *words], env=dict(env), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        raise _no_git() from None


def _no_git() -> SettingsError:
    return SettingsError(URL, "git is needed to clone it, and there is no such program on PATH")


def _compared(url: str) -> str:
    """An address as it is compared with another: without user, and however it ends."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    plain = f"{scheme}{mark}{host.rpartition('@')[2].lower()}{slash}{path}" if mark else url
    return plain.rstrip("/").removesuffix(".git").rstrip("/")
