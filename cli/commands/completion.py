"""`tt completion`: makes the tab key work."""

from __future__ import annotations

import click

from tinytown.cli.options import command

__all__ = ["completion"]


@command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script of a shell.

    \b
    Examples:
      eval "$(tt completion bash)"                       # in ~/.bashrc
      eval "$(tt completion zsh)"                        # in ~/.zshrc
      tt completion fish > ~/.config/fish/completions/tt.fish
    """
    from click.shell_completion import get_completion_class

    from tinytown.cli.app import tt

    made_for = get_completion_class(shell)
    assert made_for is not None, shell
    click.echo(made_for(tt, {}, "tt", "_TT_COMPLETE").source())
