"""Errors at the edge: a sentence on stderr for people, JSON for programs, an exit code for scripts."""

from __future__ import annotations

import click

from tinytown.errors import TownError

__all__ = ["FAILED", "INTERRUPTED", "USAGE", "report"]

FAILED = 1
USAGE = 2
INTERRUPTED = 130


def report(error: BaseException, *, verbose: bool, as_json: bool, program: str = "tt") -> int:
    """Say what went wrong on stderr and return the exit code.

    Args:
        error: what ended the command.
        verbose: print the traceback, too.
        as_json: print one JSON object instead of a sentence.
        program: whose error it is.
    """
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, click.Abort):
        return INTERRUPTED if isinstance(error.__cause__, KeyboardInterrupt) else FAILED
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and not as_json:
        click.echo(error.format_message(), err=True)
        return USAGE
    if verbose and not isinstance(error, click.ClickException):
        _print_traceback(error)
    code, exit_code, sentence = _described(error, verbose=verbose)
    if as_json:
        import msgspec

        message = sentence.encode("utf-8", "backslashreplace").decode()  # a path may hold bytes that are no UTF-8
        click.echo(msgspec.json.encode({"error": {"code": code, "message": message}}), err=True)
        return exit_code
    click.echo(f"{program}: {sentence}", err=True)
    if isinstance(error, click.UsageError) and error.ctx is not None:
        click.echo(f"{error.ctx.get_usage()}\nTry '{error.ctx.command_path} --help' for help.", err=True)
    return exit_code


def _described(error: BaseException, *, verbose: bool) -> tuple[str, int, str]:
    """The stable code, the exit code, and the sentence."""
    match error:
        case TownError():
            return error.code, error.exit_code, str(error)
        case click.exceptions.NoArgsIsHelpError():
            return "usage", USAGE, "a command is missing"
        case click.UsageError():
            return "usage", USAGE, _one_line(error.format_message())
        case click.ClickException():
            return "failed", error.exit_code, _one_line(error.format_message())
        case OSError(strerror=str(why)):
            where = f"{error.filename}: " if error.filename is not None else ""
            return "system", FAILED, f"{where}{why}"
        case _:
            hint = "" if verbose else "; --verbose shows where"
            return "unexpected", FAILED, f"unexpected {type(error).__name__}: {_one_line(str(error))}{hint}"


def _one_line(text: str) -> str:
    return " ".join(text.split())[:500]


def _print_traceback(error: BaseException) -> None:
    import traceback

    click.echo("".join(traceback.format_exception(error)), err=True, nl=False)
