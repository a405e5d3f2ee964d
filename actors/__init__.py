"""What workers run: the actors that answer doorbells, and the process around them.

`dramatiq tinytown.actors` works, too, started with an empty `--path` so that
a user's own folder named `tinytown` is not imported in place of this one.
"""

from __future__ import annotations

import sys

if "dramatiq.cli" in sys.modules:  # its command imports this package, and then asks Dramatiq for the global broker
    from tinytown.actors.stock import set_up

    set_up()
