"""The Lua scripts: their headers tell the truth, and they build and search no keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rules.project import ROOT, source_files

FILES = [*source_files("*.lua")]
FRAGMENTS = [path for path in FILES if path.name.startswith("_")]  # read into scripts, never run alone
SCRIPTS = [path for path in FILES if path not in FRAGMENTS]
SEARCHING = {"KEYS", "SCAN", "RANDOMKEY", "FLUSHALL", "FLUSHDB"}

each_script = pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


@each_script
def test_the_header_names_the_script_and_its_answers(path: Path) -> None:
    header = _header(path)

    assert header.startswith(f"{path.stem}:"), f"the first line says `-- {path.stem}: what it does.`"
    assert re.search(r"^Returns ", header, re.MULTILINE), "the header says what it returns"


@each_script
@pytest.mark.parametrize("kind", ["KEYS", "ARGV"])
def test_the_slots_in_the_header_are_those_the_body_reads(path: Path, kind: str) -> None:
    header, body = _header(path), _with_fragments(path)
    listed = [int(number) for number in re.findall(rf"^{kind}\[(\d+)\]", header, re.MULTILINE)]
    open_ended = re.findall(rf"^{kind}\[(\d+)(?:\.\.+|…)", header, re.MULTILINE)

    read = {int(number) for number in re.findall(rf"{kind}\[(\d+)\]", body)}
    reads_on = re.search(rf"{kind}\[[^\]\d]|#{kind}\b|(unpack|ipairs)\({kind}\b", body) is not None

    first_open = int(open_ended[0]) if open_ended else None
    assert listed == list(range(1, len(listed) + 1)), "slots are listed once each, in order"
    assert first_open is None or first_open == len(listed) + 1, "the open end comes last"
    assert {number for number in read if first_open is None or number < first_open} == set(listed)
    assert reads_on == (first_open is not None), "a slot list with an open end is written KEYS[3..]"


@each_script
def test_an_included_fragment_is_used(path: Path) -> None:
    for fragment in _included(path):
        functions = re.findall(r"^local function (\w+)", _body(fragment), re.MULTILINE)
        others = [_body(other) for other in [path, *_included(path)] if other != fragment]
        assert any(re.search(rf"\b{name}\(", body) for name in functions for body in others), f"{fragment.name} is not used"


@each_script
def test_events_are_emitted_from_the_slots_with_the_open_end(path: Path) -> None:
    """`emit(first key, first argument)` counts slots by number; the header has to agree."""
    header = _header(path)
    for key, argument in re.findall(r"\bemit\((\d+), (\d+)\)", _body(path)):
        assert re.search(rf"^KEYS\[{key}(…|\.\.)", header, re.MULTILINE), f"KEYS[{key}…] are no event streams"
        assert re.search(rf"^ARGV\[{argument}(…|\.\.)", header, re.MULTILINE), f"ARGV[{argument}…] is no event"


@each_file
def test_nothing_searches_for_keys(path: Path) -> None:
    commands = {_unquoted(call[0]).upper() for call in _calls(_body(path))}

    assert not commands & SEARCHING


@each_file
def test_no_key_is_built(path: Path) -> None:
    keys = [call[1] for call in _calls(_body(path)) if len(call) > 1]

    assert [key for key in keys if ".." in key] == [], "all key names come from tinytown/store/keys.py"


def test_the_slot_check_can_fail(tmp_path: Path) -> None:
    script = tmp_path / "take.lua"
    script.write_text("-- take: take one.\n-- KEYS[1] list\n-- Returns the item.\n\nreturn redis.call('LPOP', KEYS[2])\n")

    with pytest.raises(AssertionError):
        test_the_slots_in_the_header_are_those_the_body_reads(script, "KEYS")


def test_the_key_check_can_fail(tmp_path: Path) -> None:
    script = tmp_path / "take.lua"
    script.write_text("return redis.call('GET', ARGV[1] .. ':task:' .. f(1, 2), 'x')\n")

    with pytest.raises(AssertionError):
        test_no_key_is_built(script)


def _header(path: Path) -> str:
    lines: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return "\n".join(lines)


def _body(path: Path) -> str:
    """The code without comments."""
    return re.sub(r"--[^\n]*", "", path.read_text(encoding="utf-8"))


def _with_fragments(path: Path) -> str:
    """The code, and that of the fragments which the header includes."""
    return "\n".join(_body(part) for part in [*_included(path), path])


def _included(path: Path) -> list[Path]:
    """The fragments of a script, with those that they include themselves."""
    found = re.search(r"^include: (.*)$", _header(path), re.MULTILINE)
    parts = [_fragment(name, path) for name in found[1].split()] if found else []
    return [*dict.fromkeys(part for fragment in parts for part in (*_included(fragment), fragment))]


def _fragment(name: str, path: Path) -> Path:
    """A fragment lies beside the script, or in the store."""
    beside = path.with_name(f"{name}.lua")
    return beside if beside.exists() else ROOT / "tinytown" / "store" / "lua" / f"{name}.lua"


def _calls(code: str) -> Iterator[list[str]]:
    """The arguments of each `redis.call` and `redis.pcall`."""
    for found in re.finditer(r"redis\.p?call\(", code):
        arguments, depth = [""], 0
        for character in code[found.end() :]:
            if character == ")" and depth == 0:
                break
            depth += {"(": 1, "{": 1, "[": 1, ")": -1, "}": -1, "]": -1}.get(character, 0)
            if character == "," and depth == 0:
                arguments.append("")
            else:
                arguments[-1] += character
        yield [argument.strip() for argument in arguments]


def _unquoted(text: str) -> str:
    return text.strip("'\"")
