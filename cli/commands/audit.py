"""`tt audit`: who did what through townhall."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tinytown.cli.call import opened
from tinytown.cli.options import command, json_option
from tinytown.cli.output import clean, echo_json

if TYPE_CHECKING:
    from tinytown.domain.audit import AuditRecord

__all__ = ["audit"]

COLOURS = {"denied": "yellow", "error": "red"}


@command("audit")
@click.option("-f", "--follow", is_flag=True, help="Go on with what happens from now on, until Ctrl-C.")
@click.option("-n", "--count", metavar="N", type=click.IntRange(min=0), default=20, show_default=True, help="How many to begin with.")
@click.option("--denied", is_flag=True, help="Only what was denied to its caller.")
@json_option
@click.pass_context
def audit(ctx: click.Context, *, follow: bool, count: int, denied: bool, as_json: bool) -> None:
    """Show who did what through townhall.

    The newest calls, oldest first: when, what came of it, who, from where, and
    what was asked for. With --follow --json each is a line of JSON of its own.

    \b
    Examples:
      tt audit
      tt audit -f -n 0
      tt audit --denied --json
    """
    from tinytown.domain.audit import AuditResult

    wanted = AuditResult.DENIED if denied else None
    with opened(ctx, light=True) as town:
        last = town.audit.last_id()  # asked for first: what comes in between is shown below, and not twice
        found = town.audit.recent(count, result=wanted)
        if as_json and not follow:
            echo_json([_as_data(entry, record) for entry, record in found])
            return
        if not found and not follow:
            click.echo("Nothing was denied." if denied else "Nobody called yet.")
        for entry, record in found:
            _print(entry, record, as_json=as_json)
        last = max([last, *(entry for entry, _ in found[-1:])], key=_order)
        while follow:
            last, found = town.audit.follow(last)
            for entry, record in found:
                if wanted in {None, record.result}:
                    _print(entry, record, as_json=as_json)


def _order(entry: str) -> tuple[int, ...]:
    """Ids of a stream in their order: two numbers, not text."""
    return tuple(int(number) for number in entry.split("-"))


def _print(entry: str, record: AuditRecord, *, as_json: bool) -> None:
    if as_json:
        import msgspec

        click.echo(msgspec.json.encode(_as_data(entry, record)))
        return
    local = record.time.astimezone()
    time = click.style(f"{local:%m-%d %H:%M:%S}", dim=True)
    result = click.style(f"{record.status} {record.result.value:<7}", fg=COLOURS.get(record.result.value))
    where = "-" if record.address is None else clean(record.address)
    changed = "".join(f" {clean(one.kind)}={clean(one.id)}" for one in record.changed)
    call = f"{clean(record.method)} {clean(record.path)}"
    click.echo(f"{time} {result} {clean(record.principal)} {where} {call} {record.duration_ms:.0f}ms{changed}")


def _as_data(entry: str, record: AuditRecord) -> dict[str, object]:
    import msgspec

    return {"id": entry, **msgspec.to_builtins(record)}
