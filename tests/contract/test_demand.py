"""The sums behind the signal: whatever happened to them, they are right when they are read."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import pytest

from tests.contract.mail import send, send_many, turn_of
from tests.recount import check_town
from tinytown.domain.agent import Agent
from tinytown.domain.ids import new_agent_id
from tinytown.domain.message import Kind
from tinytown.domain.scaling import RoleDemand
from tinytown.domain.turn import TurnReason
from tinytown.domain.worker import Worker
from tinytown.errors import RedisUnavailable
from tinytown.services.turns import Ending
from tinytown.store.connection import Arg, Connection, Reply, ReplyError
from tinytown.store.resp import RespConnection
from tinytown.testing import Rehearsal, rehearse


def heard_of(town: Rehearsal, *names: str, draining: bool = False) -> None:
    """Workers that serve turns."""
    for name in names:
        town.workers.announce(Worker(id=name, host="here", pid=1, queues=("agents",), concurrency=4, draining=draining))


def test_a_town_of_an_older_version_is_counted_before_it_is_judged(town: Rehearsal, ada: Agent) -> None:
    reviewer = town.spawn("rita", cli="shell", role="reviewer")
    send_many(town, "ada", "one", "two")
    send(town, "rita", "three", urgent=True)
    turn = turn_of(town, ada)
    send(town, "ada", "four")
    keys, connection = town.desk.store.keys, town.desk.store.connection
    connection.call("HSET", keys.demand, "awaiting_approval/default", 3)
    for agent in (ada, reviewer):
        connection.call("HDEL", keys.turn(agent.id), "counted", "role")
    connection.call("HDEL", keys.demand, *(name for name in connection.call("HKEYS", keys.demand) if b"awaiting" not in name))
    connection.call("DEL", keys.ready)

    signal = town.scaling.signal()

    assert (signal.pending_tasks, signal.in_flight_tasks, signal.demand_excluded.awaiting_approval) == (2, 1, 3)
    assert signal.roles[1].name == "reviewer"
    assert (signal.roles[1].ready, signal.roles[1].ready_turns, signal.roles[1].urgent) == (1, 1, 1)
    assert not town.scaling.keep_counted()
    town.turns.end(turn, Ending())
    connection.call("HDEL", keys.demand, "awaiting_approval/default")


def test_a_step_mends_what_an_older_worker_left_uncounted(town: Rehearsal, ada: Agent) -> None:
    """It runs its own scripts, which know of no sums."""
    town.scaling.keep_counted()
    send(town, "ada", "one")
    keys, connection = town.desk.store.keys, town.desk.store.connection
    connection.call("HINCRBY", keys.turn(ada.id), "waiting", 1)

    uncounted = town.scaling.for_role("default").ready
    send(town, "ada", "three")

    assert (uncounted, town.scaling.for_role("default").ready) == (1, 3)
    connection.call("HINCRBY", keys.turn(ada.id), "waiting", -1)
    town.scaling.recount()
    assert town.scaling.for_role("default").ready == 2


def test_a_recount_that_misses_an_agent_changes_nothing(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    send(town, "bob", "one")
    store = town.desk.store.scaling

    assert store.recount([(ada.id, "default")]) == "changed"
    assert store.recount([(ada.id, "default"), (new_agent_id(), "default")]) == "changed"
    assert store.recount([(ada.id, "default"), (bob.id, "default")]) == "counted"
    assert town.scaling.for_role("default").ready == 1


def test_a_role_that_nobody_has_any_more_has_no_row(town: Rehearsal) -> None:
    town.spawn("rita", cli="shell", role="reviewer")
    assert town.scaling.signal().roles == (RoleDemand(name="reviewer", agents=1),)
    town.agents.kill("rita")

    town.recovery.prune()

    assert town.scaling.signal().roles == ()


def test_who_may_not_fetch_by_a_pattern_reads_the_workers_by_name(way: str, request: pytest.FixtureRequest) -> None:
    if "small client" not in way:
        pytest.skip(reason="one way of logging in is enough")
    server = request.getfixturevalue("flavoured_server")
    server.say("ACL SETUSER limited on >secret ~tt:town:* &* +@all")
    limited = RespConnection(str(server.socket), address="server", username="limited", password="secret")
    town = rehearse("town", connection=limited)
    none = town.scaling.signal().workers
    with pytest.raises(ReplyError):
        limited.call("SORT", town.desk.store.keys.workers, "BY", "nosort", "GET", town.desk.store.keys.worker("*"))

    heard_of(town, "w1", "w2")

    assert (none.total, town.scaling.signal().workers.idle) == (0, 2)
    limited.close()
    server.say("ACL DELUSER limited")


def test_an_outage_is_no_zero() -> None:
    class Gone:
        """A Redis that does not answer."""

        address = "gone"

        def call(self, *_: Arg) -> Reply:
            raise RedisUnavailable(self.address, "no answer")

    town = rehearse(connection=cast("Connection", Gone()))

    for ask in (town.scaling.signal, town.scaling.figures, lambda: town.scaling.for_role("any"), lambda: town.scaling.for_queue("agents")):
        with pytest.raises(RedisUnavailable):
            ask()


def test_the_sums_are_right_after_each_step(town: Rehearsal, ada: Agent, bob: Agent) -> None:
    """Each is looked at by itself: a later step mends what an earlier one left out."""
    keys, connection = town.desk.store.keys, town.desk.store.connection
    town.scaling.keep_counted()

    def fail(agent: Agent) -> None:
        turn = turn_of(town, agent)
        for message, _ in turn.mail:
            assert town.turns.bury(turn, message, "exit_status", attempts=3)
        check_town(town)
        town.turns.end(turn, Ending(reason=TurnReason.EXIT_STATUS))

    def die() -> None:
        send(town, "ada", "deadly")
        turn_of(town, ada)
        check_town(town)
        town.let_lease_run_out(ada.id)
        town.recovery.sweep()

    steps: dict[str, Callable[[], object]] = {
        "mail": lambda: send_many(town, "ada", "one", "two"),
        "urgent mail": lambda: [send(town, "ada", text, urgent=True) for text in ("three", "four")],
        "urgent news": lambda: send(town, "ada", "five", urgent=True, kind=Kind.INFORMATIONAL),
        "received": lambda: town.messages.receive("ada"),
        "taken": lambda: town.messages.take("ada", town.messages.peek("ada", urgent=True)[0].id),
        "moved": lambda: (town.agents.kill("ada"), town.recovery.reclaim(to="bob", of="ada")),
        "failed": lambda: fail(bob),
        "tried again": lambda: town.messages.requeue_dead(town.messages.dead("bob")[0], "bob"),
        "tried by another": lambda: (town.agents.restart("ada"), town.messages.requeue_dead(town.messages.dead("bob")[0], "ada")),
        "dropped": lambda: town.messages.drop_dead(town.messages.dead("bob")[0]),
        "its worker dies": die,
        "told to stop": lambda: town.agents.kill("ada"),
        "forgotten": lambda: town.recovery.prune(throw_away_mail=True),
        "all forgotten": lambda: town.recovery.prune(everyone=True, throw_away_mail=True),
    }
    for step in steps.values():
        step()
        check_town(town)

    assert connection.call("HLEN", keys.demand) == 1


@pytest.mark.parametrize("garbage", [b"[]", b'{"id":"aaaaaaaa-0000-4000-8000-000000000001","type":"dance"}'], ids=["list", "dance"])
def test_the_sums_know_of_what_is_no_message(connection: Connection, garbage: bytes) -> None:
    town = rehearse("damaged", connection=connection)
    ada = town.spawn("ada", cli="shell")
    keys = town.desk.store.keys
    steps: list[Callable[[], object]] = [
        lambda: town.messages.receive("ada"),
        lambda: (send(town, "ada", "one"), town.turns.end(turn_of(town, ada), Ending())),
        lambda: town.messages.drop_dead(town.messages.dead("ada")[0]),
    ]
    for step in steps:
        connection.call("RPUSH", keys.inbox(ada.id), garbage)
        connection.call("RPUSH", keys.urgent(ada.id), garbage)

        step()

        dead = town.messages.lengths([ada.id])[0][3]
        connection.call("DEL", keys.inbox(ada.id), keys.urgent(ada.id))
        assert dead > 0
        assert int(connection.call("HGET", keys.demand, "dead/default")) == dead
