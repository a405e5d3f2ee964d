"""The fixtures that all other tests stand on do what they say."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests import leaks, loggers
from tests.rules.project import ROOT
from tests.server import Server
from tests.waiting import wait_until
from tinytown.log import set_up_audit_log, set_up_logging

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


def test_a_test_starts_with_an_empty_home_of_its_own(home: Path) -> None:
    """Nothing of the developer's is read, nothing of ours is set."""
    assert os.environ["HOME"] == str(home)
    assert list(home.iterdir()) == []
    assert [name for name in os.environ if name.startswith(("TINYTOWN_", "TT_", "REDIS_URL"))] == []


@pytest.mark.parametrize("time", ["first", "second"])
def test_the_shared_server_is_empty_at_the_start(server: Server, time: str) -> None:
    """What one test writes, the next does not see."""
    before = server.say("DBSIZE")

    server.say(f"SET {time} here EX 60")

    assert before == ":0"
    assert server.say("DBSIZE") == ":1"


def test_the_servers_of_both_flavours_answer(flavoured_server: Server) -> None:
    """Each flavour has its own process."""
    assert flavoured_server.say("PING") == "+PONG"


def test_an_own_server_keeps_its_data_over_kill_and_restart(own_server: Server) -> None:
    """It writes an append-only file, as the servers we start do."""
    own_server.say("SET kept yes")

    own_server.kill()
    own_server.start()
    own_server.restart()

    assert own_server.say("EXISTS kept") == ":1"


def test_a_frozen_server_answers_when_it_carries_on(own_server: Server) -> None:
    """SIGSTOP leaves the data and the process in place."""
    own_server.stop_signal()
    state = Path(f"/proc/{own_server.pid}/stat")
    if state.exists():
        wait_until(lambda: state.read_text().split()[2] == "T")

    own_server.cont_signal()

    assert own_server.say("PING") == "+PONG"


def test_a_forgotten_process_is_noticed_and_ended(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever starts a process in a test has to end it."""
    monkeypatch.setattr(leaks, "GOODBYE", 0.1)
    before = leaks.children()
    forgotten = subprocess.Popen(SLEEPER)

    with pytest.raises(AssertionError, match=str(forgotten.pid)):
        leaks.check_processes(home, known=before)

    assert forgotten.wait(timeout=10) < 0


def test_an_undocumented_key_without_ttl_is_noticed(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only documented keys may live for ever."""
    monkeypatch.setattr(leaks, "PERMANENT", ("agents",))
    server.say("SET tt:town:agents fine")
    server.say("SET tt:town:passing fine EX 60")
    server.say("SET tt:town:forgotten oops")

    with pytest.raises(AssertionError, match="tt:town:forgotten") as caught:
        leaks.check_keys(server)

    assert "tt:town:agents" not in str(caught.value)
    assert "tt:town:passing" not in str(caught.value)
    server.say("DEL tt:town:forgotten tt:town:agents")


def test_the_loggers_are_put_back() -> None:
    """A command that runs within a test sets up the loggers of its process, and what the next test hears would depend on it."""
    root, lines = logging.getLogger(), logging.getLogger("tinytown.audit")
    before = [(logger.level, logger.handlers[:], logger.propagate) for logger in (root, lines)]

    with loggers.as_before():
        set_up_logging(verbose=True)
        set_up_audit_log()

    assert [(logger.level, logger.handlers[:], logger.propagate) for logger in (root, lines)] == before
    assert logging.raiseExceptions


def test_ctrl_c_is_heard_even_if_whoever_started_the_tests_ignores_it() -> None:
    """So a shell script starts what it runs in the background, and what ignores it passes that on to its children."""
    ask = [sys.executable, "-m", "pytest", "-qp", "no:cacheprovider", f"{__file__}::test_ctrl_c_is_not_ignored"]

    run = subprocess.run(["sh", "-c", 'trap "" INT QUIT HUP; exec "$@"', "sh", *ask], cwd=ROOT, capture_output=True, check=False)

    assert run.returncode == pytest.ExitCode.OK, run.stdout


def test_ctrl_c_is_not_ignored() -> None:
    """Neither is the end of a terminal."""
    assert signal.SIG_IGN not in map(signal.getsignal, (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP))


def test_waiting_fails_with_the_last_answer() -> None:
    """A test that waits in vain says what for."""
    with pytest.raises(AssertionError, match=r"waited 0.05 s for the moon; the last answer was 0"):
        wait_until(lambda: 0, timeout=0.05, message="the moon")


def test_nothing_runs_on_another_server_than_the_promised_one() -> None:
    """What the matrix of CI says is what is tried."""
    env = {**os.environ, "TINYTOWN_TEST_SERVER": "redis 6.2.0"}

    run = subprocess.run([sys.executable, "-m", "pytest", "--collect-only", __file__], cwd=ROOT, env=env, capture_output=True, check=False)

    assert run.returncode == pytest.ExitCode.USAGE_ERROR
    assert b"promises redis 6.2.0, but tests would run on " in run.stderr
