"""Asking before something is lost for good."""

from __future__ import annotations

import sys

import click

__all__ = ["confirm"]


def confirm(question: str, *, yes: bool, option: str = "--yes") -> None:
    """Go on only if the person at the terminal says yes; the question goes to stderr.

    Args:
        question: without the question mark.
        yes: whether an option has said so already.
        option: which one that is, for those whose stdin is no terminal.

    Raises:
        UsageError: there is nobody to ask.
        Abort: the answer is no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"this needs a confirmation, and stdin is no terminal: give {option}")
    if not _says_yes(question):
        click.echo("Nothing was changed.", err=True)
        raise click.Abort


def _says_yes(question: str) -> bool:
    try:
        return click.confirm(f"{question}?", default=False, err=True)
    except click.Abort as error:
        if isinstance(error.__context__, KeyboardInterrupt):  # or Ctrl-C would end with the code of a failure
            raise KeyboardInterrupt from None
        return False
