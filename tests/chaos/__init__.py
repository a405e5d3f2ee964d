"""Chaos: a town whose processes die all the time, and the count of what it lost, which must be nothing."""
