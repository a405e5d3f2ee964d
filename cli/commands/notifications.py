"""`tt notify`: whether people are reached, and what did not reach them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tinytown.cli.call import opened
from tinytown.cli.options import group, json_option
from tinytown.cli.output import age, clean, echo_json, echo_table

if TYPE_CHECKING:
    from datetime import datetime

    from tinytown.domain.notification import Outgoing

__all__ = ["notify"]

NOTHING_SET = """\
nobody is told anything: name services with `tt config --user notify.urls "ntfy://my-topic"` or TINYTOWN_NOTIFY__URLS
(https://appriseit.com/services/ lists them), or a webhook with `tt config --user notify.webhook_url https://…`"""


@group("notify")
def notify() -> None:
    """Try notifications out; list, requeue and drop them.

    When a mission is done, has failed, needs help or needs an approval, each
    destination in [notify] is told once. What cannot be delivered is tried
    again for a while, and then given up.

    \b
    Examples:
      tt notify test
      tt notify list
      tt notify requeue 3f2a
    """


@notify.command("test")
@json_option
@click.pass_context
def try_out(ctx: click.Context, *, as_json: bool) -> None:
    """Tell every destination at once that this is a test.

    Fails if one of them cannot be told, or if there is none.

    \b
    Example:
      tt notify test
    """
    from tinytown.domain.notification import Answer

    with opened(ctx, light=True) as town:
        outcomes = town.notifications.try_out()
    if not outcomes and not as_json:
        raise click.ClickException(NOTHING_SET)
    if as_json:
        echo_json([{"destination": name, "answer": outcome.answer, "why": outcome.why} for name, outcome in outcomes])
    else:
        for name, outcome in outcomes:
            good = outcome.answer is Answer.DELIVERED
            click.echo(f"{name}  {click.style('delivered', fg='green') if good else click.style(outcome.why, fg='red')}")
    if not outcomes or any(outcome.answer is not Answer.DELIVERED for _, outcome in outcomes):
        ctx.exit(1)


@notify.command("list")
@click.option(
    "-n", "--limit", metavar="N", type=click.IntRange(min=1), default=100, show_default=True, help="Show at most so many of each."
)
@json_option
@click.pass_context
def list_notifications(ctx: click.Context, *, limit: int, as_json: bool) -> None:
    """List what is on its way, and what was given up.

    \b
    Examples:
      tt notify list
      tt notify list --json
    """
    with opened(ctx, light=True) as town:
        pending, dead, now = town.notifications.pending(limit), town.notifications.dead(limit), town.desk.now()
    if as_json:
        echo_json({"pending": [_as_data(out) for out in pending], "dead": [_as_data(out) for out in dead]})
    elif not pending and not dead:
        click.echo("Nothing is on its way, and nothing was given up.")
    else:
        rows = [_row(out, "pending", now) for out in pending] + [_row(out, click.style("dead", fg="red"), now) for out in dead]
        echo_table(rows, ["ID", "STATE", "ATTEMPTS", "POSTED", "NEWS", "TITLE", "WHY"])


@notify.command("requeue")
@click.argument("notification", metavar="ID")
@json_option
@click.pass_context
def requeue(ctx: click.Context, notification: str, *, as_json: bool) -> None:
    """Try one again, where it has not arrived.

    \b
    Example:
      tt notify requeue 3f2a
    """
    with opened(ctx, light=True) as town:
        found = town.notifications.requeue(notification)
    echo_json({"requeued": found.id}) if as_json else click.echo(f"Notification {found.id[:8]} is tried again.")


@notify.command("drop")
@click.argument("notification", metavar="ID")
@json_option
@click.pass_context
def drop(ctx: click.Context, notification: str, *, as_json: bool) -> None:
    """Forget one: it is told to nobody any more.

    \b
    Example:
      tt notify drop 3f2a
    """
    with opened(ctx, light=True) as town:
        found = town.notifications.drop(notification)
    echo_json({"dropped": found.id}) if as_json else click.echo(f"Notification {found.id[:8]} is dropped.")


def _row(out: Outgoing, state: str, now: datetime) -> list[str | None]:
    told = out.notification
    if told is None:
        return [out.id[:8], state, str(out.attempts), None, None, "(cannot be read)", clean(out.why)]
    return [out.id[:8], state, str(out.attempts), f"{age(told.at, now)} ago", told.news, clean(told.title), clean(out.why)]


def _as_data(out: Outgoing) -> dict[str, Any]:
    return {
        "id": out.id,
        "notification": out.notification,
        "attempts": out.attempts,
        "reached": len(out.reached),
        "refused": len(out.refused),
        "why": out.why,
        "at": out.at,
    }
