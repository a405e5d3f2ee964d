"""Named API keys: shown once, found by their id, dead when they should be."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from tinytown.domain.api_key import ApiKey, KeyState, key_id_of
from tinytown.domain.scope import Scope
from tinytown.errors import AmbiguousReference, ApiKeyExists, ApiKeyNotFound, InvalidName, InvalidValue
from tinytown.testing import Rehearsal

READ = [Scope.TOWN_READ]


def test_a_key_opens_what_it_was_made_for(town: Rehearsal) -> None:
    made = town.api_keys.create("ci", [Scope.TOWN_WRITE, Scope.TOWN_READ])

    found = town.api_keys.verify(made.text)

    assert found == made.record
    assert found.scopes == (Scope.TOWN_READ, Scope.TOWN_WRITE)
    assert key_id_of(made.text) == found.id


def test_the_key_itself_is_kept_nowhere(town: Rehearsal) -> None:
    made = town.api_keys.create("ci", READ)
    secret = made.text.split("_", 2)[2]

    kept = town.desk.store.connection.call("HGETALL", town.desk.store.keys.api_keys)

    assert secret.encode() not in b"".join(kept)
    assert secret not in repr(made)
    assert len(secret) * 6 >= 256


def test_a_wrong_secret_opens_nothing(town: Rehearsal) -> None:
    made = town.api_keys.create("ci", READ)
    other = town.api_keys.create("other", READ)

    mixed = other.text[:16] + made.text[16:]

    assert town.api_keys.verify(mixed) is None
    assert town.api_keys.verify(made.text[:-1] + ("A" if made.text[-1] != "A" else "B")) is None


@pytest.mark.parametrize(
    "text", ["", "tt_", "tt_000000000000_" + "A" * 43, "é" * 59, "tt_\x00", "x" * 1_000_000, "\ud800", "*", "tt_" + "0" * 56]
)
def test_what_was_never_a_key_opens_nothing(town: Rehearsal, text: str) -> None:
    town.api_keys.create("ci", READ)

    assert town.api_keys.verify(text) is None


def test_a_revoked_key_opens_nothing_and_stays_so(town: Rehearsal) -> None:
    made = town.api_keys.create("ci", READ)

    revoked = town.api_keys.revoke("ci")
    town.clock.at += timedelta(hours=1)
    again = town.api_keys.revoke(made.record.id)

    assert town.api_keys.verify(made.text) is None
    assert revoked.revoked_at == again.revoked_at is not None


def test_an_expired_key_opens_nothing(town: Rehearsal) -> None:
    made = town.api_keys.create("ci", READ, timedelta(days=30))

    town.clock.at += timedelta(days=30, seconds=-1)
    before = town.api_keys.verify(made.text)
    town.clock.at += timedelta(seconds=1)

    assert before == made.record
    assert town.api_keys.verify(made.text) is None


def test_a_live_name_is_taken_and_a_dead_one_is_free(town: Rehearsal) -> None:
    town.api_keys.create("ci", READ, timedelta(days=1))
    with pytest.raises(ApiKeyExists):
        town.api_keys.create("ci", READ)

    town.clock.at += timedelta(days=2)
    second = town.api_keys.create("ci", READ)
    town.api_keys.revoke("ci")
    third = town.api_keys.create("ci", READ)

    assert [key.state(town.clock.at) for key in town.api_keys.list()].count(KeyState.LIVE) == 1
    assert town.api_keys.find("ci").id == third.record.id != second.record.id


def test_of_two_who_make_the_same_name_one_gets_it(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(town.api_keys, "_dead_holder", lambda *_: None)  # both looked before either wrote
    town.api_keys.create("ci", READ)

    with pytest.raises(ApiKeyExists):
        town.api_keys.create("ci", READ)

    assert len(town.api_keys.list()) == 1


def test_a_key_is_found_by_the_beginning_of_its_id(town: Rehearsal, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = iter(["abcd00000001", "abcd00000002"])
    monkeypatch.setattr("tinytown.services.api_keys.new_key_id", lambda: next(ids))
    for name in ("one", "two"):
        town.api_keys.create(name, READ)

    assert town.api_keys.find("abcd00000001").name == "one"
    with pytest.raises(AmbiguousReference, match="two"):
        town.api_keys.find("abcd")
    for reference in ("", "abc", "abcd00000003", "three"):
        with pytest.raises(ApiKeyNotFound):
            town.api_keys.revoke(reference)


def test_a_use_is_noted_at_most_once_a_minute(town: Rehearsal) -> None:
    made = town.api_keys.create("ci", READ)
    town.api_keys.note_use(made.record)
    first = town.api_keys.find("ci")

    town.clock.at += timedelta(seconds=59)
    town.api_keys.note_use(first)
    unchanged = town.api_keys.find("ci")
    town.clock.at += timedelta(seconds=1)
    town.api_keys.note_use(unchanged)

    assert unchanged == first
    assert town.api_keys.find("ci").last_used_at == town.clock.at


def test_a_use_that_is_noted_late_does_not_undo_a_revocation(town: Rehearsal) -> None:
    made = town.api_keys.create("ci", READ)
    verified = town.api_keys.verify(made.text)
    assert verified is not None
    town.api_keys.revoke("ci")

    town.api_keys.note_use(verified)

    assert town.api_keys.find("ci").state(town.clock.at) is KeyState.REVOKED


def test_a_revocation_between_reading_and_writing_is_not_lost(town: Rehearsal) -> None:
    made = town.api_keys.create("ci", READ)
    seen: list[KeyState] = []

    def used(key: ApiKey) -> ApiKey:
        seen.append(key.state(town.clock.at))
        if len(seen) == 1:
            town.api_keys.revoke("ci")
        return msgspec.structs.replace(key, last_used_at=town.clock.at)

    changed = town.desk.store.api_keys.change(made.record.id, used)

    assert seen == [KeyState.LIVE, KeyState.REVOKED]
    assert changed is not None
    assert changed.revoked_at is not None
    assert town.api_keys.find("ci") == changed


def test_a_record_with_more_in_it_can_still_be_revoked(town: Rehearsal) -> None:
    """A newer version may have written members that this one does not know."""
    made = town.api_keys.create("ci", READ)
    key, connection = town.desk.store.keys.api_keys, town.desk.store.connection
    record = msgspec.json.decode(connection.call("HGET", key, made.record.id))
    connection.call("HSET", key, made.record.id, msgspec.json.encode({**record, "from_the_future": 1}))

    town.api_keys.revoke("ci")

    assert town.api_keys.verify(made.text) is None


@pytest.mark.parametrize("name", ["", "CI", "-ci", "a b", "é", "x" * 64, "a\n", "../x"])
def test_a_key_has_a_plain_name(town: Rehearsal, name: str) -> None:
    with pytest.raises(InvalidName):
        town.api_keys.create(name, READ)


def test_a_key_that_could_do_nothing_is_not_made(town: Rehearsal) -> None:
    for scopes, expires in (([], None), (READ, timedelta()), (READ, timedelta(days=-1)), (READ, timedelta(days=36500))):
        with pytest.raises(InvalidValue):
            town.api_keys.create("ci", scopes, expires)

    assert town.api_keys.list() == []
