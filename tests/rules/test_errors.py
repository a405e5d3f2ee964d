"""The error tree: drawn as it is, and fit for queues and scripts."""

from __future__ import annotations

import inspect
import pickle
import re

import pytest

from tinytown import errors
from tinytown.errors import TownError

CLASSES = [value for _, value in inspect.getmembers(errors, inspect.isclass) if issubclass(value, TownError)]
EXIT_CODES = {1, 2, 3, 4, 5}

each_error = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def test_the_drawing_shows_the_classes_and_their_parents() -> None:
    assert errors.__doc__ is not None
    drawn: dict[str, str] = {}
    path: list[str] = []
    for line in errors.__doc__.splitlines():
        found = re.match(r"^([│├└─ ]*)([A-Z]\w+)( |$)", line)
        if found is None or (len(found[1]) == 0 and found[2] != "TownError"):
            continue
        depth = len(found[1]) // 4
        path[depth:] = [found[2]]
        drawn[found[2]] = path[depth - 1] if depth else "Exception"

    assert drawn == {kind.__name__: kind.__bases__[0].__name__ for kind in CLASSES}


def test_every_error_is_public() -> None:
    assert sorted(errors.__all__) == sorted(kind.__name__ for kind in CLASSES)


@each_error
def test_an_error_has_a_code_and_an_exit_code(kind: type[TownError]) -> None:
    assert re.fullmatch(r"[a-z_]+", kind.code)
    assert kind.exit_code in EXIT_CODES
    assert 400 <= kind.status < 600


def test_codes_tell_errors_apart() -> None:
    codes = [kind.code for kind in CLASSES]

    assert len(set(codes)) == len(codes)


@each_error
def test_an_error_survives_a_queue(kind: type[TownError]) -> None:
    error = kind(*_arguments(kind))

    again = pickle.loads(pickle.dumps(error))

    assert type(again) is kind
    assert str(again) == str(error)
    assert vars(again) == vars(error)


@each_error
def test_the_sentence_mentions_what_it_is_about(kind: type[TownError]) -> None:
    error = kind(*_arguments(kind))

    assert all(f"<{name}>" in str(error) for name, value in vars(error).items() if isinstance(value, str))


def _arguments(kind: type[TownError]) -> list[object]:
    if not any("__init__" in vars(parent) for parent in kind.__mro__ if issubclass(parent, TownError)):
        return []
    parameters = list(inspect.signature(kind.__init__).parameters.values())[1:]
    samples: dict[str, object] = {"int": 7, "float": 2.5, "tuple[str, ...]": ("one", "two")}
    return [samples.get(str(parameter.annotation), f"<{parameter.name}>") for parameter in parameters]
