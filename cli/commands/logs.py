"""`tt logs`: what agents' turns and the town's processes printed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tinytown.cli.call import call_of, needs_redis, reached
from tinytown.cli.options import command, json_option
from tinytown.cli.output import echo_json

if TYPE_CHECKING:
    from tinytown.cli.call import AnyTown
    from tinytown.cli.lines import Line
    from tinytown.domain.agent import Agent
    from tinytown.domain.ids import AgentId
    from tinytown.domain.output import Printed

__all__ = ["logs"]

WAIT_MS = 2000
PIECES = 200
Show = Callable[["Line"], None]


@command("logs")
@click.argument("agent", required=False)
@click.option("-f", "--follow", is_flag=True, help="Go on with what is printed from now on, until Ctrl-C.")
@click.option(
    "-n", "--lines", metavar="N", type=click.IntRange(min=0), default=100, show_default=True, help="How many lines to begin with."
)
@click.option("--round", "round_number", metavar="N", type=click.IntRange(min=0), help="All of one round, from its file if it is here.")
@click.option("--process", metavar="NAME", help="What a process of `tt up --detach` printed: worker, clock, townhall.")
@click.option("--raw", is_flag=True, help="Leave colours and control characters as they are.")
@json_option
@click.pass_context
def logs(
    ctx: click.Context,
    agent: str | None,
    *,
    follow: bool,
    lines: int,
    round_number: int | None,
    process: str | None,
    raw: bool,
    as_json: bool,
) -> None:
    """Show what an agent's turns printed.

    Works from any machine, for output is kept in Redis, too: of each agent as
    much as fits into some two thousand pieces. Without AGENT all agents' output
    is shown, with names in front.

    \b
    Examples:
      tt logs ada
      tt logs ada -f
      tt logs -f -n 0
      tt logs ada --round 3
      tt logs --process worker -f
    """
    if process is not None:
        if agent is not None or round_number is not None or as_json:
            raise click.UsageError("--process goes with -f, -n and --raw only")
        _show_process(ctx, process, lines, follow=follow, raw=raw)
        return
    if round_number is not None and (agent is None or follow):
        raise click.UsageError("--round needs an AGENT, and cannot be followed")
    with reached(ctx, light=True) as town:
        chosen = [town.agents.find(agent)] if agent is not None else town.agents.all()
        show = _shower(chosen, single=agent is not None, raw=raw, as_json=as_json and follow)
        if round_number is not None:
            found = _round(town, chosen[0], round_number)
            echo_json(found) if as_json else _show_all(found, show)
        elif follow:
            _follow(town, chosen, lines, everybody=agent is None, show=show)
        else:
            found = _newest(town, chosen, lines)
            echo_json(found) if as_json else _show_all(found, show)


def _show_all(lines: list[Line], show: Show) -> None:
    for line in lines:
        show(line)


def _newest(town: AnyTown, agents: list[Agent], count: int) -> list[Line]:
    """The last lines that these agents printed."""
    from tinytown.cli.lines import LineMaker

    maker = LineMaker()
    pieces = [piece for one in agents for piece in _pieces(town, one, count)]
    return _last(maker.add(sorted(pieces, key=lambda piece: piece.order)) + maker.rest(), count)


def _pieces(town: AnyTown, agent: Agent, count: int) -> list[Printed]:
    """Pieces of output with at least so many lines, or all there are."""
    pieces: list[Printed] = []
    before = "+"
    while count:
        older = town.events.output(agent.id, PIECES, before)
        pieces = older + pieces
        if len(older) < PIECES or sum(piece.data.count(b"\n") for piece in pieces) > count:
            break
        before = f"({older[0].id}"
    return pieces


def _round(town: AnyTown, agent: Agent, number: int) -> list[Line]:
    """All that one round printed: from the file if there is one, else what Redis still has."""
    from tinytown.cli.lines import LineMaker
    from tinytown.domain.output import Printed
    from tinytown.errors import NotFound
    from tinytown.runner import log_path

    maker = LineMaker()
    path = None if town.root is None else log_path(town.root / ".tt" / "logs", agent.name, number)
    if path is not None and path.is_file():
        whole = Printed(id=f"{int(path.stat().st_mtime * 1000)}-0", agent=agent.id, round=number, data=path.read_bytes())
        return maker.add([whole]) + maker.rest()
    pieces = [piece for piece in town.events.output(agent.id, 10_000) if piece.round == number]
    if not pieces:
        raise NotFound(f"round {number} of {agent.name}")
    return maker.add(pieces) + maker.rest()


def _follow(town: AnyTown, agents: list[Agent], count: int, *, everybody: bool, show: Show) -> None:
    """Show the last lines, and then lines as they are printed; new agents join in."""
    from tinytown.cli.lines import LineMaker

    maker = LineMaker()
    marks: dict[AgentId, str] = {}
    begun: list[Printed] = []
    for one in agents:
        newest = _pieces(town, one, count) if count else town.events.output(one.id, 1)
        marks[one.id] = newest[-1].id if newest else "0-0"
        begun += newest if count else []
    _show_all(_last(maker.add(sorted(begun, key=lambda piece: piece.order)), count), show)
    while True:
        pieces = town.events.output_after(marks, WAIT_MS) if marks else _nobody(town)
        marks |= {piece.agent: piece.id for piece in pieces}
        _show_all(maker.add(pieces), show)
        if everybody:
            agents[:] = town.agents.all()
            marks = {one.id: marks.get(one.id, "0-0") for one in agents}


def _last(lines: list[Line], count: int) -> list[Line]:
    return lines[-count:] if count else []


def _nobody(town: AnyTown) -> list[Printed]:
    """Wait for something to happen in a town without agents."""
    stream = town.events.stream()
    town.events.since(stream, town.events.last_id(stream), 1, WAIT_MS)
    return []


def _shower(agents: list[Agent], *, single: bool, raw: bool, as_json: bool) -> Show:
    """What shows a line: with a heading for each round of one agent, or with names in front."""
    from tinytown.cli.lines import without_escapes

    last: list[int] = []

    def show(line: Line) -> None:
        text = line.text if raw else without_escapes(line.text)
        if as_json:
            import msgspec

            click.echo(msgspec.json.encode(line))
        elif single:
            if not raw and last != [line.round]:
                last[:] = [line.round]
                click.echo(click.style(f"── round {line.round} ──", dim=True))
            click.echo(text, color=raw or None)
        else:
            names = {one.id: one.name for one in agents}
            width = min(20, max(len(name) for name in names.values()))
            click.echo(f"{click.style(names.get(line.agent, '?').ljust(width), fg='cyan')} | {text}", color=raw or None)

    return show


def _show_process(ctx: click.Context, name: str, count: int, *, follow: bool, raw: bool) -> None:
    """The log file of a process that runs in the background on this machine."""
    from tinytown.bootstrap import load
    from tinytown.cli.lines import without_escapes
    from tinytown.config import environment
    from tinytown.errors import NotFound

    needs_redis(ctx)
    root, _ = load(call_of(ctx).town, environment())
    logs_folder = (Path.cwd() if root is None else root) / ".tt" / "logs"
    known = sorted(path.stem for path in logs_folder.glob("*.log"))
    if name not in known:
        there = f" (there are: {', '.join(known)})" if known else ""
        raise NotFound(f"{name}.log{there}")
    for line in _file_lines(logs_folder / f"{name}.log", count, follow=follow):
        click.echo(line if raw else without_escapes(line), color=raw or None)


def _file_lines(path: Path, count: int, *, follow: bool) -> Iterator[str]:
    from tinytown.cli.tailing import appended, last_lines

    lines, end = last_lines(path, count)
    yield from lines
    if follow:
        yield from appended(path, end)
