"""Anything, in any order: missions keep their promises, and none is ever stuck without saying what it needs."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing, suppress
from datetime import timedelta
from itertools import count
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.missions.books import Books, tasks_of
from tests.missions.crew import Crew
from tests.missions.fate import MOMENTS, Fate
from tests.missions.forge import WHAT_HAPPENS, Forge
from tests.missions.people import People
from tests.missions.sample import plan, story
from tests.server import Server
from tinytown.domain.ids import MissionId, derived_id
from tinytown.domain.mission import Dependency, NoChecks, Policy
from tinytown.domain.pull_request import IssueState
from tinytown.domain.work_item import Waiting, WorkStatus
from tinytown.errors import TownError
from tinytown.planning.graph import Plan
from tinytown.store.resp import RespConnection
from tinytown.testing import Doorbell, Rehearsal, rehearse

POLICIES = st.builds(
    Policy,
    max_parallel_items=st.integers(1, 3),
    reviewer_required=st.booleans(),
    auto_merge=st.booleans(),
    dependency=st.sampled_from(Dependency),
    no_checks=st.sampled_from(NoChecks),
    max_attempts=st.integers(2, 5),
    max_tasks=st.sampled_from([0, 0, 0, 12]),
    item_timeout_secs=st.sampled_from([0, 3600]),
)
WEIGHTED = [
    *["bells"] * 40, *["tick"] * 15, *["clock"] * 12, *["github"] * 14, *["turn"] * 4, *["strike"] * 8, *["leases"] * 3, "lose bells",
    "old bell",
    *["pause", "resume", "stop", "note", "approve", "reject", "redirect", "retry", "update", "snooze", "override"] * 2, "complete", "fail",
    *["task"] * 4, *["agent"] * 5, "spawn", "prune", "outage", "outage over", "issue",
]  # fmt: skip
MAKERS, REVIEWERS = ("ada", "bob"), ("rev", "rex")
_numbers = count()


class Missions(RuleBasedStateMachine):
    """Two missions that share four agents, and everything that people, GitHub, workers, clocks and bad luck do to them."""

    server: Server

    @initialize(policies=st.tuples(POLICIES, POLICIES))
    def open_town(self, policies: tuple[Policy, Policy]) -> None:
        self.connection = RespConnection(str(self.server.socket), address="server")
        self.connection.call("FLUSHALL")
        tables: dict[str, Any] = {"agent": {"max_attempts": 2, "backoff_secs": 0}, "mission": {"tick_interval_secs": 30}}
        self.town: Rehearsal = rehearse(f"town-{next(_numbers)}", connection=self.connection, **tables)
        self.forge = self.town.hub = Forge(self.town.clock.at)
        self.fate, self.crew = Fate(self.town), Crew(self.forge)
        for name in (*MAKERS, *REVIEWERS):
            self.town.spawn(name, cli="shell", role="reviewer" if name in REVIEWERS else "backend")
        outside = self.forge.put_issue(900)
        plans = (plan("big", "a", "b<a", "c<a", "d<b,c", "e", externals={"e": (outside,)}), plan("small", "x", "y<x", "z"))
        self.books = [
            Books(self.town, self._start(number, planned, policy))
            for number, (planned, policy) in enumerate(zip(plans, policies, strict=True))
        ]
        self.people = People(self.town, self.books)
        self.old_bells: list[Doorbell] = []

    @rule(what=st.sampled_from(WEIGHTED), which=st.integers(0, 1), index=st.integers(0, 9), mood=st.integers(0, 9), more=st.integers(0, 12))
    def step(self, what: str, which: int, index: int, mood: int, more: int) -> None:
        """Anybody does anything. One rule, so that the weights are ours."""
        books, self.is_sound = self.books[which], False
        match what:
            case "bells":
                for _ in range(index + 1):
                    if bells := self.town.bells():
                        self._hear(bells[-1 if more % 2 else 0], mood, keep=more == 3)
            case "old bell":
                for bell in self.old_bells[-1 - index :][:1]:
                    self.town.answer(bell, self.crew.work(mood))
            case "lose bells":
                self.town.lose_bells()
            case "tick":
                self._tick(books)
            case "clock":
                self._clock(index)
            case "turn":
                for agent in self.people.agents():
                    self.town.take_turn(agent.id, self.crew.work(mood + len(agent.name)))
            case "strike":
                self._strike(books, MOMENTS[index % len(MOMENTS)], 1 + mood % 3, more)
            case "leases":
                self._let_leases_run_out()
            case "outage":
                self.forge.fall_over(1 if index % 2 else 600)
            case "outage over":
                self.forge.trouble = None
            case "issue":
                self.forge.put_issue(900, list(IssueState)[index % 3])
            case "github":
                self._github(index, more, tell=mood == 0)
            case "task":
                self.people.meddle(books, index, more)
            case "agent" | "spawn" | "prune":
                self.people.agent(what, index, mood)
            case _:
                self.people.command(books, what, index, more)

    @invariant()
    def promises_are_kept(self) -> None:
        """Every promise of every mission, by the records themselves."""
        if hasattr(self, "town"):
            tasks = tasks_of(self.town)
            for books in self.books:
                books.check(tasks)
            self.is_sound = True

    def teardown(self) -> None:
        """Whatever happened: when all is well again, every mission ends, after help at the most."""
        if hasattr(self, "town"):
            with closing(self.connection):
                if self.is_sound:
                    self._end_well()

    def _end_well(self) -> None:
        self.forge.heal()
        for name in ("cleo", "dan", "rita", "ruth"):
            self.town.spawn(name, cli="shell", role="reviewer" if name.startswith("r") else "backend")
        for chance in range(6):
            self._let_it_run(25)
            stuck = [books for books in self.books if not books.read().mission.state.is_terminal]
            for books in stuck:
                self._help(books, first=chance == 0)
            if not stuck:
                break
        for books in self.books:
            snapshot = books.read()
            assert snapshot.mission.state.is_terminal, story(books)
            assert snapshot.mission.errands == ()
            books.check_events()

    def _start(self, number: int, planned: Plan, policy: Policy) -> MissionId:
        identity = MissionId(derived_id("model", str(number)))  # always the same, so that what is found can be found again
        return self.town.missions.start(planned, policy, identity=identity).mission.id

    def _let_it_run(self, rounds: int) -> None:
        """Let time pass in a town where everybody does what is asked for."""
        for _ in range(rounds):
            if all(books.read().mission.state.is_terminal and not books.read().mission.errands for books in self.books):
                return
            self._wake_all()
            self._let_leases_run_out()
            self.town.clock.at += timedelta(seconds=200)
            for books in self.books:
                mission = books.read().mission
                if mission.hold is not None:
                    self.town.missions.resume(mission.id, by="conductor")
                for item in books.read().items.values():
                    if item.waiting_on is Waiting.MERGE and item.waiting_for.startswith("somebody to merge") and item.pull is not None:
                        self.forge.happens(self.forge.pulls[item.pull.key], "merge")
            self.town.answer_bells(self.crew.work(None), most=200)
            self.town.recovery.sweep()
            self._clock(0)
            self.promises_are_kept()

    def _help(self, books: Books, *, first: bool) -> None:
        """A mission that has not ended has asked for help by now, and what that advises helps."""
        snapshot = books.read()
        assert snapshot.mission.help is not None or not first, story(books)
        for item in snapshot.items.values():
            if item.waiting_on in {Waiting.OPERATOR, Waiting.HELP} or item.status is WorkStatus.FAILED:
                self.town.missions.retry(books.mission, item.id, by="conductor")
            elif any(each.state in {"not_planned", "missing"} for each in item.externals):
                self.town.missions.update_item(books.mission, item.id, status=WorkStatus.READY, by="conductor")

    def _wake_all(self) -> None:
        for agent in self.people.agents():
            for step in (self.town.agents.resume, self.town.agents.restart):
                with suppress(TownError):
                    step(agent.name)
            self.town.let_backoff_pass(agent.id)
        self.town.let_answers_be_due()

    def _let_leases_run_out(self) -> None:
        """Whoever died has been dead for long enough."""
        store = self.town.desk.store
        for books in self.books:
            store.connection.call("DEL", store.keys.dispatch_lock(books.mission))
        for agent in self.people.agents():
            if store.turns.info([agent.id])[0].state == "running":
                self.town.let_lease_run_out(agent.id)
        self.town.recovery.sweep()

    def _clock(self, index: int) -> None:
        """Time passes: seconds, minutes, or more than an hour; what is due by then is rung for."""
        self.town.clock.at += timedelta(seconds=(1, 35, 35, 200, 200, 200, 400, 400, 1000, 4000)[index])
        store = self.town.desk.store
        for raw in store.connection.call("ZRANGE", store.keys.missions_due, 0, -1):
            store.connection.call("ZADD", store.keys.missions_due, "XX", 1, raw)
        self.town.let_answers_be_due()
        self.town.mission_ticks.ring_due()

    def _github(self, index: int, more: int, *, tell: bool) -> None:
        """Something happens to a pull request, and perhaps a webhook tells of it."""
        if pulls := list(self.forge.pulls.values()):
            pull = pulls[index % len(pulls)]
            self.forge.happens(pull, WHAT_HAPPENS[more])
            if tell:
                self.town.missions.pull_moved(pull.ref)

    def _tick(self, books: Books) -> None:
        if self.town.mission_ticks.tick(books.mission).driven:
            books.check_looks()

    def _hear(self, bell: Doorbell, mood: int, *, keep: bool) -> None:
        self.old_bells.append(bell)
        if not keep:
            self.town.take_bell(bell)
        self.town.answer(bell, self.crew.work(mood))

    def _hear_some(self, mood: int) -> None:
        self.town.answer_bells(self.crew.work(mood), most=3)

    def _strike(self, books: Books, moment: str, nth: int, more: int) -> None:
        """A tick or a command dies in the middle, or somebody else comes between."""
        deeds: list[Callable[[], None] | None] = [
            None, None, None,
            lambda: self._overtake(books),
            lambda: self.people.command(books, "pause", 0, 0),
            lambda: self.people.command(books, "stop", 0, more),
            lambda: self.people.command(books, "fail", 0, 6 * nth),
            lambda: self.forge.fall_over(5),
            lambda: self._hear_some(more),
        ]  # fmt: skip
        with self.fate.strikes(moment, nth, deeds[more % len(deeds)]):
            if more % 4 == 3:
                self.people.command(books, ("resume", "stop", "retry", "update")[nth % 4], nth, more)
            else:
                self.town.mission_ticks.tick(books.mission)

    def _overtake(self, books: Books) -> None:
        """The lease runs out in mid-tick, and another drives the mission a step further."""
        self.town.desk.store.connection.call("DEL", self.town.desk.store.keys.dispatch_lock(books.mission))
        self.town.mission_ticks.tick(books.mission)


def test_missions_keep_their_promises(server: Server) -> None:
    machine = type("MissionsHere", (Missions,), {"server": server})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=80,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            phases=(Phase.generate, Phase.shrink),
            database=None,
        ),
    )

    assert server.is_running()
