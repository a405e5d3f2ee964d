"""A part of the terminal that is drawn anew in place."""

from __future__ import annotations

import os

import click
import pytest

from tinytown.cli import screen
from tinytown.cli.screen import Screen, cells, fitted


def test_a_character_may_take_two_columns_or_none() -> None:
    assert [cells(text) for text in ("abc", "漢字", "e\u0301", click.style("abc", fg="red"))] == [3, 4, 1, 3]


@pytest.mark.parametrize(
    ("text", "columns", "cut"), [("abcdef", 6, "abcdef"), ("abcdef", 5, "abcd…"), ("漢字漢字", 6, "漢字…"), ("ab", 1, "…")]
)
def test_a_line_is_cut_to_the_columns_there_are(text: str, columns: int, cut: str) -> None:
    assert fitted(text, columns) == cut


def test_a_cut_colour_is_switched_off() -> None:
    assert fitted(click.style("abcdef", fg="red"), 4) == "\x1b[31mabc…\x1b[0m"


def test_what_is_drawn_takes_the_place_of_what_was(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(screen, "_size", lambda: os.terminal_size((10, 10)))
    drawn = Screen(colour=False)

    drawn.draw(lambda _: [click.style("one", fg="red"), "two"])
    drawn.draw(lambda _: ["three"])

    assert capsys.readouterr().out == "\r\x1b[Jone\ntwo\n\x1b[2A\r\x1b[Jthree\n"


def test_lines_that_a_narrower_terminal_wrapped_are_taken_back(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = iter([(10, 10), (4, 10)])
    monkeypatch.setattr(screen, "_size", lambda: os.terminal_size(next(sizes)))
    drawn = Screen(colour=False)
    drawn.draw(lambda _: ["123456789", "1"])
    drawn.draw(lambda _: ["x"])

    assert "\x1b[4A" in capsys.readouterr().out


def test_no_more_is_drawn_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(screen, "_size", lambda: os.terminal_size((10, 4)))
    told: list[int] = []

    def lines(height: int) -> list[str]:
        told.append(height)
        return [str(number) for number in range(20)]

    Screen(colour=False).draw(lines)

    assert told == [3]
    assert capsys.readouterr().out.split("\x1b[J")[1] == "0\n1\n2\n"
