"""Townhall: who may call it, and what it answers."""
