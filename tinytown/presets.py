"""The coding programs that are known by name, and how a name or a command becomes one to run."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from datetime import timedelta
from enum import StrEnum

import msgspec

from tinytown.errors import InvalidValue

__all__ = ["BUILTIN", "DEFAULT_CLI", "Completion", "Delivery", "Input", "Preset", "resolve"]

DEFAULT_CLI = "claude"


class Input(StrEnum):
    """What a program is given to read."""

    PROMPT = "prompt"
    """The composed prompt: tasks, messages, and the commands to answer with."""
    TASK = "task"
    """The bare text of one task."""


class Delivery(StrEnum):
    """How a program is given it."""

    STDIN = "stdin"
    """On standard input, which is closed behind it."""
    FILE = "file"
    """As the name of a file."""
    ARGUMENT = "argument"
    """As an argument."""


class Completion(StrEnum):
    """How a task of the program's turn comes to be completed."""

    REPORT = "report"
    """The agent says so with `tt task complete`."""
    EXIT = "exit"
    """Status 0 completes it, with the end of the output as the result."""


class Preset(msgspec.Struct, frozen=True, kw_only=True):
    """One program that can run turns.

    `prompt_flag` goes before the prompt or the name of its file, unless the
    command has a place for it: `{prompt}` or `{file}`. `model_flag` goes
    before the model; without one no model can be chosen.
    """

    name: str
    command: tuple[str, ...]
    input: Input = Input.PROMPT
    deliver: Delivery = Delivery.STDIN
    completes: Completion = Completion.REPORT
    model: str | None = None
    model_flag: str | None = None
    prompt_flag: str | None = None
    env: dict[str, str] = {}
    workdir: str | None = None
    timeout_secs: float | None = None

    @property
    def argv(self) -> tuple[str, ...]:
        """The command with its model, as yet without the prompt."""
        if self.model is None or self.model_flag is None:
            return self.command
        return (*self.command, self.model_flag, self.model)

    @property
    def timeout(self) -> timedelta | None:
        """The program's own time limit, if it has one; 0 means none."""
        return None if not self.timeout_secs else timedelta(seconds=self.timeout_secs)


_CODEX = ("codex", "exec", "--dangerously-bypass-approvals-and-sandbox", "--skip-git-repo-check")

_PRESETS = (
    Preset(name="claude", command=("claude", "--print", "--dangerously-skip-permissions"), model_flag="--model"),
    Preset(
        name="auggie",
        command=("auggie", "--print"),
        deliver=Delivery.FILE,
        prompt_flag="--instruction-file",
        model_flag="--model",
    ),
    Preset(name="codex", command=_CODEX, model_flag="-m"),
    Preset(
        name="codex-mini",
        command=(*_CODEX, "-c", 'model_reasoning_effort="medium"'),
        model="gpt-5.4-mini",
        model_flag="-m",
    ),
    # aider's --yes-always covers edits but never shell commands, so it cannot call `tt task complete`.
    Preset(
        name="aider",
        command=(
            "aider",
            "--yes-always",
            "--no-auto-commits",
            "--no-check-update",
            "--no-show-release-notes",
            "--no-pretty",
            "--no-stream",
        ),
        input=Input.TASK,
        deliver=Delivery.FILE,
        completes=Completion.EXIT,
        prompt_flag="--message-file",
        model_flag="--model",
    ),
    # In a folder that is not trusted, gemini silently falls back to asking.
    Preset(
        name="gemini",
        command=("gemini", "--approval-mode=yolo"),
        model_flag="--model",
        env={"GEMINI_CLI_TRUST_WORKSPACE": "true"},
    ),
    Preset(name="copilot", command=("copilot", "--allow-all-tools", "--allow-all-paths", "--no-ask-user"), model_flag="--model"),
    Preset(
        name="cursor",
        command=("cursor-agent", "--print", "--force", "--trust", "--output-format", "text"),
        deliver=Delivery.ARGUMENT,
        model_flag="--model",
    ),
    Preset(name="shell", command=("sh", "-s"), input=Input.TASK, completes=Completion.EXIT),
)

BUILTIN: Mapping[str, Preset] = {preset.name: preset for preset in _PRESETS}
"""The nine presets, by name."""

_PROGRAMS = {preset.command[0]: preset for preset in reversed(_PRESETS)}
_SHELLS = frozenset({"sh", "bash", "dash", "ksh", "zsh"})
_SHELL_WORDS = frozenset({"|", "||", "&&", "&", ";", "<", ">", ">>", "2>", "2>&1", "<<"})
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)=(.*)\Z", re.DOTALL)


class _Override(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a settings file may say about a program."""

    name: str | None = None
    command: str | tuple[str, ...] | None = None
    input: Input | None = None
    deliver: Delivery | None = None
    completes: Completion | None = None
    model: str | None = None
    model_flag: str | None = None
    prompt_flag: str | None = None
    env: dict[str, str] | None = None
    workdir: str | None = None
    timeout_secs: float | None = None


def resolve(
    reference: str, overrides: Mapping[str, object] | None = None, *, model: str | None = None, default: str = DEFAULT_CLI
) -> Preset:
    """The program that a reference means.

    A reference is the name of an entry of `overrides`, the name of a preset,
    or else a command, which is run just as it stands; a command of a known
    program is fed and understood as that program's preset is. Blank means
    `default`.

    Args:
        overrides: by name, a command or a table of fields, laid over the preset of that name.
        model: takes the place of the preset's model.

    Raises:
        InvalidValue: the entry, the command or the choice of a model makes no sense.
    """
    wanted = reference.strip()
    if not wanted:
        wanted = default.strip()
    entries = {} if overrides is None else overrides
    if wanted in entries:
        preset = _overridden(wanted, entries[wanted])
    elif wanted in BUILTIN:
        preset = BUILTIN[wanted]
    else:
        preset = _from_command(wanted, f"the command {wanted!r}")
    return preset if model is None else _with_model(preset, model)


def _overridden(name: str, entry: object) -> Preset:
    """The entry of a settings file, over the preset of that name if there is one."""
    field = f"agent_clis.{name}"
    said = _read(field, entry)
    base = _base(name, field, said.command)
    if said.timeout_secs is not None and said.timeout_secs < 0:
        raise InvalidValue(f"{field}.timeout_secs", "a time limit cannot be negative; 0 means none")
    plain = ("input", "deliver", "completes", "model_flag", "prompt_flag", "workdir", "timeout_secs")
    changes = {key: value for key in plain if (value := getattr(said, key)) is not None}
    env = base.env if said.env is None else {**base.env, **said.env}
    preset = msgspec.structs.replace(base, name=name, env=env, **changes)
    return preset if said.model is None else _with_model(preset, said.model)


def _base(name: str, field: str, command: str | tuple[str, ...] | None) -> Preset:
    """What an entry's other fields are laid over."""
    known = BUILTIN.get(name)
    if command is None:
        if known is None:
            raise InvalidValue(field, f"there is no preset of that name, so it needs a command; presets are {', '.join(BUILTIN)}")
        return known
    words = command if isinstance(command, str) else shlex.join(command)
    if words.strip() in BUILTIN:
        return BUILTIN[words.strip()]
    asked = _from_command(words, field)
    return asked if known is None else _commanded(known, asked)


def _read(field: str, entry: object) -> _Override:
    """The entry, checked."""
    if isinstance(entry, str):
        return _Override(command=entry)
    table = msgspec.structs.asdict(entry) if isinstance(entry, msgspec.Struct) else entry
    if not isinstance(table, Mapping):
        raise InvalidValue(field, "it is a command, or a table with a command")
    given = {key: value for key, value in table.items() if value is not None and value is not msgspec.UNSET}
    try:
        return msgspec.convert(given, _Override)
    except msgspec.ValidationError as error:
        raise InvalidValue(field, str(error)) from None


def _from_command(text: str, field: str) -> Preset:
    """The command as a preset; only what its program is known for is added."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise InvalidValue(field, f"cannot be split into words: {error}") from None
    env: dict[str, str] = {}
    while words and (assignment := _ASSIGNMENT.match(words[0])):
        env[assignment[1]] = assignment[2]
        del words[0]
    if not words or not words[0]:
        raise InvalidValue(field, "it names no program")
    if strange := next((word for word in words if word in _SHELL_WORDS), None):
        raise InvalidValue(field, f"it runs without a shell, which alone understands {strange!r}; write sh -c '…' around it")
    return _commanded(_known_as(words), Preset(name=text, command=tuple(words), env=env))


def _program(words: Sequence[str]) -> str:
    """The name of the program, without its folder."""
    return words[0].rpartition("/")[2]


def _known_as(words: Sequence[str]) -> Preset:
    """What is known about the program: how it is fed and understood."""
    program = _program(words)
    if program in _SHELLS:
        # `sh -s` reads its commands as the shell preset does; `sh -c …` and `sh script` are programs of their own.
        return BUILTIN["shell"] if len(words) == 1 or "-s" in words else Preset(name=program, command=())
    return _PROGRAMS.get(program, Preset(name=program, command=()))


def _commanded(known: Preset, asked: Preset) -> Preset:
    """The known preset with another command, which says its model itself."""
    deliver = known.deliver
    if any("{file}" in word for word in asked.command):
        deliver = Delivery.FILE
    elif any("{prompt}" in word for word in asked.command):
        deliver = Delivery.ARGUMENT
    env = {**known.env, **asked.env}
    return msgspec.structs.replace(known, name=asked.name, command=asked.command, deliver=deliver, model=None, env=env)


def _with_model(preset: Preset, model: str) -> Preset:
    """The preset with that model."""
    chosen = model.strip()
    if not chosen or chosen.startswith("-"):
        raise InvalidValue("model", f"{model!r} cannot be the name of a model")
    if preset.model_flag is None:
        raise InvalidValue("model", f"{preset.name} has no option that chooses a model (set model_flag in [agent_clis])")
    flags = {preset.model_flag, "-m", "--model"} if _program(preset.command) in _PROGRAMS else {preset.model_flag}
    if any(word.partition("=")[0] in flags for word in preset.command):
        raise InvalidValue("model", f"the command of {preset.name} names a model already")
    return msgspec.structs.replace(preset, model=chosen)
