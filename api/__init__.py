"""Townhall: the HTTP control plane."""
