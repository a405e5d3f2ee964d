"""The deletion cost: Kubernetes is told which pod it should rather not remove when it scales down."""

from __future__ import annotations

import logging
from collections.abc import Callable

from tinytown.errors import Refused, Unavailable
from tinytown.pod import Pod

__all__ = ["DeletionCost", "cost_of"]

ANNOTATION = "controller.kubernetes.io/pod-deletion-cost"
OF_A_TURN = 100
OF_WHO_GOES_ANYWAY = -100

_log = logging.getLogger(__name__)


def cost_of(turns: int, *, draining: bool) -> int:
    """What the end of a worker costs: nothing while it is idle, and less than that once it takes nothing more.

    A ReplicaSet that shrinks removes the pods that cost least; zero is what one without the annotation costs.
    """
    return OF_WHO_GOES_ANYWAY if draining else OF_A_TURN * turns


class DeletionCost:
    """Keeps the annotation of a pod up to date: told when it changes, and given up when Kubernetes does not allow it.

    Args:
        pod: whose.
        cost: what it is at this moment.
    """

    def __init__(self, pod: Pod, cost: Callable[[], int]) -> None:
        self._pod = pod
        self._cost = cost
        self._told: int | None = None
        self._is_refused = False
        self._is_away = False

    def tell(self) -> None:
        """Tell Kubernetes if it does not know yet; whatever goes wrong is said once, and costs the worker nothing."""
        cost = self._cost()
        if self._is_refused or cost == self._told:
            return
        try:
            self._pod.annotate({ANNOTATION: str(cost)})
        except Unavailable as error:
            if not self._is_away:
                _log.warning("the deletion cost of this pod will be told later: %s", error, extra={"action": "pod.away"})
            self._is_away = True
        except Refused as error:
            text = "the deletion cost of this pod is not kept, so that a scale-down may pick a busy one: %s; its role needs `patch` on pods"
            _log.warning(text, error, extra={"action": "pod.refused"})
            self._is_refused = True
        else:
            if self._is_away:
                _log.info("the deletion cost of this pod is told again", extra={"action": "pod.back"})
            self._told, self._is_away = cost, False
