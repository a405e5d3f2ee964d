"""Measurements, in the words of Prometheus."""
