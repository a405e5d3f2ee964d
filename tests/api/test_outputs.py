"""What turns printed, over HTTP: read on from where one was, whole characters, and as plain text."""

from __future__ import annotations

import pytest
from falcon.testing import Result, TestClient

from tests.api.test_problems import check_problem
from tinytown.domain.agent import Agent
from tinytown.testing import Rehearsal


@pytest.fixture
def ada(town: Rehearsal) -> Agent:
    """An agent."""
    return town.spawn("ada", cli="shell")


def printed(town: Rehearsal, agent: Agent, *chunks: bytes, turn: int = 1) -> None:
    """Have a turn print something."""
    for chunk in chunks:
        town.events.write_output(agent.id, turn, chunk)


def logs(client: TestClient, **query: object) -> Result:
    """What is shown of it."""
    return client.simulate_get("/v1/agents/ada/logs", params=query)


def texts(result: Result) -> list[str]:
    """The pieces."""
    return [piece["text"] for piece in result.json["pieces"]]


def test_all_of_it_is_read_piece_by_piece_from_the_beginning(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    printed(town, ada, *[f"{number}\n".encode() for number in range(150)])

    found: list[str] = []
    last = "0-0"
    while shown := texts(result := logs(client, after=last, limit=40)):
        assert len(shown) <= 40
        found += shown
        last = result.json["last_id"]

    assert found == [f"{number}\n" for number in range(150)]


def test_more_than_a_hundred_pieces_may_be_had_at_once(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    printed(town, ada, *[b"x"] * 150)

    assert len(texts(logs(client, after="0-0", limit=500))) == 150


@pytest.mark.parametrize("limit", [1, 2, 3, 500])
def test_a_character_that_was_cut_is_whole(client: TestClient, town: Rehearsal, ada: Agent, limit: int) -> None:
    """However the pieces are asked for, what is between two of them is not lost."""
    raw = "naïve 😀 café".encode()
    printed(town, ada, *[raw[place : place + 1] for place in range(len(raw))])

    found, last = "", "0-0"
    while shown := texts(result := logs(client, after=last, limit=limit)):
        found += "".join(shown)
        last = result.json["last_id"]

    assert found == "naïve 😀 café"


def test_the_newest_pieces_begin_with_a_whole_character(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    printed(town, ada, b"caf\xc3", b"\xa9", b"!")

    assert texts(logs(client, limit=2)) == ["é", "!"]


def test_half_a_character_does_not_reach_into_the_next_turn(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    printed(town, ada, b"one \xc3")
    printed(town, ada, b"two\n", turn=2)

    assert texts(logs(client)) == ["one ", "two\n"]


@pytest.mark.parametrize("after", ["1", "99999999999999999999-0", "0-99999999999999999999", "1-1\n", "\u0661-1", "-", "+", "$"])
def test_an_id_that_is_none_is_refused(client: TestClient, ada: Agent, after: str) -> None:
    check_problem(logs(client, after=after), 422, "validation")


def test_plain_text_is_what_a_terminal_can_show(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    printed(town, ada, b"\x1b[31mred\x1b[0m\n\x1b]0;title\x07bel", b"l\x07 caf\xc3", b"\xa9\n")

    result = client.simulate_get("/v1/agents/ada/logs", headers={"Accept": "text/plain"})

    assert (result.status_code, result.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert result.text == "red\nbell\\x07 café\n"
    last = logs(client).json["last_id"]
    assert result.headers["link"] == f'</v1/agents/ada/logs?after={last}&limit=100>; rel="next"'


@pytest.mark.parametrize("accept", ["*/*", "application/json", "application/json, text/plain;q=0.5", "application/*"])
def test_it_is_json_unless_text_is_liked_better(client: TestClient, town: Rehearsal, ada: Agent, accept: str) -> None:
    result = client.simulate_get("/v1/agents/ada/logs", headers={"Accept": accept})

    assert result.json == {"agent": "ada", "pieces": [], "last_id": None}


def test_waiting_for_output_ends_in_time(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    result = logs(client, after="0-0", wait_secs=0.05)

    assert (result.status_code, texts(result), result.json["last_id"]) == (200, [], "0-0")


def test_it_is_read_backwards_too(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    printed(town, ada, *[f"{number}\n".encode() for number in range(9)])
    newest = logs(client, limit=3)

    before = logs(client, limit=4, before=newest.json["pieces"][0]["id"])

    assert texts(newest) == ["6\n", "7\n", "8\n"]
    assert texts(before) == ["2\n", "3\n", "4\n", "5\n"]
    check_problem(logs(client, before="1-0", after="1-0"), 422, "validation")


def test_several_agents_are_followed_at_once(client: TestClient, town: Rehearsal, ada: Agent) -> None:
    eve = town.spawn("eve", cli="shell")
    printed(town, ada, b"seen\n")
    seen = logs(client).json["last_id"]
    printed(town, eve, "gr\u00fc".encode()[:3], "\u00fc\n".encode()[1:])
    printed(town, ada, b"new\n")

    body = {"after": {ada.id: seen, eve.id: "0-0", "11111111-2222-4333-8444-555555555555": "0-0"}}
    told = client.simulate_post("/v1/logs/follow", json=body).json["pieces"]

    assert sorted((piece["agent_id"], piece["text"]) for piece in told) == sorted([(eve.id, "gr"), (eve.id, "\u00fc\n"), (ada.id, "new\n")])
    check_problem(client.simulate_post("/v1/logs/follow", json={"after": {"ada": "0-0"}}), 422, "validation")
