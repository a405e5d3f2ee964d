"""Writes the references: docs/cli.md from the commands' own help, docs/openapi/ from the operations of townhall."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tinytown.api.openapi import yaml_text
from tinytown.cli.app import tt
from tinytown.cli.commands import SECTIONS

__all__ = ["leaves", "page"]

INTRODUCTION = """\
# The `tt` command

This page is written by `make docs` from the commands' own help; a test checks that it is current.

Every command takes `-t/--town PATH` and `-v/--verbose` before or after its name, and `-h/--help`.
Results go to stdout, everything else to stderr. With `--json`, errors are JSON, too:
`{"error": {"code": "agent_not_found", "message": "…"}}`.

| exit code | means |
|---|---|
| 0 | done |
| 1 | failed |
| 2 | the call makes no sense as it stands |
| 3 | there is no such agent, task, message or town |
| 4 | it exists, but its state does not allow that |
| 5 | Redis does not answer |
| 130 | Ctrl-C |
"""


def page() -> str:
    """The whole page."""
    parts = [INTRODUCTION]
    for title, rows in SECTIONS.items():
        parts.append(f"## {title}\n")
        parts.extend(_chapter(name, context) for row in rows for name, context in leaves(row.name))
    return "\n".join(parts)


def leaves(name: str) -> Iterator[tuple[str, click.Context]]:
    """A command of the table, and those inside it if it is a group."""
    root = click.Context(tt, info_name="tt")
    loaded = tt.get_command(root, name)
    assert loaded is not None, name
    yield from _below(f"tt {name}", _context(loaded, name, root))


def _below(name: str, context: click.Context) -> Iterator[tuple[str, click.Context]]:
    yield name, context
    if isinstance(context.command, click.Group):
        for inner in context.command.list_commands(context):
            command = context.command.get_command(context, inner)
            assert command is not None, inner
            yield from _below(f"{name} {inner}", _context(command, inner, context))


def _context(command: click.Command, name: str, parent: click.Context) -> click.Context:
    return click.Context(command, info_name=name, parent=parent, **command.context_settings)


def _chapter(name: str, context: click.Context) -> str:
    context.terminal_width = context.max_content_width = 100
    return f"### {name}\n\n```text\n{context.get_help()}\n```\n"


if __name__ == "__main__":
    docs = Path(sys.argv[1])
    (docs / "openapi").mkdir(exist_ok=True)
    (docs / "cli.md").write_text(page(), encoding="utf-8")
    (docs / "openapi" / "townhall-v1.yaml").write_text(yaml_text(), encoding="utf-8")
