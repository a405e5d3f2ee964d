"""Stands in for a coding CLI in the demonstration, and runs on its own: nothing but the standard library.

It is given the prompt on standard input, as claude or codex would be, finds
the tasks in it, does them in the working directory, and reports each with
`tt task complete`. What a model would think of, it knows by heart.
"""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["do", "fix", "main", "review", "tell", "write"]

THINKING_SECONDS = 0.4
TASK = re.compile(
    r"^- Task id: `(?P<id>[0-9a-f-]{36})`$.*?^--- task (?P<mark>\w+) ---\n(?P<text>.*?)\n--- end of task (?P=mark) ---$",
    re.MULTILINE | re.DOTALL,
)
LATER = "\n## Also yours"
"""What comes from here on has a turn of its own."""

FIRST_DRAFTS = {
    "slugs.py": '''"""Titles as they may stand in an address."""


def slug(text: str) -> str:
    """The text in small letters, with dashes for blanks."""
    return text.lower().replace(" ", "-")
''',
    "prices.py": '''"""What a basket costs."""


def total(prices: list[int], discount: int = 0) -> int:
    """The sum of the prices in cents, less so many percent."""
    return sum(prices) * (100 - discount) // 100
''',
    "test_slugs.py": """import unittest

from slugs import slug


class Slugs(unittest.TestCase):
    def test_blanks_become_dashes(self):
        self.assertEqual(slug("My First Post"), "my-first-post")

    def test_punctuation_is_left_out(self):
        self.assertEqual(slug("Hello, World!"), "hello-world")
""",
    "test_prices.py": """import unittest

from prices import total


class Prices(unittest.TestCase):
    def test_prices_add_up(self):
        self.assertEqual(total([199, 301]), 500)

    def test_a_discount_is_taken_off(self):
        self.assertEqual(total([1000], discount=15), 850)
""",
}

CORRECTIONS = {
    "slugs.py": (
        ('"""Titles as they may stand in an address."""\n', '"""Titles as they may stand in an address."""\n\nimport re\n'),
        ('text.lower().replace(" ", "-")', '"-".join(re.findall(r"[a-z0-9]+", text.lower()))'),
    )
}


def write(name: str, _text: str) -> str:
    """Write the first draft of a file."""
    Path(name).write_text(FIRST_DRAFTS[name], encoding="utf-8")
    return f"wrote {name}, {len(FIRST_DRAFTS[name].splitlines())} lines"


def fix(name: str, text: str) -> str:
    """Correct a file for which a failed test is quoted in the task."""
    failure = re.search(r"AssertionError: (.*)", text)
    if failure is None:
        raise LookupError("the task quotes no failed test")
    code = Path(name).read_text(encoding="utf-8")
    for old, new in CORRECTIONS[name]:
        code = code if new in code else code.replace(old, new)
    Path(name).write_text(code, encoding="utf-8")
    return f"fixed {name}: {failure[1].strip()}"


def review(name: str, _text: str) -> str:
    """Read a file, run its tests, and write down what was found."""
    functions = [node for node in ast.walk(ast.parse(Path(name).read_text(encoding="utf-8"))) if isinstance(node, ast.FunctionDef)]
    silent = [node.name for node in functions if ast.get_docstring(node) is None]
    tests = subprocess.run([sys.executable, "-m", "unittest", f"test_{name[:-3]}"], capture_output=True, text=True, check=False)
    verdict = "approved" if tests.returncode == 0 and not silent else "sent back"
    found = f"{name} {verdict}: tests {'fail' if tests.returncode else 'pass'}, {len(functions) - len(silent)}/{len(functions)} documented"
    Path(f"REVIEW-{name[:-3]}.md").write_text(f"# Review\n\n{found}\n", encoding="utf-8")
    tell("dora", found)
    return found


WORK: dict[str, Callable[[str, str], str]] = {"Write": write, "Fix": fix, "Review": review}


def tell(agent: str, text: str) -> None:
    """Let another agent know, in its next turn."""
    subprocess.run(["tt", "send", agent, text, "--info"], check=False)


def do(text: str) -> str:
    """Do one task; its first words say what it is about."""
    found = re.match(r"(Write|Fix|Review) (\w+\.py)\b", text)
    if found is None:
        raise LookupError(f"this is not in my part: {text.splitlines()[0]}")
    time.sleep(THINKING_SECONDS)
    return WORK[found[1]](found[2], text)


def main() -> int:
    """Do what the prompt asks for and report each task."""
    tasks = [(found["id"], found["text"]) for found in TASK.finditer(sys.stdin.read().partition(LATER)[0])]
    sys.stdout.write(f"found {len(tasks)} task(s) in the prompt\n")
    sys.stdout.flush()
    for task, text in tasks:
        try:
            words = ["complete", task, "--result", do(text)]
        except LookupError as error:
            words = ["fail", task, "--reason", str(error)]
        subprocess.run(["tt", "task", *words], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
