"""`tt logs`: what turns and processes printed, from anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Tt
from tests.cli.follower import Follower
from tests.cli.ways import by_redis_only
from tests.waiting import wait_until
from tinytown.town import Town


def says(town: Town, name: str, *chunks: bytes, turn: int = 1) -> None:
    """Have an agent print something; each piece in a millisecond of its own, by which those of several agents are put in order."""
    for chunk in chunks:
        town.events.write_output(town.agents.find(name).id, turn, chunk)
        written = town.desk.store.turns.now_ms()
        wait_until(lambda before=written: town.desk.store.turns.now_ms() > before, every=0.0005)  # type: ignore[misc]


def test_lines_are_whole_whatever_the_pieces_were(tt: Tt, town: Town) -> None:
    town.spawn("ada")
    says(town, "ada", b"one\ntw", "o ü".encode()[:3], "ü".encode()[1:], b"\nthree\n", b"no end")

    said = tt("logs", "ada")

    assert said.lines == ["── round 1 ──", "one", "two ü", "three", "no end"]


def test_the_last_lines_are_shown(tt: Tt, town: Town) -> None:
    town.spawn("ada")
    for number in range(1000):
        says(town, "ada", b"%d\n" % number)

    assert tt("logs", "ada", "-n", "3").lines[1:] == ["997", "998", "999"]
    assert tt("logs", "ada", "-n", "0").out == ""
    assert len(tt("logs", "ada", "-n", "700").lines) == 701


def test_every_round_has_a_heading(tt: Tt, town: Town) -> None:
    town.spawn("ada")
    says(town, "ada", b"first, cut off", turn=1)
    says(town, "ada", b"second\n", turn=2)

    assert tt("logs", "ada").lines == ["── round 1 ──", "first, cut off", "── round 2 ──", "second"]


def test_without_an_agent_all_speak_in_turn(tt: Tt, town: Town) -> None:
    for name in ("ada", "bob"):
        town.spawn(name)
    says(town, "ada", b"hello\n")
    says(town, "bob", b"who is there?\n")
    says(town, "ada", b"me\n")

    assert tt("logs").lines == ["ada | hello", "bob | who is there?", "ada | me"]


def test_output_cannot_command_the_terminal_unless_wanted(tt: Tt, town: Town) -> None:
    town.spawn("ada")
    says(town, "ada", b"\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2J\x07 \xff 10%\r100%\n")

    assert tt("logs", "ada").lines[1:] == ["100%"]
    says(town, "ada", b"\x1b[31mred\x1b[0m\x07 \xff\n")
    assert tt("logs", "ada").lines[-1] == "red\\x07 \ufffd"
    assert "\x1b[31mred" in tt("logs", "ada", "--raw").out


def test_lines_as_data(tt: Tt, town: Town) -> None:
    ada = town.spawn("ada")
    says(town, "ada", b"one\n", turn=4)

    (line,) = tt("logs", "ada", "--json").json

    assert (line["agent"], line["round"], line["text"]) == (ada.id, 4, "one")


@by_redis_only("the file is on the machine of the town")
def test_a_round_comes_from_its_file(tt: Tt, town: Town, place: Path) -> None:
    town.spawn("ada")
    says(town, "ada", b"only in Redis\n", turn=2)
    (place / ".tt" / "logs" / "ada").mkdir()
    (place / ".tt" / "logs" / "ada" / "1.log").write_text("the whole\nof it")

    assert tt("logs", "ada", "--round", "1").lines[1:] == ["the whole", "of it"]
    assert tt("logs", "ada", "--round", "2").lines[1:] == ["only in Redis"]
    assert tt("logs", "ada", "--round", "3").code == 3


def test_a_follower_gets_lines_as_they_come_and_asks_seldom(place: Path, town: Town) -> None:
    town.spawn("ada")
    says(town, "ada", b"before\nhal")
    follower = Follower(place, "logs", "ada", "-f")
    follower.wait_until_it_waits(town)
    asked = follower.calls_of(town, "xread")

    says(town, "ada", b"f\n", b"after\n")
    wait_until(lambda: "after" in follower.lines)

    assert follower.interrupt() == 130
    assert follower.lines == ["── round 1 ──", "before", "half", "after"]
    assert follower.calls_of(town, "xread") - asked <= 4


def test_a_follower_of_all_gets_new_agents_too(place: Path, town: Town) -> None:
    follower = Follower(place, "logs", "-f", "--json")
    follower.wait_until_it_waits(town)

    town.spawn("ada")
    says(town, "ada", b"hello\n")
    wait_until(lambda: len(follower.lines) == 1)

    assert follower.interrupt() == 130
    assert json.loads(follower.lines[0])["text"] == "hello"


@by_redis_only("processes in the background are on the machine of the town")
def test_a_process_in_the_background_has_a_log(tt: Tt, town: Town, place: Path) -> None:
    path = place / ".tt" / "logs" / "up.log"
    path.write_text("".join(f"{number}\n" for number in range(50_000)))

    assert tt("logs", "--process", "up", "-n", "2").lines == ["49998", "49999"]
    missing = tt("logs", "--process", "nobody")
    assert (missing.code, "there are: up" in missing.err) == (3, True)
    assert tt("logs", "--process", "../../etc/passwd").code == 3


def test_a_follower_of_a_process_reads_on_when_its_log_is_begun_anew(place: Path, town: Town) -> None:
    path = place / ".tt" / "logs" / "up.log"
    path.write_text("first\n")
    follower = Follower(place, "logs", "--process", "up", "-f")
    wait_until(lambda: follower.lines == ["first"])

    with path.open("a") as file:
        file.write("second\nthi")
    wait_until(lambda: follower.lines == ["first", "second"])
    path.write_text("anew\n")
    wait_until(lambda: follower.lines == ["first", "second", "anew"])

    assert follower.interrupt() == 130


@pytest.mark.parametrize("arguments", [("--round", "1"), ("ada", "--round", "1", "-f"), ("ada", "--process", "up")])
def test_options_that_make_no_sense_together_are_refused(arguments: tuple[str, ...], tt: Tt, town: Town) -> None:
    town.spawn("ada")

    assert tt("logs", *arguments).code == 2


def test_of_nobody_there_are_no_logs(tt: Tt, town: Town) -> None:
    assert tt("logs").out == ""
    assert tt("logs", "ada").code == 3
