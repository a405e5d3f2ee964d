"""Where `tt` starts; imports nothing until Ctrl-C is dealt with."""

from __future__ import annotations

import gc
import sys

__all__ = ["main", "townhall"]


def main() -> None:
    """Run `tt` with the arguments of this process and exit."""
    _run("tt")


def townhall() -> None:
    """Run `townhall` with the arguments of this process and exit."""
    _run("townhall")


def _run(program: str) -> None:
    gc.set_threshold(50_000)  # loading modules makes no garbage; looking for it all the same costs 2 ms
    try:
        from tinytown.cli.app import run

        sys.exit(run(sys.argv[1:], program))
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        gc.freeze()  # what is alive now goes with the process; going through it once more costs 7 ms


if __name__ == "__main__":
    main()
