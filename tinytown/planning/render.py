"""A plan as people and programs see it before anything runs: text, Mermaid, JSON."""

from __future__ import annotations

from typing import Any

import msgspec

from tinytown.planning.graph import Plan, PlannedItem, layers

__all__ = ["to_json", "to_mermaid", "to_text"]

_SHAPES = {"design": ("([", "])"), "review": ("{{", "}}"), "merge_gate": ("{{", "}}")}
_ESCAPED = {"#": "#35;", '"': "#quot;", "<": "#lt;", ">": "#gt;", "`": "#96;", "\\": "#92;"}


def to_text(plan: Plan) -> str:
    """The plan for a terminal: step by step, with what each item waits for."""
    steps = layers(plan.items)
    lines = [_counted(plan, len(steps))]
    width = max((len(item.key) for item in plan.items), default=0)
    for number, step in enumerate(steps, start=1):
        lines += ["", f"Step {number}"]
        for item in step:
            lines.append(f"  {item.key:<{width}}  {item.title}")
            lines += [f"  {'':<{width}}  {remark}" for remark in _remarks(item)]
    if plan.policy:
        lines += ["", "Policy: " + ", ".join(f"{name} = {_plain(value)}" for name, value in plan.policy.items())]
    if plan.warnings:
        lines += ["", *(f"Warning: {warning}" for warning in plan.warnings)]
    return "\n".join(lines)


def to_mermaid(plan: Plan) -> str:
    """The plan as a Mermaid flow chart; what is outside of the mission is dashed."""
    names = {item.key: f"n{at}" for at, item in enumerate(plan.items, start=1)}
    outside = {ref.key: ref for item in plan.items for ref in item.externals}
    others = {key: f"x{at}" for at, key in enumerate(outside, start=1)}
    lines = ["flowchart TD"]
    for item in plan.items:
        opening, closing = _SHAPES.get(item.kind.value, ("[", "]"))
        about = item.kind.value if item.role is None else f"{item.kind.value}, {item.role}"
        lines.append(f'    {names[item.key]}{opening}"{_escaped(item.key)}<br/>{_escaped(item.title)}<br/>({_escaped(about)})"{closing}')
    lines += [f'    {others[key]}["{_escaped(str(ref))}"]:::external' for key, ref in outside.items()]
    for item in plan.items:
        lines += [f"    {names[key]} --> {names[item.key]}" for key in item.depends_on]
        lines += [f"    {others[ref.key]} -.-> {names[item.key]}" for ref in item.externals]
    if outside:
        lines.append("    classDef external stroke-dasharray: 5 5")
    return "\n".join(lines)


def to_json(plan: Plan) -> dict[str, Any]:
    """The plan as the members of a JSON object; items have the number of their step."""
    step = {item.key: number for number, layer in enumerate(layers(plan.items), start=1) for item in layer}
    return {
        "objectives": [str(objective) for objective in plan.objectives],
        "items": [_members(item) | {"step": step[item.key]} for item in plan.items],
        "warnings": list(plan.warnings),
        "policy": dict(plan.policy),
    }


def _members(item: PlannedItem) -> dict[str, Any]:
    members: dict[str, Any] = msgspec.to_builtins(item)
    return members | {"externals": [{"ref": str(ref), "url": ref.url} for ref in item.externals]}


def _counted(plan: Plan, steps: int) -> str:
    outside = len({ref.key for item in plan.items for ref in item.externals})
    counts = [(len(plan.items), "item"), (steps, "step"), (outside, "issue")]
    items, in_steps, issues = (f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
    return f"{items} in {in_steps}" + (f", waiting for {issues} outside of the mission" if outside else "")


def _remarks(item: PlannedItem) -> list[str]:
    about = [item.kind.value.replace("_", " ")]
    about += [] if item.role is None else [f"for {item.role}"]
    about += [f"priority {item.priority}"] if item.priority else []
    remarks = [", ".join(about)]
    if item.depends_on:
        remarks.append(f"after {', '.join(item.depends_on)}")
    if item.externals:
        remarks.append(f"waits for {', '.join(map(str, item.externals))} (outside of the mission)")
    return remarks


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _escaped(text: str) -> str:
    return "".join(_ESCAPED.get(each, each) for each in text)
