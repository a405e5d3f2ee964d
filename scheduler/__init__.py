"""The clock: what happens by the passing of time, on one machine at once."""
