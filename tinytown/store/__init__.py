"""Redis, and nothing else knows it: one class for each noun, all on one connection."""
