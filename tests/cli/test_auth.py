"""`tt auth`: keys that are shown once, listed without secrets, and taken back."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.cli.conftest import Tt
from tinytown.config import Settings
from tinytown.domain.scope import Scope
from tinytown.services.key_hash import matches
from tinytown.town import Town


def test_a_raw_key_and_its_hash_are_bare_lines(tt: Tt, place: Path) -> None:
    said = tt("auth", "gen-key")

    key, known = said.lines
    assert re.fullmatch(r"[0-9a-f]{64}", key)
    assert known.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert matches(known, key)
    assert list(place.iterdir()) == [], "nothing is kept, and no town is needed"
    assert key not in said.err


def test_the_snippet_is_what_a_town_file_takes(tt: Tt, place: Path) -> None:
    said = tt("auth", "gen-key", "--scope", "scaling:read")

    (place / "tinytown.toml").write_text(said.err.partition("\n\n")[2])

    auth = Settings.load(place, {}, place / "nobody").townhall.auth
    assert (auth.mode.value, auth.api_key_hash, set(auth.key_scopes)) == ("api_key", said.lines[1], {Scope.SCALING_READ})


def test_a_raw_key_as_json(tt: Tt) -> None:
    said = tt("auth", "gen-key", "--json").json

    assert matches(said["hash"], said["key"])
    assert tt("auth", "gen-key", "--json").json["key"] != said["key"]


def test_a_named_key_is_shown_once_and_works(tt: Tt, town: Town) -> None:
    said = tt("auth", "gen-key", "--name", "ci", "--scope", "town.read", "--scope", "town:write", "--expires", "30d")

    (key,) = said.lines
    record = town.api_keys.verify(key)
    assert record is not None
    assert (record.name, record.scopes) == ("ci", (Scope.TOWN_READ, Scope.TOWN_WRITE))
    assert record.expires_at == record.created_at + timedelta(days=30)
    assert key not in said.err
    assert 'mode = "api_key"' in said.err, "townhall does not ask for keys yet"
    assert key not in tt("auth", "list").out + tt("auth", "list", "--json").out
    assert record.hash not in tt("auth", "list", "--json").out


def test_a_named_key_as_json(tt: Tt, town: Town) -> None:
    said = tt("auth", "gen-key", "--name", "ci", "--scope", "admin", "--json").json

    assert town.api_keys.verify(said["key"]) is not None
    assert (said["name"], said["scopes"], said["state"], said["expires_at"]) == ("ci", ["admin"], "live", None)
    assert "hash" not in said


def test_keys_are_listed_with_what_became_of_them(tt: Tt, town: Town) -> None:
    for name in ("old", "ci"):
        tt("auth", "gen-key", "--name", name, "--scope", "town.read", "--expires", "2w")
    tt("auth", "revoke", "old")

    said = tt("auth", "list")

    assert said.lines[0].split() == ["ID", "NAME", "STATE", "USED", "ENDS", "SCOPES"]
    assert [line.split()[1:3] for line in said.lines[1:]] == [["old", "revoked"], ["ci", "live"]]
    assert [one["state"] for one in tt("auth", "list", "--json").json] == ["revoked", "live"]


def test_no_keys_are_no_failure(tt: Tt, town: Town) -> None:
    assert tt("auth", "list").out == "No named keys.\n"
    assert tt("auth", "list", "--json").json == []


def test_a_key_is_revoked_by_name_or_id(tt: Tt, town: Town) -> None:
    one = tt("auth", "gen-key", "--name", "one", "--scope", "town.read").out.strip()
    two = tt("auth", "gen-key", "--name", "two", "--scope", "town.read", "--json").json

    by_name = tt("auth", "revoke", "one")
    by_id = tt("auth", "revoke", two["id"][:6], "--json")

    assert "is revoked" in by_name.out
    assert by_id.json["state"] == "revoked"
    assert town.api_keys.verify(one) is town.api_keys.verify(two["key"]) is None


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (("gen-key", "--name", "ci"), 2, "at least one"),
        (("gen-key", "--name", "ci", "--scope", "root"), 2, "use town.read"),
        (("gen-key", "--name", "C I", "--scope", "admin"), 2, "lower-case"),
        (("gen-key", "--name", "ci", "--scope", "admin", "--expires", "soon"), 2, "write 45m"),
        (("gen-key", "--name", "ci", "--scope", "admin", "--expires", "0d"), 2, "write 45m"),
        (("gen-key", "--name", "ci", "--scope", "admin", "--expires", "99999w"), 2, "at most"),
        (("gen-key", "--expires", "1d"), 2, "--name"),
        (("revoke", "nobody"), 3, "tt auth list"),
    ],
)
def test_what_makes_no_sense_is_refused(tt: Tt, town: Town, arguments: tuple[str, ...], code: int, why: str) -> None:
    said = tt("auth", *arguments)

    assert (said.code, said.out) == (code, "")
    assert why in said.err
    assert town.api_keys.list() == []


def test_a_name_in_use_is_a_conflict(tt: Tt, town: Town) -> None:
    tt("auth", "gen-key", "--name", "ci", "--scope", "admin")

    said = tt("auth", "gen-key", "--name", "ci", "--scope", "admin")

    assert (said.code, said.out) == (4, "")
    assert "tt auth revoke ci" in said.err


def test_the_hash_may_stand_in_the_town_file(tt: Tt, town: Town) -> None:
    known = tt("auth", "gen-key", "--json").json["hash"]

    assert tt("config", "townhall.auth.api_key_hash", known).code == 0
    assert tt("config", "townhall.auth.api_key_hash").out == f"{known}\n"
