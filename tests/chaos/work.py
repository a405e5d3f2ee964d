"""The work: tasks that leave marks in files outside of Redis, and what the marks tell afterwards."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec

__all__ = ["Marks", "install", "text"]

# What is written with one `echo` is written in one piece, so several writers are no trouble.
# A worker that is killed between starting the program and feeding it leaves it with no input at all.
ONE = """
read -r word rest
[ -n "$word" ] || exit 1
echo "begin $TINYTOWN_TURN_EPOCH" >> "marks/$TINYTOWN_AGENT_NAME"
case $word in
poison-*) echo "died $word" >> "marks/$TINYTOWN_AGENT_NAME"; kill -9 $PPID; sleep 60;;
esac
echo "did $word" >> "marks/$TINYTOWN_AGENT_NAME"
echo "end $TINYTOWN_TURN_EPOCH" >> "marks/$TINYTOWN_AGENT_NAME"
"""

MANY = """
echo "begin $TINYTOWN_TURN_EPOCH" >> "marks/$TINYTOWN_AGENT_NAME"
while read -r word rest; do
case $word in
chaos-*) echo "did $word" >> "marks/$TINYTOWN_AGENT_NAME";;
"##") case $rest in Also*) break;; esac;;
esac
done
echo "end $TINYTOWN_TURN_EPOCH" >> "marks/$TINYTOWN_AGENT_NAME"
"""


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """What the programs of all turns wrote down.

    Attributes:
        done: how often each task was done.
        deaths: how often each poisoned task killed its worker.
        overlaps: turns that did something after a later turn of their agent had begun.
    """

    done: Counter[str]
    deaths: Counter[str]
    overlaps: list[str]

    @classmethod
    def read(cls, root: Path) -> Marks:
        """Read the marks of all agents."""
        marks = cls(done=Counter(), deaths=Counter(), overlaps=[])
        for file in sorted((root / "marks").iterdir()):
            marks._read_agent(file.name, file.read_text().splitlines())
        return marks

    def _read_agent(self, agent: str, lines: list[str]) -> None:
        newest = 0
        for line in lines:
            word, what = line.split()
            if word == "did":
                self.done[what] += 1
            elif word == "died":
                self.deaths[what] += 1
            elif word == "begin":
                if int(what) <= newest:
                    self.overlaps.append(f"{agent}: turn {what} began after turn {newest}")
                newest = max(newest, int(what))
            elif int(what) != newest:
                self.overlaps.append(f"{agent}: turn {what} ended while turn {newest} ran")


def install(root: Path) -> None:
    """Put the programs into the town's folder."""
    (root / "one.sh").write_text(ONE)
    (root / "many.sh").write_text(MANY)
    (root / "marks").mkdir()


def text(number: int, *, poison: bool) -> str:
    """What the task says; its first word is what the program makes a mark of."""
    return f"{'poison' if poison else 'chaos'}-{number} is to be done"
