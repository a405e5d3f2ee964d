"""What a name or a command given as an agent's program comes to mean."""

from __future__ import annotations

import msgspec
import pytest

from tinytown.errors import InvalidValue
from tinytown.presets import BUILTIN, Completion, Delivery, Input, resolve


def test_nine_programs_are_known_by_name() -> None:
    assert set(BUILTIN) == {"claude", "auggie", "codex", "codex-mini", "aider", "gemini", "copilot", "cursor", "shell"}


@pytest.mark.parametrize(
    ("name", "argv"),
    [
        ("claude", ["claude", "--print", "--dangerously-skip-permissions"]),
        ("codex", ["codex", "exec", "--dangerously-bypass-approvals-and-sandbox", "--skip-git-repo-check"]),
        ("gemini", ["gemini", "--approval-mode=yolo"]),
        ("copilot", ["copilot", "--allow-all-tools", "--allow-all-paths", "--no-ask-user"]),
        ("cursor", ["cursor-agent", "--print", "--force", "--trust", "--output-format", "text"]),
        ("shell", ["sh", "-s"]),
    ],
)
def test_presets_never_stop_to_ask(name: str, argv: list[str]) -> None:
    assert list(resolve(name).argv) == argv


def test_aider_cannot_report_so_its_exit_completes_its_task() -> None:
    aider = resolve("aider")

    assert (aider.input, aider.deliver, aider.completes) == (Input.TASK, Delivery.FILE, Completion.EXIT)
    assert aider.prompt_flag == "--message-file"
    assert "--message" not in aider.argv


def test_the_shell_takes_the_bare_task_on_standard_input() -> None:
    shell = resolve("shell")

    assert (shell.input, shell.deliver, shell.completes) == (Input.TASK, Delivery.STDIN, Completion.EXIT)


def test_blank_means_the_default() -> None:
    assert resolve("  ").name == "claude"
    assert resolve("", default="gemini").name == "gemini"


def test_a_command_keeps_its_flags_and_its_programs_manners() -> None:
    preset = resolve("/opt/bin/claude --print --model opus")

    assert preset.argv == ("/opt/bin/claude", "--print", "--model", "opus")
    assert (preset.input, preset.deliver, preset.completes) == (Input.PROMPT, Delivery.STDIN, Completion.REPORT)


def test_a_command_of_codex_does_not_get_the_model_of_codex_mini() -> None:
    assert resolve("codex exec --full-auto").argv == ("codex", "exec", "--full-auto")


def test_aider_given_as_a_command_still_gets_its_message_as_a_file() -> None:
    preset = resolve("aider --yes-always --model sonnet")

    assert (preset.deliver, preset.prompt_flag) == (Delivery.FILE, "--message-file")


def test_an_unknown_program_is_given_the_prompt_and_reports() -> None:
    preset = resolve("my-agent 'two words' --x")

    assert preset.argv == ("my-agent", "two words", "--x")
    assert (preset.input, preset.deliver, preset.completes) == (Input.PROMPT, Delivery.STDIN, Completion.REPORT)


@pytest.mark.parametrize("command", ["sh", "bash -s", "/bin/sh -eu -s"])
def test_a_shell_that_reads_its_commands_is_given_bare_tasks(command: str) -> None:
    assert resolve(command).input is Input.TASK


@pytest.mark.parametrize("command", ["sh -c 'claude --print | tee log'", "bash agent.sh"])
def test_a_shell_with_a_script_of_its_own_is_given_the_prompt(command: str) -> None:
    preset = resolve(command)

    assert (preset.input, preset.completes) == (Input.PROMPT, Completion.REPORT)


@pytest.mark.parametrize(("command", "deliver"), [("agent --do {prompt}", Delivery.ARGUMENT), ("agent --in={file}", Delivery.FILE)])
def test_the_place_in_the_command_says_how_it_is_given(command: str, deliver: Delivery) -> None:
    assert resolve(command).deliver is deliver


def test_variables_before_the_program_go_into_its_environment() -> None:
    preset = resolve("LEVEL=high gemini --yolo")

    assert preset.argv == ("gemini", "--yolo")
    assert preset.env["LEVEL"] == "high"


def test_a_string_in_the_settings_is_a_command() -> None:
    preset = resolve("mine", {"mine": "claude --print --verbose"})

    assert preset.name == "mine"
    assert preset.argv == ("claude", "--print", "--verbose")


def test_a_table_in_the_settings_changes_only_what_it_names() -> None:
    preset = resolve("claude", {"claude": {"timeout_secs": 60, "env": {"A": "b"}, "workdir": "src"}})

    assert preset.argv == BUILTIN["claude"].argv
    assert preset.timeout is not None
    assert preset.timeout.total_seconds() == 60
    assert (preset.env, preset.workdir) == ({"A": "b"}, "src")


def test_a_table_may_come_as_a_struct_with_absent_members() -> None:
    class Entry(msgspec.Struct):
        command: str | None = None
        completes: str | None = None
        model: str | msgspec.UnsetType = msgspec.UNSET

    assert resolve("claude", {"claude": Entry(completes="exit")}).completes is Completion.EXIT


def test_an_entry_may_build_on_a_preset_by_its_name() -> None:
    preset = resolve("careful", {"careful": {"command": "claude", "model": "opus"}})

    assert preset.argv == ("claude", "--print", "--dangerously-skip-permissions", "--model", "opus")


def test_a_renamed_preset_with_another_command_keeps_its_manners() -> None:
    preset = resolve("aider", {"aider": "wrapper --go"})

    assert preset.argv == ("wrapper", "--go")
    assert preset.prompt_flag == "--message-file"


@pytest.mark.parametrize(
    ("reference", "argv"),
    [
        ("claude", ["--model", "opus"]),
        ("codex-mini", ["-m", "opus"]),
        ("cursor", ["--model", "opus"]),
    ],
)
def test_a_model_is_chosen_with_the_programs_own_option(reference: str, argv: list[str]) -> None:
    preset = resolve(reference, model="opus")

    assert list(preset.argv[-2:]) == argv
    assert "gpt-5.4-mini" not in preset.argv


@pytest.mark.parametrize(
    ("reference", "entries", "model", "words"),
    [
        ("shell", {}, "opus", "no option"),
        ("claude --model haiku", {}, "opus", "already"),
        ("claude", {}, "--evil", "cannot be the name"),
        ("claude 'unfinished", {}, None, "split into words"),
        ("claude --print | tee log", {}, None, "without a shell"),
        ("A=b", {}, None, "no program"),
        ("''", {}, None, "no program"),
        ("mine", {"mine": {}}, None, "needs a command"),
        ("mine", {"mine": {"command": "x", "delivers": "stdin"}}, None, "delivers"),
        ("mine", {"mine": {"command": "x", "deliver": "pigeon"}}, None, "pigeon"),
        ("mine", {"mine": {"command": "x", "timeout_secs": -1}}, None, "negative"),
        ("mine", {"mine": 7}, None, "command"),
    ],
)
def test_what_makes_no_sense_is_refused_with_the_reason(reference: str, entries: dict[str, object], model: str | None, words: str) -> None:
    with pytest.raises(InvalidValue, match=words):
        resolve(reference, entries, model=model)


def test_the_refusal_names_the_entry_that_is_wrong() -> None:
    with pytest.raises(InvalidValue, match=r"agent_clis\.mine"):
        resolve("mine", {"mine": {"command": ""}})
