"""The way to a town elsewhere."""
