"""Missions, on a rehearsal: no worker, no network, and a clock in our hand."""
