"""Runs the Lua scripts: one verb each, loaded once, called by their digest."""

from __future__ import annotations

from collections.abc import Sequence

from tinytown.store.connection import Arg, Connection, Reply, ReplyError, text

__all__ = ["Scripts", "source"]

_STORE = "tinytown.store"

_sources: dict[tuple[str, str], str] = {}
_digests: dict[str, str] = {}


def source(verb: str, package: str = _STORE) -> str:
    """The whole text of a script, with the fragments that it includes in front.

    Args:
        verb: its name.
        package: whose script it is; fragments may be ours, too.
    """
    known = _sources.get((package, verb))
    if known is None:
        known = _sources[package, verb] = "\n".join(_parts(verb, package, set()))
    return known


def _parts(verb: str, package: str, seen: set[str]) -> list[str]:
    """The texts of a script and of what it includes, each once, in the order in which Lua has to read them."""
    from importlib.resources import files  # costs 3 ms, and `tt status` runs no script

    seen.add(verb)
    own, ours = (files(each) / "lua" / f"{verb}.lua" for each in (package, _STORE))
    body = (own if own.is_file() else ours).read_text(encoding="utf-8")
    included = next((line.split(":", 1)[1].split() for line in body.splitlines() if line.startswith("-- include:")), [])
    return [part for name in included if name not in seen for part in _parts(name, package, seen)] + [body]


def _digest(verb: str) -> str:
    if verb not in _digests:
        from hashlib import sha1  # Redis names scripts by it; not imported for commands that run none

        _digests[verb] = sha1(source(verb).encode(), usedforsecurity=False).hexdigest()
    return _digests[verb]


class Scripts:
    """Runs scripts by name on one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._loaded: set[str] = set()

    def run(self, verb: str, keys: Sequence[str], args: Sequence[Arg]) -> Reply:
        """Run a script and return its reply; it is loaded when the server does not know it."""
        try:
            return self._connection.call("EVALSHA", _digest(verb), len(keys), *keys, *args)
        except ReplyError as error:
            if error.word != "NOSCRIPT":
                raise
            return self._connection.call("EVAL", source(verb), len(keys), *keys, *args)

    def word(self, verb: str, keys: Sequence[str], args: Sequence[Arg]) -> str:
        """Run a script that answers with a word."""
        return text(self.run(verb, keys, args))

    def run_many(
        self, verb: str, calls: Sequence[tuple[Sequence[str], Sequence[Arg]]], *, beside: Sequence[Sequence[Arg]] = ()
    ) -> list[Reply]:
        """Run a script many times in one round trip; it must be one that does no harm when run again.

        A server that was restarted in between does not know the script any
        more, and then all of it is done again.

        Args:
            beside: plain commands that go with them, whose replies nobody needs.
        """
        if not calls and not beside:
            return []
        commands = [("EVALSHA", _digest(verb), len(keys), *keys, *args) for keys, args in calls]
        if verb in self._loaded:
            try:
                return self._connection.calls([*commands, *beside])[: len(calls)]
            except ReplyError as error:
                if error.word != "NOSCRIPT":
                    raise
        self._connection.call("SCRIPT", "LOAD", source(verb))
        self._loaded.add(verb)
        return self._connection.calls([*commands, *beside])[: len(calls)]
