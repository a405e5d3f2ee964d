"""The scaling signal: what autoscalers start and stop workers by."""

from __future__ import annotations

import hmac
from typing import Annotated

import msgspec

from tinytown.api.call import Call
from tinytown.api.operation import Tag
from tinytown.api.problems import Fault, Refusal
from tinytown.api.requests.scaling import ScalingQuery
from tinytown.domain.scaling import OneNumber, ScalingSignal
from tinytown.errors import NotFound, QueueNotFound, Unauthenticated

__all__ = ["HireFireMetric", "scaling"]

scaling = Tag("Scaling", "How much there is to do, for whoever starts and stops workers.")


class HireFireMetric(msgspec.Struct, frozen=True, kw_only=True):
    """A process type and its number."""

    name: Annotated[str, msgspec.Meta(examples=["worker"])]
    value: float
    """How much there is to do."""


@scaling.get("/api/scaling", id="scalingSignal", is_probe=True, refuses=(QueueNotFound,))
def get_scaling_signal(call: Call, query: ScalingQuery) -> ScalingSignal | OneNumber:
    """Show how much there is to do, and how many workers should do it.

    With `queue` or `role` the answer is about that alone, with its number as `value`.
    503 while Redis does not answer, and never zeros: an autoscaler must not take an outage for idleness.
    """
    if query.queue is not None and query.role is not None:
        fault = Fault(parameter="role", detail="not together with queue")
        raise Refusal(422, "The parameters 'queue' and 'role' exclude each other.", errors=(fault,))
    if query.queue is not None:
        return call.town.scaling.for_queue(query.queue)
    return call.town.scaling.signal() if query.role is None else call.town.scaling.for_role(query.role)


@scaling.get("/hirefire/{token}/info", id="hireFireInfo", refuses=(NotFound,))
def get_hirefire_info(call: Call, token: str) -> tuple[HireFireMetric, ...]:
    """Tell HireFire how much there is to do for the process type `worker`.

    The token is the town's HIREFIRE_TOKEN, or an API key with `scaling.read`. Where neither is asked for
    elsewhere, because probes are public and no token is set, any will do.
    """
    _check_token(call, token)
    return (HireFireMetric(name="worker", value=float(call.town.scaling.signal().queue_depth)),)


def _check_token(call: Call, token: str) -> None:
    """Refuse a wrong token as if there were nothing at this path.

    Raises:
        NotFound: it is wrong.
    """
    settings = call.hall.settings
    own = settings.hirefire_token
    if own is not None and hmac.compare_digest(own.encode(), token.encode("utf-8", "replace")):
        return
    if own is None and settings.public_probes:
        return
    try:
        if call.hall.gate.knows(token, call.request):
            return
    except Unauthenticated:
        pass
    raise NotFound("hirefire")
