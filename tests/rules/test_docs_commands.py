"""No page shows a command that is neither run by a test nor says why it cannot be run here; and all of ours are real."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.rules.commands_shown import PAGES, Block, blocks, complaint, inline, run_by, segments
from tests.rules.project import ROOT
from tests.rules.workflows import make_targets
from tinytown.config.environment import ALIASES, KNOWN
from tinytown.config.keys import scalars
from tinytown.config.settings import TownSettings

BLOCKS = [block for page in PAGES for block in blocks(page)]
REFERENCE = ROOT / "docs" / "cli.md"

each_block = pytest.mark.parametrize("block", BLOCKS, ids=str)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


@each_block
def test_a_block_is_run_by_a_test_or_says_why_it_cannot_be(block: Block) -> None:
    kind, _, said = block.says.partition(": ")

    assert kind in {"run by", "not run"}, f"{block}: put `<!-- run by: tests/… -->` or `<!-- not run: needs … -->` before it"
    if kind == "not run":
        assert len(said.split()) >= 2, "a reason is more than a word"


@each_block
def test_what_is_said_to_run_a_block_does_run_it(block: Block) -> None:
    kind, _, runner = block.says.partition(": ")
    if kind != "run by":
        return
    if runner.startswith("make "):
        assert runner.removeprefix("make ") in make_targets()
    places = (ROOT / "tests" / "compose").glob("*.py") if runner == "make test-compose" else [ROOT / runner]

    assert any(block.page in place.read_text(encoding="utf-8") for place in places), f"{runner} does not know {block.page}"


@each_block
def test_calls_of_our_commands_would_be_understood(block: Block) -> None:
    said = [complaint(words) for command, _ in block.steps for words in segments(command)]

    assert [sentence for sentence in said if sentence] == [], block


@each_block
def test_files_and_targets_that_commands_name_exist(block: Block) -> None:
    text = "\n".join(command for command, _ in block.steps)
    files = set(re.findall(r"(?<![\w/.$}~-])((?:deploy|docs|tests|\.ci)/[\w./-]*\w)", text))
    made = set(re.findall(r"\bmake ([a-z][\w-]*)", text))

    assert [name for name in files if not (ROOT / name).exists()] == []
    assert made <= make_targets()


@each_page
def test_calls_within_sentences_would_be_understood(page: Path) -> None:
    said = [complaint(words, complete=False) for call in inline(page) for words in segments(call.replace("…", ""))]

    assert [sentence for sentence in said if sentence] == []


@each_page
def test_commands_stand_in_blocks_of_a_shell(page: Path) -> None:
    """So that no command escapes these rules."""
    others = re.findall(r"^```(\w*)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)

    assert [body for kind, body in others if kind != "console" and re.search(r"^\$ ", body, re.MULTILINE)] == []


@each_page
def test_variables_that_a_page_names_are_read_by_something(page: Path) -> None:
    ours = KNOWN | ALIASES.keys() | {"TINYTOWN_" + "__".join(path).upper() for path, _ in scalars(TownSettings)}
    named = set(re.findall(r"\bTINYTOWN_[A-Z0-9_]*[A-Z0-9]", page.read_text(encoding="utf-8")))

    assert {name for name in named if name not in ours and not name.startswith("TINYTOWN_TEST_")} == set()


@each_page
def test_links_lead_somewhere(page: Path) -> None:
    targets = re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text(encoding="utf-8"))
    broken = []
    for target in targets:
        name, _, anchor = target.partition("#")
        found = (page.parent / name).resolve() if name else page
        if not found.exists() or (anchor and found.suffix == ".md" and anchor not in _anchors(found)):
            broken.append(target)

    assert broken == []


def test_the_examples_in_the_help_of_commands_would_be_understood() -> None:
    examples = re.findall(r"^    ((?:\w+=\S+ )*(?:tt|townhall) .*?)(?:  .*)?$", REFERENCE.read_text(encoding="utf-8"), re.MULTILINE)
    said = [complaint(words) for example in examples for words in segments(example)]

    assert len(examples) > 100
    assert [sentence for sentence in said if sentence] == []


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("tt nothing ada x", "no command"),
        ("tt assign ada x --wiat", "--wiat"),
        ("FOO=1 docker compose exec townhall tt list --jsn", "--jsn"),
        ("KEY=$(tt auth gen-key --nmae x)", "--nmae"),
        ("true && tt task shw 1", "no command"),
        ("tt worker --concurrency many", "many"),
        ("tt task show", "lacks"),
        ("townhall rest --prot 1", "--prot"),
    ],
)
def test_a_mistake_would_be_noticed(call: str, said: str) -> None:
    assert said in " ".join(complaint(words) or "" for words in segments(call))


def test_steps_are_given_to_whom_they_name(place: Path) -> None:
    with pytest.raises(AssertionError, match="nothing that tests/nowhere"):
        run_by("tests/nowhere.py", "docs/cli.md")


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
