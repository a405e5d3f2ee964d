"""The bench: how quick a town is, measured and not promised."""
