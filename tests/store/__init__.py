"""The store and the services against a model of them."""
