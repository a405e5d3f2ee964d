"""What the store and the services promise, on every way to a Redis."""
