"""What autoscalers are told where doorbells for turns are in a stream."""

from __future__ import annotations

import pytest

from tinytown.domain.scaling import Recommendation
from tinytown.store.connection import Connection
from tinytown.store.keys import WORKERS_GROUP
from tinytown.testing import Rehearsal, rehearse


@pytest.fixture
def streaming(connection: Connection) -> Rehearsal:
    """A town whose doorbells for turns go into the stream."""
    town = rehearse("streaming", connection=connection, use_streams=True, townhall={"scale_down_window_secs": 0})
    town.spawn("ada", cli="shell")
    return town


def test_doorbells_in_a_stream_are_counted_by_who_has_them(streaming: Rehearsal) -> None:
    connection, docket = streaming.desk.store.connection, streaming.desk.store.keys.docket
    connection.call("XGROUP", "CREATE", docket, WORKERS_GROUP, "0", "MKSTREAM")
    for number in range(2):
        connection.call("XADD", docket, "*", "bell", number)
    taken = connection.call("XREADGROUP", "GROUP", WORKERS_GROUP, "a", "COUNT", 1, "STREAMS", docket, ">")

    signal = streaming.scaling.signal()
    assert (signal.queue_depth, signal.pending_tasks, signal.in_flight_tasks, signal.desired_agents) == (2, 1, 1, 2)
    assert signal.scaling_recommendation is Recommendation.SCALE_UP
    assert streaming.scaling.for_queue("agents").value == 2

    taken += connection.call("XREADGROUP", "GROUP", WORKERS_GROUP, "a", "COUNT", 1, "STREAMS", docket, ">")
    connection.call("XACK", docket, WORKERS_GROUP, *(entry for _, entries in taken for entry, _ in entries))
    signal = streaming.scaling.signal()
    assert (signal.queue_depth, signal.pending_tasks, signal.in_flight_tasks, signal.desired_agents) == (0, 0, 0, 0)


def test_a_stream_that_nobody_reads_yet_counts_as_waiting(streaming: Rehearsal) -> None:
    """Too much is better than none: an autoscaler would start nobody."""
    connection, docket = streaming.desk.store.connection, streaming.desk.store.keys.docket
    missing = streaming.scaling.signal().queue_depth

    connection.call("XADD", docket, "*", "bell", "1")
    connection.call("XGROUP", "CREATE", docket, "others", "0")

    assert (missing, streaming.scaling.signal().pending_tasks) == (0, 1)


def test_a_stream_that_is_none_is_no_zero(streaming: Rehearsal) -> None:
    streaming.desk.store.connection.call("SET", streaming.desk.store.keys.docket, "oops", "EX", 60)

    with pytest.raises(Exception, match="WRONGTYPE"):
        streaming.scaling.signal()


def test_the_stream_counts_whole_where_the_server_has_lost_count(streaming: Rehearsal) -> None:
    connection, docket = streaming.desk.store.connection, streaming.desk.store.keys.docket
    entries = [connection.call("XADD", docket, "*", "bell", number) for number in range(4)]
    connection.call("XGROUP", "CREATE", docket, WORKERS_GROUP, entries[0])
    connection.call("XDEL", docket, entries[2])

    signal = streaming.scaling.signal()

    assert 2 <= signal.pending_tasks <= 3
