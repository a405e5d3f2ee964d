"""`tt mission dispatch`: driving missions in the foreground, as the clock does in the background."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
import msgspec

from tinytown.cli.call import call_of, needs_redis, opened
from tinytown.cli.options import command, json_option
from tinytown.cli.output import counted, echo_json, state_styled
from tinytown.config import environment
from tinytown.domain.ids import MissionId, short
from tinytown.errors import MissionNotFound, RedisUnavailable, TownError

if TYPE_CHECKING:
    from tinytown.process import Signals
    from tinytown.services.mission_ticks import Ticked
    from tinytown.town import Town

__all__ = ["dispatch"]

PAUSE_SECONDS = 1.0
"""How often it is looked for missions that are due, or rung for."""
FAILED = 1


class _Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a tick came to."""

    mission_id: MissionId
    ticked: Ticked | None = None
    error: str | None = None


@command("dispatch")
@click.option("--once", is_flag=True, help="One tick for each, and say what happened.")
@click.option("-r", "--run", metavar="MISSION", help="This mission only; ends when it does.")
@json_option
@click.pass_context
def dispatch(ctx: click.Context, *, once: bool, run: str | None, as_json: bool) -> None:
    """Drive missions in this process, until Ctrl-C.

    `tt up` does the same in the background; both may run. A mission is driven
    when something happens to it, and every [mission] tick_interval_secs.
    Agents' turns need a worker.

    \b
    Examples:
      tt mission dispatch
      tt mission dispatch --once
      tt mission dispatch --run 3f2a
    """
    needs_redis(ctx)
    if once:
        with opened(ctx) as town:
            chosen = town.mission_ticks.driven() if run is None else [town.missions.find(run).id]
            outcomes = [outcome for mission in chosen if (outcome := _tick(town, mission)) is not None]
        _print_round(outcomes, as_json=as_json)
        if any(outcome.error is not None for outcome in outcomes):
            ctx.exit(FAILED)
        return
    _dispatch(ctx, run, as_json=as_json)


def _dispatch(ctx: click.Context, run: str | None, *, as_json: bool) -> None:
    """Drive until a signal comes, or the one mission ends; Redis may be away for a while."""
    from tinytown.log import set_up_logging
    from tinytown.process import Outage, Signals, connect_patiently

    call = call_of(ctx)
    set_up_logging(verbose=call.verbose)
    with Signals() as signals:
        town = connect_patiently(call.town, environment(), signals)
        if town is None:
            return
        with town:
            chosen = None if run is None else town.missions.find(run).id
            outage = Outage(lambda: town.desk.store.connection.call("PING"))
            driver = _Driver(town, chosen, signals, as_json=as_json)
            while signals.count == 0 and not driver.is_over:
                outage.bear(driver.round, "dispatch")
                if not driver.is_over:
                    signals.wait(PAUSE_SECONDS)


class _Driver:
    """Rounds of ticks: at first of all missions, then of those that are due."""

    def __init__(self, town: Town, chosen: MissionId | None, signals: Signals, *, as_json: bool) -> None:
        self._town = town
        self._chosen = chosen
        self._signals = signals
        self._as_json = as_json
        self._begun = False
        self.is_over = False

    def round(self) -> None:
        """Tick what is due, and print what moved."""
        ticks = self._town.mission_ticks
        due = ticks.wanting() if self._begun else ticks.driven()
        for mission in due:
            if self._signals.count == 0 and self._chosen in {None, mission}:
                self._drive(mission)
        self._begun = True
        if self._chosen is not None:
            self.is_over = self._has_ended(self._chosen)

    def _drive(self, mission: MissionId) -> None:
        outcome = _tick(self._town, mission)
        if outcome is None:
            return
        if self._as_json:
            click.echo(msgspec.json.encode(_as_data(outcome)))
        elif outcome.error is not None or (outcome.ticked is not None and outcome.ticked.driven and _changed(outcome.ticked)):
            _print(outcome)

    def _has_ended(self, mission: MissionId) -> bool:
        try:
            found = self._town.missions.find(mission)
        except MissionNotFound:
            return True
        return found.state.is_terminal


def _tick(town: Town, mission: MissionId) -> _Outcome | None:
    """Drive one mission a step; its troubles stay with it. None: it is gone."""
    try:
        return _Outcome(mission_id=mission, ticked=town.mission_ticks.tick(mission))
    except MissionNotFound:
        return None
    except RedisUnavailable:
        raise
    except TownError as error:
        return _Outcome(mission_id=mission, error=str(error))


def _print_round(outcomes: Sequence[_Outcome], *, as_json: bool) -> None:
    if as_json:
        echo_json([_as_data(outcome) for outcome in outcomes])
        return
    for outcome in outcomes:
        _print(outcome)
    if not outcomes:
        click.echo("no mission is to be driven", err=True)


def _print(outcome: _Outcome) -> None:
    name, ticked = short(outcome.mission_id), outcome.ticked
    if ticked is None:
        click.echo(f"tt: mission {name}: {outcome.error}", err=True)
    elif not ticked.driven:
        click.echo(f"{name}  another process drives it at the moment")
    else:
        state = "gone" if ticked.state is None else ticked.state.value
        did = f"{counted(ticked.notes, 'note')}, {counted(ticked.looks, 'look')}, {counted(ticked.moved, 'item')} moved"
        click.echo(f"{name}  {state_styled(state)}  {did if _changed(ticked) else 'nothing to do'}")


def _changed(ticked: Ticked) -> bool:
    return bool(ticked.notes or ticked.looks or ticked.moved)


def _as_data(outcome: _Outcome) -> dict[str, object]:
    members = {} if outcome.ticked is None else msgspec.to_builtins(outcome.ticked)
    return {**members, "mission_id": outcome.mission_id, "error": outcome.error}
