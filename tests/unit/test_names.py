"""Names and ids: what may be one, what people may type, and nicknames that stay."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinytown.domain.agent import agent_name
from tinytown.domain.ids import (
    SUPERVISOR_ID,
    is_id_prefix,
    is_uuid,
    new_agent_id,
    new_id,
    new_message_id,
    new_mission_id,
    new_task_id,
    short,
)
from tinytown.domain.nickname import NICKNAMES, nickname_for
from tinytown.domain.town import slug, town_name
from tinytown.errors import InvalidName

MEGABYTE = pytest.param("x" * 1_000_000, id="1 MB")
BAD = [
    "../../x",
    "a b",
    "",
    " ",
    ".a",
    "-a",
    "_a",
    "a/b",
    "a\\b",
    "a:b",
    "a*",
    "a[b]",
    "a\nb",
    "a\0b",
    "a'b",
    "ä",
    "\udcff",
    "x" * 64,
    MEGABYTE,
]


@pytest.mark.parametrize("text", [*BAD, "supervisor", "SUPERVISOR", "Conductor", " conductor "])
def test_what_cannot_name_an_agent(text: str) -> None:
    with pytest.raises(InvalidName) as refused:
        agent_name(text)

    assert len(str(refused.value)) < 400


@pytest.mark.parametrize(
    ("text", "name"), [("ada", "ada"), ("Ada", "ada"), (" worker-1 ", "worker-1"), ("0", "0"), ("a.b_c-d", "a.b_c-d"), ("x" * 63, "x" * 63)]
)
def test_what_can_name_an_agent(text: str, name: str) -> None:
    assert agent_name(text) == name


@pytest.mark.parametrize("text", [*BAD, "Town", "a\n"])
def test_what_cannot_name_a_town(text: str) -> None:
    with pytest.raises(InvalidName):
        town_name(text)


@given(st.text())
def test_any_text_has_a_town_name_near_it(text: str) -> None:
    name = slug(text)

    assert town_name(name) == name
    assert slug(name) == name


@given(st.text())
def test_a_name_that_is_accepted_is_safe_in_paths_keys_and_patterns(text: str) -> None:
    try:
        name = agent_name(text)
    except InvalidName:
        return
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*", name)
    assert agent_name(name) == name


@pytest.mark.parametrize("make", [new_id, new_agent_id, new_task_id, new_message_id, new_mission_id])
def test_ids_are_random_uuids_of_version_4(make: type) -> None:
    ids = {make() for _ in range(1000)}

    assert len(ids) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", one) for one in ids)
    assert all(is_uuid(one) and is_id_prefix(short(one)) for one in ids)


@pytest.mark.parametrize("text", ["", "abc", "xyzw", "-abc", "1234\n", "1" * 37, "ABCD"])
def test_what_is_no_beginning_of_an_id(text: str) -> None:
    assert not is_id_prefix(text)
    assert not is_uuid(text)


def test_the_people_have_a_fixed_id() -> None:
    assert SUPERVISOR_ID == "00000000-0000-0000-0000-000000000001"
    assert is_uuid(SUPERVISOR_ID)


def test_a_nickname_stays_with_its_id_and_all_are_used() -> None:
    ids = [new_id() for _ in range(5000)]

    assert [nickname_for(one) for one in ids] == [nickname_for(one) for one in ids]
    assert len({nickname_for(one) for one in ids}) > len(NICKNAMES) * 0.9
    assert len(set(NICKNAMES)) == len(NICKNAMES)
