"""Dramatiq on Redis without its losses: the broker that rings agents and runs what they are rung for."""

from __future__ import annotations

from tinytown.broker.broker import AGENTS, CONTROL, CONTROL_THREADS, TownBroker, build_broker, namespace_of
from tinytown.broker.client import redis_client
from tinytown.broker.dead_letters import BuriedMessage, DeadLetters
from tinytown.broker.keys import BrokerKeys
from tinytown.broker.maintenance import Maintenance, Upkeep
from tinytown.broker.transport import Taken, Transport

__all__ = [
    "AGENTS",
    "CONTROL",
    "CONTROL_THREADS",
    "BrokerKeys",
    "BuriedMessage",
    "DeadLetters",
    "Maintenance",
    "Taken",
    "TownBroker",
    "Transport",
    "Upkeep",
    "build_broker",
    "namespace_of",
    "redis_client",
]
