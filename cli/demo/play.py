"""The play: who does what in the demonstration, and what has to be done before."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import msgspec

from tinytown.domain.task import Task

__all__ = ["CAST", "PLAY", "SLOW", "Step"]

Done = Mapping[str, Task]

SCRIPTED = "scripted"
SLOW = "timing"
"""The step during which a worker is killed."""

CAST = {
    "dora": (SCRIPTED, "developer"),
    "emil": (SCRIPTED, "developer"),
    "ruth": (SCRIPTED, "reviewer"),
    "tess": ("shell", "tester"),
    "otto": ("shell", "devops"),
}
"""The agents: what they run, and their roles."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A task of the play.

    `text` may depend on what came of the steps before; `expects` is what its
    result has to say.
    """

    name: str
    agent: str
    text: str | Callable[[Done], str]
    after: tuple[str, ...] = ()
    expects: str

    def told(self, done: Done) -> str:
        """The text of the task."""
        return self.text if isinstance(self.text, str) else self.text(done)


_GIT = "git -c user.name=Otto -c user.email=otto@example.org"

_SETUP = """\
# Set up the repository
echo '__pycache__/' >> .gitignore
printf '# Shop\\n\\nSlugs and prices.\\n' > README.md
if command -v git >/dev/null; then git init --quiet . && echo "a git repository with a README"
else echo "no git here: a plain folder with a README"; fi
"""

_TIMING = """\
# Time the code: six rounds, half a second each
for round in 1 2 3 4 5 6; do
  echo "round $round"
  "$PYTHON" -c 'import prices, time; end = time.monotonic() + 0.5
while time.monotonic() < end: prices.total([199] * 100); time.sleep(0.01)'
done
echo "six rounds timed"
"""

_COMMIT = f"""\
# Commit what was approved
grep -h approved REVIEW-*.md
if [ -d .git ]; then git add -A && {_GIT} commit --quiet --message 'Slugs and prices, tested and reviewed' && git log --oneline; fi
echo "committed"
"""

_RELEASE = """\
# Try it from a fresh copy
rm -rf .tt/copy
if [ -d .git ]; then git clone --quiet . .tt/copy; else mkdir .tt/copy && cp ./*.py .tt/copy; fi
cd .tt/copy && "$PYTHON" -m unittest 2>&1 | tail -3
"""


def _tests(name: str, again: str = "") -> str:
    """Runs tests; the task is done when they have run, whatever they say."""
    return f'# Run the tests of {name}{again}\n"$PYTHON" -m unittest test_{name} 2>&1 | tail -12\n'


def _fix(done: Done) -> str:
    return f"Fix slugs.py: the tests fail.\n\nThis is what tess found:\n\n{done['check slugs'].result}"


PLAY = (
    Step(name="set up", agent="otto", text=_SETUP, expects="README"),
    Step(name="slugs", agent="dora", text="Write slugs.py with a function slug(text).", after=("set up",), expects="wrote"),
    Step(name="prices", agent="emil", text="Write prices.py with total(prices, discount).", after=("set up",), expects="wrote"),
    Step(name="test slugs", agent="ruth", text="Write test_slugs.py; think of punctuation.", after=("set up",), expects="wrote"),
    Step(name="test prices", agent="ruth", text="Write test_prices.py; think of discounts.", after=("set up",), expects="wrote"),
    Step(name=SLOW, agent="otto", text=_TIMING, after=("prices",), expects="six rounds timed"),
    Step(name="check slugs", agent="tess", text=_tests("slugs"), after=("slugs", "test slugs"), expects="FAILED (failures=1)"),
    Step(name="check prices", agent="tess", text=_tests("prices"), after=("prices", "test prices"), expects="OK"),
    Step(name="fix slugs", agent="dora", text=_fix, after=("check slugs",), expects="fixed"),
    Step(name="recheck slugs", agent="tess", text=_tests("slugs", " again"), after=("fix slugs",), expects="OK"),
    Step(name="review slugs", agent="ruth", text="Review slugs.py.", after=("recheck slugs",), expects="approved"),
    Step(name="review prices", agent="ruth", text="Review prices.py.", after=("check prices",), expects="approved"),
    Step(name="commit", agent="otto", text=_COMMIT, after=("review slugs", "review prices", SLOW), expects="committed"),
    Step(name="release", agent="tess", text=_RELEASE, after=("commit",), expects="OK"),
)
