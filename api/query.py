"""Queries: the parameters behind the question mark, made what the operation takes."""

from __future__ import annotations

from typing import Any, get_args, get_origin
from urllib.parse import parse_qsl

import msgspec

from tinytown.api.body import faults_of
from tinytown.api.problems import Fault, Refusal

__all__ = ["parsed"]

MOST_PARAMETERS = 50


def parsed(query_string: str, kind: type[msgspec.Struct] | None, *, ignored: frozenset[str] = frozenset()) -> msgspec.Struct | None:
    """The value that a query stands for; None when the operation takes none.

    Args:
        query_string: as it was sent, without the question mark.
        kind: what the operation takes.
        ignored: parameters that others read, such as a key.

    Raises:
        Refusal: a parameter is unknown, given twice, or not what is taken.
    """
    given = _pairs(query_string, ignored)
    fields = {} if kind is None else {field.encode_name: field for field in msgspec.structs.fields(kind)}
    unknown = sorted(set(given) - set(fields))
    if unknown:
        known = f"There is {', '.join(sorted(fields))}." if fields else "This operation takes none."
        raise _refused(unknown[0], f"There is no such parameter. {known}")
    if kind is None:
        return None
    data: dict[str, Any] = {}
    for name, values in given.items():
        if get_origin(fields[name].type) is tuple or tuple in {get_origin(part) for part in get_args(fields[name].type)}:
            data[name] = values
        elif len(values) > 1:
            raise _refused(name, "It is given more than once.")
        else:
            data[name] = values[0]
    try:
        found = msgspec.convert(data, kind, strict=False)
    except msgspec.ValidationError as error:
        fault = faults_of(error)[0]
        name = (fault.pointer or "").strip("/").partition("/")[0]
        raise _refused(name, fault.detail) from error
    for name in data:  # "null" is read as nothing, which is said by leaving a parameter out
        if getattr(found, fields[name].name) is None:
            raise _refused(name, "It has no value; leave it out.")
    return found


def _pairs(query_string: str, ignored: frozenset[str]) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(query_string, keep_blank_values=True, max_num_fields=MOST_PARAMETERS, errors="strict")
    except (ValueError, UnicodeDecodeError) as error:
        raise Refusal(400, f"The query cannot be read: it must be UTF-8, with {MOST_PARAMETERS} parameters at most.") from error
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in ignored:
            given.setdefault(name, []).append(value)
    return given


def _refused(name: str, why: str) -> Refusal:
    return Refusal(422, f"The parameter {name!r} does not fit; `errors` says why.", errors=(Fault(parameter=name, detail=why),))
