"""Tests of the runner, with real child processes."""
