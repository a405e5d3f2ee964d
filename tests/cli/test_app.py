"""What surrounds every command: global options, errors, exit codes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.waiting import wait_until
from tinytown.cli.app import run
from tinytown.cli.commands import COMMANDS, Row

Captured = pytest.CaptureFixture[str]
TT = [sys.executable, "-m", "tinytown.cli.main"]


@pytest.fixture(autouse=True)
def _sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(COMMANDS, "sample", Row("sample", "tests.cli.sample:sample", ""))


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["sample"], "town=None verbose=False json=False"),
        (["--town", "here", "sample"], "town=here verbose=False json=False"),
        (["sample", "-t", "there", "-v", "--json"], "town=there verbose=True json=True"),
        (["-t", "here", "-v", "sample", "-t", "there"], "town=there verbose=True json=False"),
        (["-v", "sample"], "town=None verbose=True json=False"),
    ],
)
def test_global_options_stand_before_or_after_the_command(arguments: list[str], printed: str, capsys: Captured) -> None:
    code = run(arguments)

    assert (code, capsys.readouterr().out.strip()) == (0, printed)


@pytest.mark.parametrize(
    ("fail", "code", "sentence"),
    [
        ("not-found", 3, "tt: no agent named 'bob'; `tt list` shows the agents of this town\n"),
        ("conflict", 4, "tt: an agent named 'bob' already exists; choose another name, or `tt restart bob`\n"),
        ("refused", 2, "tt: 'a b' cannot be an agent name: no blanks\n"),
        ("timed-out", 1, "tt: the task did not happen within 5 s\n"),
        ("unavailable", 5, "tt: cannot reach Redis at unix:///nowhere: connection refused\n"),
        ("disk-full", 1, "tt: /town/.tt/logs/ada.log: No space left on device\n"),
        ("surprise", 1, "tt: unexpected ValueError: first line second line; --verbose shows where\n"),
        ("root", 1, "tt: a plain one\n"),
    ],
)
def test_an_error_is_a_sentence_and_an_exit_code(fail: str, code: int, sentence: str, capsys: Captured) -> None:
    answer = run(["sample", "--fail", fail])

    printed = capsys.readouterr()
    assert (answer, printed.out, printed.err) == (code, "", sentence)


@pytest.mark.parametrize(
    ("arguments", "code", "name"),
    [
        (["sample", "--fail", "not-found", "--json"], 3, "agent_not_found"),
        (["sample", "--fail", "surprise", "--json"], 1, "unexpected"),
        (["sample", "--fail", "disk-full", "--json"], 1, "system"),
        (["sample", "--nonsense", "--json"], 2, "usage"),
        (["--json"], 2, "usage"),
    ],
)
def test_with_json_an_error_is_one_object_on_stderr(arguments: list[str], code: int, name: str, capsys: Captured) -> None:
    answer = run(arguments)

    printed = capsys.readouterr()
    error = json.loads(printed.err)["error"]
    assert (answer, printed.out, error["code"]) == (code, "", name)
    assert error["message"]


def test_a_traceback_is_shown_with_verbose_only(capsys: Captured) -> None:
    run(["sample", "--fail", "surprise", "-v"])
    verbose = capsys.readouterr().err
    run(["sample", "--fail", "surprise"])
    quiet = capsys.readouterr().err

    assert "Traceback" in verbose
    assert "Traceback" not in quiet


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["samplle"], "no such command: 'samplle'; did you mean sample"),
        (["sample", "--fial", "x"], "--fail"),
        (["sample", "--fail", "moon"], "'moon' is not one of"),
        (["xyzzy"], "no such command: 'xyzzy'\n"),
    ],
)
def test_a_misspelt_call_is_told_what_was_meant(arguments: list[str], hint: str, capsys: Captured) -> None:
    code = run(arguments)

    printed = capsys.readouterr()
    assert code == 2
    assert printed.out == ""
    assert printed.err.startswith("tt: ")
    assert hint in printed.err
    assert "--help' for help" in printed.err


def test_without_a_command_the_help_goes_to_stderr(capsys: Captured) -> None:
    code = run([])

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert printed.err.startswith("Usage: tt")


def test_the_help_lists_every_command_in_its_section(capsys: Captured) -> None:
    code = run(["-h"])

    text = capsys.readouterr().out
    assert code == 0
    assert text.index("Town:") < text.index("Agents:") < text.index("Work:") < text.index("Repair:")
    assert all(f"\n  {name} " in text for name in COMMANDS if name != "sample")


def test_ctrl_c_ends_quietly_with_130(capsys: Captured) -> None:
    code = run(["sample", "--fail", "ctrl-c"])

    printed = capsys.readouterr()
    assert (code, printed.out, printed.err.strip()) == (130, "", "")


def test_a_closed_pipe_ends_quietly(place: Path) -> None:
    with subprocess.Popen([*TT, "--help"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=place) as process:
        assert process.stdout is not None
        process.stdout.close()
        _, complaints = process.communicate(timeout=30)

    assert complaints == b""
    assert process.returncode in {1, 141}


def test_a_pipe_that_closes_under_a_command_ends_quietly(place: Path) -> None:
    code = "import sys; from tinytown.cli.commands import COMMANDS, Row\n"
    code += "COMMANDS['sample'] = Row('sample', 'tests.cli.sample:sample', '')\n"
    code += "from tinytown.cli.app import run; sys.exit(run(['sample', '--fail', 'closed-pipe']))"

    result = subprocess.run(
        [sys.executable, "-c", code], cwd=place, env={**os.environ, "PYTHONPATH": _root()}, capture_output=True, check=False, timeout=30
    )

    assert (result.returncode, result.stderr) == (141, b"")


def test_ctrl_c_while_waiting_ends_the_process_with_130(place: Path) -> None:
    code = "from tinytown.cli.main import main; import sys, tinytown.cli.app as app, threading\n"
    code += "def run(*arguments): print('ready', flush=True); threading.Event().wait(60)\n"
    code += "app.run = run; main()"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=place) as process:
        assert process.stdout is not None
        wait_until(process.stdout.readline)

        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=30)

    assert (process.returncode, complaints) == (130, b"")


def test_no_color_is_heeded_on_a_terminal(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    run(["sample"])
    coloured = capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")

    run(["sample"])

    assert "\x1b[32m" in coloured
    assert "\x1b" not in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_for_each_shell(shell: str, capsys: Captured) -> None:
    code = run(["completion", shell])

    assert code == 0
    assert "_TT_COMPLETE" in capsys.readouterr().out


def test_the_tab_key_finds_commands_without_importing_them(place: Path) -> None:
    environment = {**os.environ, "_TT_COMPLETE": "bash_complete", "COMP_WORDS": "tt re", "COMP_CWORD": "1"}

    result = subprocess.run([_tt()], cwd=place, env=environment, capture_output=True, text=True, check=False, timeout=30)

    found = {line.split(",")[1] for line in result.stdout.split()}
    assert found == {name for name in COMMANDS if name.startswith("re")}


def _tt() -> str:
    return str(Path(sys.executable).parent / "tt")


def _root() -> str:
    return str(Path(__file__).resolve().parents[2])
