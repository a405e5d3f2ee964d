"""Planning as a whole: what is read, what is refused, and that nothing is half done."""

from __future__ import annotations

import subprocess
import threading
from pathlib import Path

import pytest

from tests.planning.world import KnownIssues, issue, item_of, keys
from tinytown.domain.objective import IssueRef
from tinytown.domain.pull_request import Issue, IssueState
from tinytown.errors import IdentityProviderUnavailable, PlanRefused, Unavailable
from tinytown.planning.graph import Plan
from tinytown.services.planning import AT_ONCE, PlanningService
from tinytown.testing import Rehearsal, rehearse

OUTAGE = IdentityProviderUnavailable("GitHub", "no answer")


@pytest.fixture
def folder(place: Path) -> Path:
    """A clone of acme/shop."""
    subprocess.run(["git", "init", "-q", str(place)], check=True)
    subprocess.run(["git", "-C", str(place), "remote", "add", "origin", "git@github.com:acme/shop.git"], check=True)
    return place


def planned(
    folder: Path, objectives: list[str], github: KnownIssues | None = None, *, docs: tuple[str, ...] = (), manifest: str | None = None
) -> Plan:
    known = KnownIssues([issue("#1"), issue("#2", "after #1"), issue("o/r#3")]) if github is None else github
    path = None if manifest is None else folder / "mission.toml"
    if path is not None:
        path.write_text(str(manifest))
    return PlanningService(rehearse().desk, known, folder).plan(objectives, docs=docs, manifest=path)


def test_objectives_are_fetched_and_compiled(folder: Path) -> None:
    plan = planned(folder, ["2", "#1", "https://github.com/o/r/issues/3#issuecomment-7"])

    assert keys(plan) == ["acme/shop#1", "acme/shop#2", "o/r#3"]


def test_an_issue_is_asked_for_once(folder: Path) -> None:
    github = KnownIssues([issue("#1")])

    planned(folder, ["1", "#1", "Acme/Shop#1"], github)

    assert github.asked == ["acme/shop#1"]


@pytest.mark.parametrize(
    ("setup", "why"),
    [
        ([], "git finds no remote named origin"),
        ([["init", "-q"]], "git finds no remote named origin"),
        ([["init", "-q"], ["remote", "add", "origin", "/srv/shop.git"]], "leads to no repository of GitHub's form"),
    ],
)
def test_a_number_without_a_repository_says_why(place: Path, setup: list[list[str]], why: str) -> None:
    for words in setup:
        subprocess.run(["git", "-C", str(place), *words], check=True)

    with pytest.raises(PlanRefused, match=f"'12' does not say of which repository, and .*{why}.*write owner/repo#12"):
        planned(place, ["12"])


def test_without_git_whole_names_will_do(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(place))

    assert keys(planned(place, ["acme/shop#1"])) == ["acme/shop#1"]
    with pytest.raises(PlanRefused, match="git is not installed"):
        planned(place, ["#1"])


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_left_behind(folder: Path) -> None:
    """Defects 25 and 57: no plan with holes, and no record of one that failed."""
    town: Rehearsal = rehearse()
    service = PlanningService(town.desk, KnownIssues([issue("#1")]), folder)
    before = town.desk.store.connection.call("KEYS", "*")

    with pytest.raises(PlanRefused) as caught:
        service.plan(["1", "nonsense", "#77", "https://github.com/o/r/pull/5"], docs=["missing.md"], manifest=folder / "m.json")

    assert [problem.partition(":")[0] for problem in caught.value.problems] == [
        "m.json is not there",
        "'nonsense' names no issue",
        "o/r#5 is a pull request; a mission works on issues",
        "missing.md is not there",
        "issue",
    ]
    assert "GitHub knows no acme/shop#77" in str(caught.value)
    assert str(caught.value).startswith("5 things are wrong with this plan:\n")
    assert town.desk.store.connection.call("KEYS", "*") == before


def test_an_issue_that_cannot_be_had_fails_the_plan(folder: Path) -> None:
    """Defect 57: it does not become an item without a body."""
    with pytest.raises(PlanRefused, match="issue: GitHub knows no acme/shop#9"):
        planned(folder, ["1", "9"])


def test_an_outage_is_no_mistake_of_the_plan(folder: Path) -> None:
    """Defect 57: the start fails, and may be tried again."""
    with pytest.raises(Unavailable, match="no answer"):
        planned(folder, ["1", "2"], KnownIssues([issue("#1")], errors={"#2": OUTAGE}))
    with pytest.raises(PlanRefused) as caught:
        planned(folder, ["1", "2", "x"], KnownIssues([issue("#1")], errors={"#1": OUTAGE, "#2": OUTAGE}))
    assert len(caught.value.problems) == 2


def test_a_mistake_of_ours_is_not_hidden(folder: Path) -> None:
    with pytest.raises(ZeroDivisionError):
        planned(folder, ["1"], KnownIssues(errors={"#1": ZeroDivisionError()}))


def test_a_closed_issue_is_a_warning(folder: Path) -> None:
    plan = planned(folder, ["1"], KnownIssues([issue("#1", state=IssueState.CLOSED)]))

    assert plan.warnings == ("acme/shop#1 is closed already",)


def test_issues_are_fetched_side_by_side(folder: Path) -> None:
    together = threading.Barrier(AT_ONCE)

    class Slow(KnownIssues):
        def issue(self, ref: IssueRef) -> Issue:
            together.wait(timeout=10)
            return super().issue(ref)

    plan = planned(
        folder, [str(number) for number in range(1, AT_ONCE + 1)], Slow([issue(f"#{number}") for number in range(1, AT_ONCE + 1)])
    )

    assert keys(plan) == [f"acme/shop#{number}" for number in range(1, AT_ONCE + 1)]


def test_documents_add_work_and_issues(folder: Path) -> None:
    (folder / "docs").mkdir()
    (folder / "docs/plan.md").write_text("- [ ] #2\n- [ ] Tidy up, after #2\n", encoding="utf-8-sig")

    plan = planned(folder, [], docs=("docs/plan.md", str(folder / "docs/plan.md"), "./docs/plan.md"))

    assert keys(plan) == ["acme/shop#2", "docs/plan.md#tidy-up-after-2"]
    assert item_of(plan, "docs/plan.md#tidy-up-after-2").depends_on == ("acme/shop#2",)
    assert [str(ref) for ref in item_of(plan, "#2").externals] == ["acme/shop#1"]


def test_a_document_may_lie_outside(folder: Path, home: Path) -> None:
    (home / "idea.md").write_text("# Idea")

    assert keys(planned(folder, [], docs=("~/idea.md",))) == [f"{home}/idea.md#idea"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(b"\xff\xfe", r"bad.md is not UTF-8 text \(byte 0\)"), (b"x" * (1024 * 1024 + 1), "bad.md is larger than 1 MiB")],
)
def test_a_document_that_is_no_text_is_refused(folder: Path, content: bytes, sentence: str) -> None:
    (folder / "bad.md").write_bytes(content)

    with pytest.raises(PlanRefused, match=sentence):
        planned(folder, [], docs=("bad.md",))


@pytest.mark.parametrize(
    ("path", "sentence"), [(".", "is no file"), ("~nobody-of-that-name/x.md", "is not there"), ("a\0b", "is not there")]
)
def test_a_path_that_is_no_document_is_refused(folder: Path, path: str, sentence: str) -> None:
    with pytest.raises(PlanRefused, match=sentence):
        planned(folder, [], docs=(path,))


def test_a_manifest_alone_is_enough(folder: Path) -> None:
    """Defect 55: it is read, and adds issues, documents and work of its own."""
    (folder / "road.md").write_text("- [ ] Part")
    (folder / "old.md").write_text("- [ ] Old")
    manifest = """
        items = [
            {issue = 2, priority = 1},
            {issue = 9, skip = true},
            {doc = "./road.md", role = "docs"},
            {doc = "old.md", skip = true},
            {title = "Say so", depends_on = ["part", 2]},
        ]
    """

    plan = planned(folder, ["#9"], docs=("old.md",), manifest=manifest)

    assert keys(plan) == ["acme/shop#2", "road.md#part", "mission.toml#say-so"]
    assert item_of(plan, "road.md#part").role == "docs"


def test_a_manifest_with_a_mistake_stops_the_plan(folder: Path) -> None:
    with pytest.raises(PlanRefused, match=r"mission.toml: item 1 \(1\): kind: there is no kind 'x'"):
        planned(folder, ["1"], manifest="items = [{issue = 1, kind = 'x'}]")


def test_a_plan_for_nothing_is_refused(folder: Path) -> None:
    with pytest.raises(PlanRefused, match="there is nothing to plan"):
        planned(folder, [])
