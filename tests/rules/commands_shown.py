"""The commands that our pages show: each block says what runs it, or why nothing here can."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import click

from tests.rules.project import ROOT
from tinytown.cli.app import tt

__all__ = ["PAGES", "Block", "blocks", "complaint", "inline", "run_by", "segments"]

PAGES = sorted([*(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").rglob("*.md")])
SHELLS = {"console", "bash", "sh", "shell"}
PLACEHOLDER = re.compile(r"[A-Z][A-Z0-9_]*|.*[$<…].*", re.DOTALL)
"""A word that stands for another."""


class Block(NamedTuple):
    """A fenced block of commands."""

    page: str
    line: int
    says: str
    """The comment before it: `run by: tests/…`, `run by: make …` or `not run: why`; else nothing."""
    steps: list[tuple[str, str]]
    """Commands, each with what is shown below it."""

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: Path) -> Iterator[Block]:
    """The blocks of a page whose language is that of a shell."""
    text = page.read_text(encoding="utf-8")
    for found in re.finditer(r"(?:<!-- (?P<says>[^>]*?) -->\n)?^```(?P<kind>\w+)\n(?P<body>.*?)^```$", text, re.DOTALL | re.MULTILINE):
        if found["kind"] in SHELLS:
            line = text.count("\n", 0, found.start("body"))
            shown = _console(found["body"]) if found["kind"] == "console" else _script(found["body"])
            yield Block(str(page.relative_to(ROOT)), line, found["says"] or "", [*shown])


def run_by(runner: str, page: str) -> list[tuple[str, str]]:
    """The steps of a page that say that this runs them, in order: `tests/acceptance/test_docs.py`, or `make test-compose`."""
    steps = [step for block in blocks(ROOT / page) if block.says == f"run by: {runner}" for step in block.steps]
    assert steps, f"{page} has nothing that {runner} is to run"
    return steps


def inline(page: Path) -> Iterator[str]:
    """The calls of `tt` within sentences."""
    prose = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    yield from re.findall(r"`(tt [a-z][^`]*)`", prose)


def segments(command: str) -> Iterator[list[str]]:
    """The simple commands of a line of shell, those in `$(…)` too, as words."""
    for inner in re.findall(r"\$\(((?:[^()]|\([^()]*\))*)\)", command):
        yield from segments(inner)
    lexer = shlex.shlex(re.sub(r"\$\(((?:[^()]|\([^()]*\))*)\)", "$X", command.replace("\\\n", " ")), posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words: list[str] = []
    for word in lexer:
        if set(word) <= set("|;&()"):
            yield words
            words = []
        else:
            words.append(word)
    yield words


def complaint(words: list[str], *, complete: bool = True) -> str | None:
    """What our command line would say against a call of it; None of other programs.

    Args:
        words: of a simple command; `docker compose exec townhall tt list` calls `tt`, too.
        complete: whether all arguments have to be there.
    """
    words = [word for number, word in enumerate(words) if not re.fullmatch(r"[A-Z_]+=.*", word) or number > _first_word(words)]
    if "tt" in words:
        return _complaint_of(tt, "tt", _without_redirections(words[words.index("tt") + 1 :]), complete)
    if words[:1] == ["townhall"]:
        command = tt.get_command(click.Context(tt), "townhall")
        assert isinstance(command, click.Group)
        given = _without_redirections(words[1:])
        called = [] if {*given} & {*command.list_commands(click.Context(command))} else ["rest"]
        return _complaint_of(command, "townhall", [*called, *given], complete)
    return None


def _first_word(words: list[str]) -> int:
    return next((number for number, word in enumerate(words) if not re.fullmatch(r"[A-Z_]+=.*", word)), len(words))


def _without_redirections(words: list[str]) -> list[str]:
    kept: list[str] = []
    is_target = False
    for word in words:
        if set(word) <= set("<>&"):
            is_target = True
            kept = kept[:-1] if kept[-1:] == ["2"] else kept
        elif is_target:
            is_target = False
        else:
            kept.append(word)
    return kept


def _complaint_of(command: click.Command, name: str, words: list[str], complete: bool) -> str | None:
    context = click.Context(command, info_name=name, **command.context_settings)
    try:
        given, rest, _ = command.make_parser(context).parse_args(list(words))
        if isinstance(command, click.Group):
            inner = command.get_command(context, rest[0]) if rest else command
            if inner is None:
                return f"`{name}` has no command {rest[0]!r}"
            return None if inner is command else _complaint_of(inner, f"{name} {rest[0]}", rest[1:], complete)
        for parameter in command.params:
            value = given.get(parameter.name or "")
            if complete and parameter.required and (value is None or repr(value) == "Sentinel.UNSET"):
                return f"`{name}` lacks {parameter.human_readable_name}"
            _check(parameter, value, context)
    except click.UsageError as error:
        return f"`{name}`: {error.format_message()}"
    return f"`{name}` takes no {rest[0]!r}" if rest else None


def _check(parameter: click.Parameter, value: object, context: click.Context) -> None:
    """Let the type of a parameter look at what is given, unless that stands for something, or is a file of somebody's."""
    for word in value if isinstance(value, list | tuple) else [value]:
        if isinstance(word, str) and not PLACEHOLDER.fullmatch(word) and not isinstance(parameter.type, click.Path | click.File):
            parameter.type.convert(word, parameter, context)


def _console(body: str) -> Iterator[tuple[str, str]]:
    for step in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        lines = step.splitlines(keepends=True)
        command = [lines.pop(0)]
        while lines and (lines[0].startswith("> ") or command[-1].endswith("\\\n")):
            command.append(lines.pop(0).removeprefix("> "))
        yield "".join(command).rstrip("\n"), "".join(lines)


def _script(body: str) -> Iterator[tuple[str, str]]:
    yield body.rstrip("\n"), ""
