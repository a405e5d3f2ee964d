"""Where a townhall listens is believed as long as it lives."""

from __future__ import annotations

import os
from pathlib import Path

from tinytown.runtime.notice import Board, notice_of


def test_a_notice_is_there_until_it_is_taken_down(tmp_path: Path) -> None:
    board = Board(tmp_path)

    board.say(problem="the port is taken, which takes many words to say")
    before = notice_of(tmp_path)
    board.say(url="http://localhost:1")
    after = notice_of(tmp_path)
    board.leave()

    assert before is not None
    assert before.problem is not None
    assert after is not None
    assert (after.url, after.problem, after.pid) == ("http://localhost:1", None, os.getpid())
    assert notice_of(tmp_path) is None


def test_what_a_killed_townhall_left_is_not_believed(tmp_path: Path) -> None:
    board = Board(tmp_path)
    board.say(url="http://localhost:1")

    assert board._file is not None
    os.close(board._file)

    assert (tmp_path / ".tt" / "townhall.json").read_text() != ""
    assert notice_of(tmp_path) is None


def test_a_second_townhall_leaves_the_notice_alone(tmp_path: Path) -> None:
    first, second = Board(tmp_path), Board(tmp_path)
    first.say(url="http://localhost:1")

    second.say(url="http://localhost:2")
    second.leave()
    notice = notice_of(tmp_path)
    first.leave()

    assert notice is not None
    assert notice.url == "http://localhost:1"


def test_without_a_folder_to_write_in_there_is_no_notice(tmp_path: Path) -> None:
    (tmp_path / ".tt").write_text("no folder")

    for board in (Board(tmp_path), Board(None)):
        board.say(url="http://localhost:1")
        board.leave()

    assert notice_of(tmp_path) is None
