"""The `tt` command as a whole: its global options, and one run from arguments to exit code."""

from __future__ import annotations

import io
import sys

import click

from tinytown.cli import failures
from tinytown.cli.call import Call
from tinytown.cli.lazy import LazyGroup

__all__ = ["run", "tt"]


def _print_version(ctx: click.Context, _param: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import version

        click.echo(f"tt {version('tinytown')}")
        ctx.exit()


@click.group(cls=LazyGroup)
@click.option(
    "-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help="Show the version and exit."
)
def tt() -> None:
    """Named coding agents with mailboxes that lose no work.

    \b
    Start here:
      tt init                          make a town in this directory
      tt spawn ada --cli claude        add an agent
      tt assign ada "fix the bug"      give it a task
      tt status                        see who does what
    """


def run(arguments: list[str], program: str = "tt") -> int:
    """Run `tt`, or one of its commands that is a program of its own, with these arguments and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # what agents wrote may not fit the terminal's encoding
    call = Call()
    call.verbose = not {"-v", "--verbose"}.isdisjoint(arguments)  # for errors before the options are parsed
    as_json = "--json" in arguments
    try:
        command = tt if program == "tt" else tt.get_command(click.Context(tt), program)
        assert command is not None, program
        code = command.main(arguments, prog_name=program, standalone_mode=False, obj=call)
    except Exception as error:  # noqa: BLE001 - the edge: whatever it is, people get a sentence and programs a code
        return failures.report(error, verbose=call.verbose, as_json=as_json, program=program)
    return code if isinstance(code, int) else 0
