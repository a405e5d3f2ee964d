"""How a prompt reaches a program, whatever its size and whatever is in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tinytown.presets import resolve
from tinytown.runner import deliver


@pytest.fixture
def file(place: Path) -> Path:
    """Where a prompt goes that is given by file."""
    return place / "prompts" / "ada.md"


def test_on_standard_input_nothing_is_written(file: Path) -> None:
    delivered = deliver(resolve("claude"), "do it", file)

    assert delivered.stdin == b"do it"
    assert delivered.argv == resolve("claude").argv
    assert not file.exists()


def test_a_file_is_named_after_the_programs_own_option(file: Path) -> None:
    delivered = deliver(resolve("auggie", model="best"), "do it", file)

    assert delivered.argv == ("auggie", "--print", "--model", "best", "--instruction-file", str(file))
    assert file.read_text() == "do it"
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_is_removed_when_it_has_served(file: Path) -> None:
    delivered = deliver(resolve("aider"), "do it", file)

    delivered.discard()
    delivered.discard()

    assert not file.exists()


def test_the_prompt_goes_to_its_place_in_the_command(file: Path) -> None:
    by_argument, by_file = resolve("agent --do={prompt} --now"), resolve("agent --from {file} --now")

    assert deliver(by_argument, "this", file).argv == ("agent", "--do=this", "--now")
    assert deliver(by_file, "this", file).argv == ("agent", "--from", str(file), "--now")


def test_without_a_place_the_argument_comes_last(file: Path) -> None:
    assert deliver(resolve("cursor"), "say 'hi' && $HOME", file).argv[-1] == "say 'hi' && $HOME"


def test_braces_in_the_prompt_stay_as_they_are(file: Path) -> None:
    assert deliver(resolve("cursor"), "use {file} and {prompt}", file).argv[-1] == "use {file} and {prompt}"


def test_an_argument_longer_than_the_system_allows_goes_by_file(file: Path) -> None:
    short, long = "x" * (128 * 1024 - 1), "ä" * (64 * 1024)

    assert deliver(resolve("cursor"), short, file).file is None
    delivered = deliver(resolve("cursor"), long, file)

    assert delivered.file == file
    assert file.read_text() == long
    assert str(file) in delivered.argv[-1]
    assert len(delivered.argv[-1]) < 1000


def test_text_that_cannot_be_encoded_is_replaced(file: Path) -> None:
    assert deliver(resolve("claude"), "a\ud800b", file).stdin == b"a?b"
    assert deliver(resolve("cursor"), "a\0b", file).argv[-1] == "a�b"
